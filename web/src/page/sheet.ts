/** What one writes on: a canvas for pen, touch and mouse. */

import type { Point } from "../recognizer/preprocess.ts";

/** What somebody does on the sheet. */
export interface Hand {
  /** A stroke was written: points in pixels of the page from the canvas' top left corner. */
  wrote(points: Point[]): void;
  /** Strokes were rubbed out, by their indices. */
  rubbed(indices: number[]): void;
  /** The pointer is over a stroke, or over none. */
  over(index: number | undefined): void;
}

const WIDTH = 2.6; // pixels, of a line
const REACH = 9; // pixels, of the eraser and of a hovering pointer
const ERASER_BUTTON = 32; // of a pen turned around

/** A pointer that is down. */
interface Contact {
  readonly pointer: number;
  readonly erasing: boolean;
  readonly points: Point[];
  readonly rubbed: Set<number>;
}

export class Sheet {
  /** Whether a pointer rubs strokes out instead of writing. */
  erasing = false;
  private strokes: readonly (readonly Point[])[] = [];
  private lit: ReadonlySet<number> = new Set();
  private contact: Contact | undefined;
  private readonly context: CanvasRenderingContext2D;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly hand: Hand,
  ) {
    this.context = canvas.getContext("2d")!;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointercancel", () => this.cancel());
    canvas.addEventListener("pointerleave", () => hand.over(undefined));
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  /** Show strokes, some of them highlighted. */
  show(strokes: readonly (readonly Point[])[], lit: ReadonlySet<number> = new Set()): void {
    this.strokes = strokes;
    this.lit = lit;
    this.draw();
  }

  private resize(): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    this.draw();
  }

  private down(event: PointerEvent): void {
    if (this.contact || (event.button !== 0 && event.button !== 5)) return; // 5: a pen turned around
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.hand.over(undefined);
    const erasing = this.erasing || (event.buttons & ERASER_BUTTON) > 0;
    this.contact = { pointer: event.pointerId, erasing, points: [], rubbed: new Set() };
    this.follow(event, [event]);
  }

  private move(event: PointerEvent): void {
    if (this.contact) this.follow(event, event.getCoalescedEvents?.() ?? []);
    else if (event.pointerType !== "touch") this.hand.over(this.nearest(this.place(event)));
  }

  private up(event: PointerEvent): void {
    const { contact } = this;
    if (contact?.pointer !== event.pointerId) return;
    this.contact = undefined;
    if (!contact.erasing) this.hand.wrote(contact.points);
    else if (contact.rubbed.size) this.hand.rubbed([...contact.rubbed]);
    this.draw();
  }

  private cancel(): void {
    this.contact = undefined;
    this.draw();
  }

  private follow(event: PointerEvent, events: readonly PointerEvent[]): void {
    const { contact } = this;
    if (contact?.pointer !== event.pointerId) return;
    for (const one of events.length ? events : [event]) {
      const point = this.place(one);
      const last = contact.points.at(-1);
      if (!last || last[0] !== point[0] || last[1] !== point[1]) contact.points.push(point);
      if (contact.erasing) this.rub(contact, last ?? point, point);
    }
    if (contact.erasing) this.draw();
    else this.line(contact.points, this.color("--ink"));
  }

  /** Find what an eraser meets on its way, which may be a long one from one event to the next. */
  private rub(contact: Contact, [x0, y0]: Point, [x1, y1]: Point): void {
    const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0) / REACH) || 1;
    for (let step = 1; step <= steps; step++) {
      const hit = this.nearest([x0 + ((x1 - x0) * step) / steps, y0 + ((y1 - y0) * step) / steps]);
      if (hit !== undefined) contact.rubbed.add(hit);
    }
  }

  private place(event: PointerEvent): Point {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  /** The stroke within reach of a point that is nearest to it. */
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
    const { width, height } = this.canvas;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, width, height);
    this.context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const [ink, lit, faint] = [this.color("--ink"), this.color("--accent"), this.color("--faint")];
    this.strokes.forEach((stroke, i) => {
      this.line(stroke, this.contact?.rubbed.has(i) ? faint : this.lit.has(i) ? lit : ink);
    });
    if (this.contact && !this.contact.erasing) this.line(this.contact.points, ink);
  }

  /** A smooth line: curves from middle to middle of the segments, bent towards the points between. */
  private line(points: readonly Point[], color: string): void {
    const [context, first, last] = [this.context, points[0]!, points.at(-1)!];
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
}

function distanceToSegment([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy;
  const share = square ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / square)) : 0;
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}
