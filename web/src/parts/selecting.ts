/** Selecting strokes: with a lasso, a tap or all at once. They are moved, copied and deleted, each as one edit. */

import type { Point } from "../recognizer/preprocess.ts";
import type { Session } from "../recognizer/session.ts";
import { enclosed, isTap, opened } from "./selection.ts";
import type { Sheet } from "./sheet.ts";

const COPY = 24; // pixels from a stroke to its copy
const STEP = 8; // pixels that an arrow key moves the selection

/** What is needed of a session to select its strokes. */
type Selectable = Pick<Session, "strokes" | "addStrokes" | "moveStrokes" | "erase">;

export class Selecting {
  /** The sheet with the strokes, undefined while there is none. */
  sheet: Sheet | undefined;

  /**
   * @param edit Makes an edit of the session, and reads.
   * @param changed Called when selecting has begun or ended, or another number of strokes is selected.
   */
  constructor(
    private readonly session: Selectable,
    private readonly edit: (change: () => unknown) => void,
    private readonly changed: (on: boolean, count: number) => void,
  ) {}

  /** Whether pointers select instead of writing. */
  get on(): boolean {
    return this.sheet?.selecting ?? false;
  }

  private get indices(): number[] {
    return [...(this.sheet?.selected ?? [])];
  }

  switch(on: boolean): void {
    if (this.sheet) this.sheet.selecting = on;
    this.select([]);
  }

  /** Forget the selection: another edit may have changed which strokes have its indices. */
  forget(): void {
    if (this.indices.length) this.select([]);
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
    const before = new Set(strokes);
    this.select([...this.session.strokes.keys()].filter((index) => !before.has(this.session.strokes[index]!)));
  }

  delete(): void {
    const { indices } = this;
    this.edit(() => this.session.erase(...indices));
  }

  /** What keys do while there is a selection. */
  keys(): Record<string, () => void> {
    if (!this.on) return {};
    const always = { "control a": () => this.all() };
    if (!this.indices.length) return always;
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
    this.sheet?.select(indices);
    this.changed(this.on, indices.length);
  }
}
