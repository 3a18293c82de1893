/** The sheet: a canvas to write on with pen, touch or mouse. */

import type { Point } from "../recognizer/preprocess.ts";
import { type Contact, type Follower, Pointers } from "./pointers.ts";
import { type Box, boxOf, holds, isTap } from "./selection.ts";

/** Receives what the user does on the sheet. */
export interface SheetListener {
  /** A stroke was written. Points are in CSS pixels from the top left corner inside the canvas's border. */
  wrote(points: Point[]): void;
  /** Strokes were erased, given by their indices. */
  rubbed(indices: number[]): void;
  /** The pointer hovers over a stroke, given by its index, or over none. */
  over(index: number | undefined): void;
  /** While the sheet selects: a line was drawn, and a stroke was near its first point, or none. */
  around?(points: Point[], stroke: number | undefined): void;
  /** The selected strokes were dragged. */
  dragged?(dx: number, dy: number): void;
}

const WIDTH = 2.6; // pixels, width of a line
const DOT = 1.9; // pixels, radius of a dot
const FRAME = 8; // pixels between the selected strokes and their frame
const DASHES = [6, 6]; // pixels
const REACH = 9; // pixels, distance at which the eraser or a hovering pointer touches a stroke

export class Sheet implements Follower {
  /** Whether pointers erase strokes instead of writing. */
  erasing = false;
  /** Whether pointers select strokes instead of writing. A pen's eraser still erases. */
  selecting = false;
  /** The indices of the selected strokes. */
  selected: ReadonlySet<number> = new Set();
  private strokes: readonly (readonly Point[])[] = [];
  private lit: ReadonlySet<number> = new Set();
  private readonly pointers: Pointers;
  private readonly context: CanvasRenderingContext2D;

  /** @param signal Its abort ends the sheet: it hears of no pointer any more. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly listener: SheetListener,
    private readonly signal?: AbortSignal,
  ) {
    this.context = canvas.getContext("2d")!;
    this.pointers = new Pointers(canvas, this, signal);
    canvas.addEventListener("pointermove", (event) => this.hover(event), { signal });
    canvas.addEventListener("pointerleave", () => listener.over(undefined), { signal });
    const observer = new ResizeObserver(() => this.draw());
    observer.observe(canvas);
    signal?.addEventListener("abort", () => observer.disconnect());
    this.watchPixelRatio();
  }

  /** Draw these strokes from now on, those with an index in `lit` highlighted. */
  show(strokes: readonly (readonly Point[])[], lit: ReadonlySet<number> = new Set()): void {
    this.strokes = strokes;
    this.lit = lit;
    this.draw();
  }

  /** Mark strokes as selected, given by their indices. */
  select(indices: Iterable<number>): void {
    this.selected = new Set(indices);
    this.draw();
  }

  began(contact: Contact): void {
    this.listener.over(undefined);
    contact.erasing ||= this.erasing;
  }

  grew(contact: Contact, from: number): void {
    const { points, erasing, active } = contact;
    if (erasing) for (let i = from; i < points.length; i++) this.rub(contact, points[i - 1] ?? points[i]!, points[i]!);
    if (!active) return;
    // The dot of a first point is wider than the line that replaces it, so draw everything again.
    if (erasing || this.selecting || from === 1) this.draw();
    else this.line(points, this.color("--ink"));
  }

  ended(contact: Contact): void {
    const { erasing, points, rubbed } = contact;
    const drag = this.dragOf(contact);
    if (drag && !isTap(points)) return this.listener.dragged?.(...drag);
    if (!erasing && this.selecting) return this.listener.around?.(points, this.nearest(points[0]!));
    if (!erasing) return this.listener.wrote(points);
    const indices = this.strokes.flatMap((stroke, i) => (rubbed.has(stroke) ? [i] : []));
    if (indices.length) this.listener.rubbed(indices);
  }

  changed(): void {
    this.draw();
  }

  /** Redraw when the pixel ratio changes. The size in CSS pixels may stay the same, and then no resize is observed. */
  private watchPixelRatio(): void {
    const same = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const change = () => {
      this.draw();
      this.watchPixelRatio();
    };
    same.addEventListener("change", change, { once: true, signal: this.signal });
  }

  private hover(event: PointerEvent): void {
    if (event.pointerType === "touch" || this.pointers.has(event.pointerId) || this.pointers.active.length) return;
    this.listener.over(this.nearest(this.pointers.place(event)));
  }

  /** Add the strokes between two points of an eraser, which may be far apart if the eraser is fast. */
  private rub({ rubbed }: Contact, [x0, y0]: Point, [x1, y1]: Point): void {
    const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0) / REACH) || 1;
    for (let step = 1; step <= steps; step++) {
      const hit = this.nearest([x0 + ((x1 - x0) * step) / steps, y0 + ((y1 - y0) * step) / steps]);
      if (hit !== undefined) rubbed.add(this.strokes[hit]!);
    }
  }

  /** The index of the stroke nearest to a point, undefined if none is within reach. */
  private nearest(point: Point): number | undefined {
    let best: { index: number | undefined; distance: number } = { index: undefined, distance: REACH };
    this.strokes.forEach((stroke, index) => {
      stroke.forEach((end, i) => {
        const distance = distanceToSegment(point, stroke[i - 1] ?? end, end);
        if (distance < best.distance) best = { index, distance };
      });
    });
    return best.index;
  }

  private color(name: string): string {
    return getComputedStyle(this.canvas).getPropertyValue(name);
  }

  private draw(): void {
    const { context, pointers } = this;
    this.fitPixels();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const [ink, lit, faint] = [this.color("--ink"), this.color("--accent"), this.color("--faint")];
    const contacts = pointers.active;
    const [dx, dy] = contacts.map((contact) => this.dragOf(contact)).find(Boolean) ?? [0, 0];
    this.strokes.forEach((stroke, i) => {
      const isRubbed = contacts.some(({ rubbed }) => rubbed.has(stroke));
      const isSelected = this.selected.has(i);
      const shown = isSelected && (dx || dy) ? stroke.map(([x, y]) => [x + dx, y + dy] as const) : stroke;
      this.line(shown, isRubbed ? faint : isSelected || this.lit.has(i) ? lit : ink);
    });
    if (this.box) this.frame(this.box, dx, dy, lit);
    for (const contact of contacts) {
      if (contact.erasing || this.dragOf(contact)) continue;
      if (this.selecting) this.dashed(() => this.line(contact.points, lit));
      else this.line(contact.points, ink);
    }
  }

  /** The box of the selected strokes. */
  private get box(): Box | undefined {
    return boxOf(this.strokes.filter((_, i) => this.selected.has(i)));
  }

  /** How far a contact drags the selection, undefined if it does not. */
  private dragOf({ erasing, points }: Contact): Point | undefined {
    const [first, last, { box }] = [points[0], points.at(-1), this];
    if (!this.selecting || erasing || !box || !first || !holds(box, first)) return undefined;
    return [last![0] - first[0], last![1] - first[1]];
  }

  private frame([left, top, right, bottom]: Box, dx: number, dy: number, color: string): void {
    const { context } = this;
    context.strokeStyle = color;
    context.lineWidth = 1;
    const [width, height] = [right - left + 2 * FRAME, bottom - top + 2 * FRAME];
    this.dashed(() => context.strokeRect(left + dx - FRAME, top + dy - FRAME, width, height));
  }

  private dashed(draw: () => void): void {
    this.context.setLineDash(DASHES);
    draw();
    this.context.setLineDash([]);
  }

  /** Match the canvas to the pixels of the screen. Doing so before each drawing avoids depending on resize events. */
  private fitPixels(): void {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) =>
      Math.round(size * devicePixelRatio),
    );
    if (canvas.width !== width) canvas.width = width!;
    if (canvas.height !== height) canvas.height = height!;
  }

  /** Draw a smooth line: quadratic curves between the middles of segments, with the points as control points. */
  private line(points: readonly Point[], color: string): void {
    const [context, first, last] = [this.context, points[0]!, points.at(-1)!];
    if (points.every(([x, y]) => x === first[0] && y === first[1])) return this.dot(first, color);
    context.strokeStyle = color;
    context.lineWidth = WIDTH;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...first);
    for (let i = 1; i < points.length - 1; i++) {
      const [[x, y], [u, v]] = [points[i]!, points[i + 1]!];
      context.quadraticCurveTo(x, y, (x + u) / 2, (y + v) / 2);
    }
    context.lineTo(...last);
    context.stroke();
  }

  /** Draw a stroke without extent as a dot, since a canvas does not draw lines of length 0. */
  private dot([x, y]: Point, color: string): void {
    this.context.fillStyle = color;
    this.context.beginPath();
    this.context.arc(x, y, DOT, 0, 2 * Math.PI);
    this.context.fill();
  }
}

function distanceToSegment([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy;
  const share = square ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / square)) : 0;
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}
