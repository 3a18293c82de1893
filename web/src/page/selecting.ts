/** Selecting strokes: with a lasso, a tap or all at once. They are moved, copied and deleted, each as one edit. */

import { enclosed, isTap, opened } from "../parts/selection.ts";
import type { Sheet } from "../parts/sheet.ts";
import type { Point } from "../recognizer/preprocess.ts";
import type { Session } from "../recognizer/session.ts";
import { element } from "./element.ts";

const COPY = 24; // pixels from a stroke to its copy
const STEP = 8; // pixels that an arrow key moves the selection

export class Selecting {
  /** @param edit Makes an edit of the session, and reads. */
  constructor(
    private readonly session: Session,
    private readonly sheet: Sheet,
    private readonly edit: (change: () => unknown) => void,
  ) {}

  /** Whether pointers select instead of writing. */
  get on(): boolean {
    return this.sheet.selecting;
  }

  private get indices(): number[] {
    return [...this.sheet.selected];
  }

  switch(on: boolean): void {
    this.sheet.selecting = on;
    element("select").setAttribute("aria-pressed", String(on));
    element("selection").hidden = !on;
    this.select([]);
  }

  /** Forget the selection: another edit may have changed which strokes have its indices. */
  forget(): void {
    this.select([]);
  }

  all(): void {
    this.select([...this.session.strokes.keys()]);
  }

  /** A contact has ended that did not begin on the selection. */
  around(points: readonly Point[], tapped: number | undefined): void {
    const { strokes } = this.session;
    if (isTap(points)) return this.select(tapped === undefined ? [] : [tapped]);
    const space = opened(strokes, points);
    if (!space) return this.select(enclosed(strokes, points));
    this.edit(() => this.session.moveStrokes(space.indices, space.dx, 0));
  }

  /** Move the selection. */
  move(dx: number, dy: number): void {
    const { indices } = this;
    this.edit(() => this.session.moveStrokes(indices, dx, dy));
    this.select(indices);
  }

  /** Copy the selection beside itself, and select the copy. */
  copy(): void {
    const { strokes } = this.session;
    const copies = this.indices.map((index) => strokes[index]!.map(([x, y]) => [x + COPY, y + COPY] as const));
    this.edit(() => this.session.addStrokes(copies));
    this.select([...this.session.strokes.keys()].slice(strokes.length));
  }

  delete(): void {
    const { indices } = this;
    this.edit(() => this.session.erase(...indices));
  }

  /** What keys do while there is a selection. */
  keys(): Record<string, () => void> {
    if (!this.on) return {};
    const always = { "control a": () => this.all() };
    if (!this.sheet.selected.size) return always;
    return {
      ...always,
      arrowleft: () => this.move(-STEP, 0),
      arrowright: () => this.move(STEP, 0),
      arrowup: () => this.move(0, -STEP),
      arrowdown: () => this.move(0, STEP),
      d: () => this.copy(),
      delete: () => this.delete(),
      backspace: () => this.delete(),
    };
  }

  private select(indices: readonly number[]): void {
    this.sheet.select(indices);
    for (const id of ["selection-copy", "selection-delete"]) {
      element<HTMLButtonElement>(id).disabled = !indices.length;
    }
  }
}
