/**
 * A page of several lines, read while it is being written: one session for each line. TypeScript version of
 * `tegashiki/recognizer/page_session.py`.
 *
 *     const page = new PageSession(await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js"));
 *     page.addStroke([[10, 10], [20, 30]]);
 *     for await (const { candidates } of page.line.stream(5)) show(candidates);
 *     console.log((await page.read()).latex);
 *
 * A reading of a line is kept until the line changes, so a long page costs what its last line costs. docs/runtime.md
 * describes the contract of every method.
 */

import { struck } from "./gestures.ts";
import { checkIndices, checkStroke } from "./limits.ts";
import { boxOf, type Place, place } from "./lines.ts";
import type { Point } from "./preprocess.ts";
import type { Candidate, Reader } from "./recognizer.ts";
import { rowsToLatex } from "./rows.ts";
import { Session } from "./session.ts";

/** The reading of a page. */
export interface PageReading {
  /** All lines as one formula. */
  latex: string;
  /** The reading of each line from the top. */
  lines: Candidate[];
}

/** The lines from the top, and the index of the one that was written last. */
interface Layout {
  readonly lines: readonly Session[];
  readonly current?: number | undefined;
}

/** An edit: the layouts before and after it, and the sessions that it edited, in this order. */
interface Edit {
  readonly before: Layout;
  readonly after: Layout;
  readonly edited: readonly Session[];
}

const EMPTY: Layout = { lines: [] };

/**
 * Reads pages of lines, one after the other, each from its first stroke to `commit`. Edits go through it and not through
 * the sessions of its lines: only then can they be undone in their order.
 */
export class PageSession {
  private layout = EMPTY;
  /** Whether the next stroke begins a line. */
  private begins = false;
  private restriction: string | readonly string[] | undefined;
  private readonly empty: Session;
  /** The sessions edited by the edit that is being made. */
  private edited: Session[] = [];
  /** If the last edit added a single stroke, it and the strokes before it. */
  private single: { stroke: readonly Point[]; written: readonly (readonly Point[])[] } | undefined;
  private past: Edit[] = [];
  private future: Edit[] = [];

  /**
   * @param reader Reads all lines.
   * @param automatic Whether strokes begin lines by where they are; otherwise only `beginLine` does.
   */
  constructor(
    private readonly reader: Reader,
    public automatic = true,
  ) {
    this.empty = new Session(reader);
  }

  /** The sessions of the lines from the top. They can be read; only the page edits them. */
  get lines(): readonly Session[] {
    return this.layout.lines;
  }

  /** The index of the line that was written or chosen last, undefined on an empty page. */
  get current(): number | undefined {
    return this.layout.current;
  }

  /** The session of the current line, an empty one on an empty page. */
  get line(): Session {
    const { lines, current } = this.layout;
    return current === undefined ? this.empty : lines[current]!;
  }

  /** The points of the strokes of all lines, line by line from the top. */
  get strokes(): readonly (readonly Point[])[] {
    return this.layout.lines.flatMap(({ strokes }) => strokes);
  }

  /** Whether there is an edit to undo. */
  get canUndo(): boolean {
    return this.past.length > 0;
  }

  /** Whether there is an edit to redo. */
  get canRedo(): boolean {
    return this.future.length > 0;
  }

  // --- strokes

  /**
   * Add a stroke that is complete: where it belongs is known only then.
   *
   * @param points At least one point [x, y]. y grows downwards, and all strokes have the same unit.
   * @throws RangeError The stroke is invalid, or its line has too many strokes. The page then stays unchanged.
   */
  addStroke(points: readonly Point[]): void {
    this.addStrokes([points]);
  }

  /**
   * Add several strokes in the order of writing, as one edit. An empty list is not an edit.
   *
   * @throws RangeError As `addStroke`.
   */
  addStrokes(strokes: readonly (readonly Point[])[]): void {
    for (const points of strokes) checkStroke(points);
    if (!strokes.length) return;
    const written = this.strokes;
    this.edit(() => {
      for (const points of strokes) this.add(points);
    });
    this.single = strokes.length === 1 ? { written, stroke: strokes[0]! } : undefined;
  }

  /**
   * Replace everything by strokes in the order of writing, such as those of a file, as one edit. It is not an edit if
   * there are no strokes before and after.
   *
   * @throws RangeError As `addStroke`.
   */
  replaceStrokes(strokes: readonly (readonly Point[])[]): void {
    for (const points of strokes) checkStroke(points);
    if (!strokes.length && !this.layout.lines.length) return;
    this.edit(() => {
      this.layout = EMPTY;
      for (const points of strokes) this.add(points);
    });
  }

  /**
   * Replace everything by lines, from the top, each given by its strokes, as one edit. Empty lines are left out. It is
   * not an edit if there are no strokes before and after.
   *
   * @throws RangeError As `addStroke`.
   */
  replaceLines(lines: readonly (readonly (readonly Point[])[])[]): void {
    const written = lines.filter(({ length }) => length);
    for (const points of written.flat()) checkStroke(points);
    if (!written.length && !this.layout.lines.length) return;
    this.edit(() => {
      const begun = written.map(() => this.begun());
      for (const [index, session] of begun.entries()) this.write(session, written[index]!);
      this.layout = begun.length ? { lines: begun, current: begun.length - 1 } : EMPTY;
    });
  }

  /**
   * Erase strokes as one edit. A line without strokes is gone. A call without indices is not an edit.
   *
   * @param strokeIndices Indices in `strokes`.
   * @throws RangeError An index is out of range. The page then stays unchanged.
   */
  erase(...strokeIndices: number[]): void {
    checkIndices(strokeIndices, this.strokes.length);
    if (strokeIndices.length) this.edit(() => this.eraseAll(new Set(strokeIndices)));
  }

  /**
   * Let the last stroke take away others, in whichever line, if it is a scratch-out or a strike. As of
   * `Session.applyGesture`.
   *
   * @returns The indices in `strokes` that they had; none if the last stroke is ink.
   */
  applyGesture(): number[] {
    if (!this.single) return [];
    const taken = struck(this.single.written, this.single.stroke);
    if (!taken.length) return [];
    this.undo();
    this.erase(...taken);
    return taken;
  }

  /**
   * Move strokes as one edit. They stay in their lines. As of `Session.moveStrokes`.
   *
   * @param strokeIndices Indices in `strokes`.
   * @throws RangeError As `Session.moveStrokes`.
   */
  moveStrokes(strokeIndices: readonly number[], dx: number, dy: number): void {
    checkIndices(strokeIndices, this.strokes.length);
    for (const index of strokeIndices) checkStroke(this.strokes[index]!.map(([x, y]) => [x + dx, y + dy] as const));
    if (!strokeIndices.length || (!dx && !dy)) return;
    this.edit(() => this.inLines(new Set(strokeIndices), (line, here) => line.moveStrokes(here, dx, dy)));
  }

  /** Erase everything as one edit. It is not an edit if there are no strokes. */
  clear(): void {
    this.erase(...this.strokes.keys());
  }

  /** Let the next stroke begin a new line below the current one. This is not an edit. */
  beginLine(): void {
    this.begins = this.layout.current !== undefined;
  }

  /**
   * Make a line the current one. This is not an edit.
   *
   * @throws RangeError There is no such line.
   */
  goTo(line: number): void {
    const { lines } = this.layout;
    if (!lines[line]) throw new RangeError(`no line ${line}: there are ${lines.length}, counted from 0`);
    this.layout = { lines, current: line };
    this.begins = false;
  }

  /**
   * Make the current line one with the line above it, as one edit.
   *
   * @throws RangeError There is no line above, or both have more strokes than the model reads.
   */
  joinLine(): void {
    const { current } = this.layout;
    if (!current) throw new RangeError("there is no line above the current one to join it to");
    this.edit(() => this.join(current - 1, [current], []));
  }

  /** Undo the last edit, in whichever line it was. Returns false if there is none. */
  undo(): boolean {
    const edit = this.past.pop();
    if (!edit) return false;
    for (const session of [...edit.edited].reverse()) session.undo();
    this.future.push(edit);
    [this.layout, this.begins, this.single] = [edit.before, false, undefined];
    return true;
  }

  /** Redo the last undone edit. Returns false if there is none, or if there was another edit since. */
  redo(): boolean {
    const edit = this.future.pop();
    if (!edit) return false;
    for (const session of edit.edited) session.redo();
    this.past.push(edit);
    [this.layout, this.begins, this.single] = [edit.after, false, undefined];
    return true;
  }

  // --- decisions

  /** Accept a reading of the current line, as `Session.accept` does. Throws as it does. */
  accept(candidate: Candidate): void {
    this.edit(() => this.decide((line) => line.accept(candidate)));
  }

  /** Reject a reading of the current line, as `Session.reject` does. Throws as it does. */
  reject(candidate: Candidate): void {
    this.edit(() => this.decide((line) => line.reject(candidate)));
  }

  /** Restrict the tokens of all lines, those to come included, as `Session.restrict` does. Throws as it does. */
  restrict(tokens: string | readonly string[] | undefined): void {
    this.empty.restrict(tokens);
    this.restriction = tokens;
    const layouts = [this.layout, ...[...this.past, ...this.future].flatMap(({ before, after }) => [before, after])];
    for (const line of new Set(layouts.flatMap(({ lines }) => lines))) line.restrict(tokens);
  }

  // --- readings

  /**
   * Return the likeliest reading of every line, the accepted one where there is one, and their formula. Only lines that
   * have changed since their last reading are read.
   *
   * @throws NoReadingError The restriction allows no reading of a line.
   */
  read(): Promise<PageReading> {
    return readingOf(this.layout.lines);
  }

  /**
   * Finish the page. Returns what `read` returns; the reader may learn it. Edits cannot be undone then. The page is empty
   * as soon as the call returns its promise: later strokes belong to the next page.
   *
   * @throws RangeError There are no strokes.
   * @throws NoReadingError As `read`. The page is then restored, above any lines written meanwhile.
   */
  async commit(): Promise<PageReading> {
    const { layout, past, future } = this;
    if (!layout.lines.length) throw new RangeError("nothing is written: there is nothing to commit");
    [this.layout, this.begins, this.past, this.future] = [EMPTY, false, [], []];
    this.single = undefined;
    let reading: PageReading;
    try {
      reading = await readingOf(layout.lines);
    } catch (error) {
      this.putBack(layout, past, future);
      throw error;
    }
    for (const line of layout.lines) await line.commit();
    return reading;
  }

  // --- edits

  /** Make an edit. If it throws, what it has done is undone, and the steps to redo are gone if it had begun. */
  private edit(change: () => void): void {
    const { layout: before, begins } = this;
    this.edited = [];
    try {
      change();
    } catch (error) {
      for (const session of this.edited.reverse()) session.undo();
      if (this.edited.length) this.future = [];
      [this.layout, this.begins] = [before, begins];
      throw error;
    }
    this.past.push({ before, after: this.layout, edited: this.edited });
    this.future = [];
    this.begins = false;
    this.single = undefined;
  }

  private decide(decide: (line: Session) => void): void {
    decide(this.line);
    this.edited.push(this.line);
  }

  /** Add a stroke where it belongs. */
  private add(points: readonly Point[]): void {
    const lines = [...this.layout.lines];
    const { line, isNew, moved, joined } = this.placeOf(points);
    this.begins = false;
    if (joined.length) return this.join(line, joined, [points]);
    if (isNew) {
      const others = moved ? this.cutOff(lines[line - 1]!, moved) : [];
      lines.splice(line, 0, this.begun());
      this.write(lines[line]!, [...others, points]);
    } else {
      this.write(lines[line]!, [points]);
    }
    this.layout = { lines, current: line };
  }

  private placeOf(points: readonly Point[]): Place {
    const { lines, current } = this.layout;
    const at = (line: number, isNew: boolean): Place => ({ line, isNew, moved: 0, joined: [] });
    if (current === undefined) return at(0, true);
    if (this.begins) return at(current + 1, true);
    if (!this.automatic) return at(current, false);
    return place(
      lines.map(({ strokes }) => strokes.map(boxOf)),
      boxOf(points),
      current,
    );
  }

  /** Return a session for a new line. */
  private begun(): Session {
    const session = new Session(this.reader);
    if (this.restriction !== undefined) session.restrict(this.restriction);
    return session;
  }

  private write(session: Session, strokes: readonly (readonly Point[])[]): void {
    session.addStrokes(strokes);
    this.edited.push(session);
  }

  /** Take the last strokes out of a line and return them. */
  private cutOff(session: Session, count: number): readonly (readonly Point[])[] {
    const { strokes } = session;
    const first = strokes.length - count;
    session.erase(...Array.from({ length: count }, (_, i) => first + i));
    this.edited.push(session);
    return strokes.slice(first);
  }

  /** Add the strokes of other lines, and further ones, to a line. */
  private join(line: number, others: readonly number[], strokes: readonly (readonly Point[])[]): void {
    const { lines } = this.layout;
    this.write(lines[line]!, [...others.flatMap((other) => lines[other]!.strokes), ...strokes]);
    this.layout = { lines: lines.filter((_, index) => !others.includes(index)), current: line };
  }

  /** Edit the lines that have some of the strokes, each with the indices of its own. */
  private inLines(indices: ReadonlySet<number>, edit: (line: Session, here: number[]) => void): void {
    let start = 0;
    for (const line of this.layout.lines) {
      const from = start;
      const here = [...line.strokes.keys()].filter((index) => indices.has(from + index));
      start += line.strokes.length;
      if (!here.length) continue;
      edit(line, here);
      this.edited.push(line);
    }
  }

  private eraseAll(indices: ReadonlySet<number>): void {
    const { lines, current } = this.layout;
    this.inLines(indices, (line, here) => line.erase(...here));
    const isLeft = ({ strokes }: Session): boolean => strokes.length > 0;
    const left = lines.filter(isLeft);
    const before = lines.slice(0, current).filter(isLeft).length;
    this.layout = left.length ? { lines: left, current: Math.min(before, left.length - 1) } : EMPTY;
  }

  /** Put a page back, above the lines written since it was taken out. */
  private putBack(first: Layout, past: Edit[], future: Edit[]): void {
    const edited = this.canUndo || this.canRedo;
    const movedDown = ({ before, after, edited: sessions }: Edit): Edit => ({
      before: below(before, first),
      after: below(after, first),
      edited: sessions,
    });
    this.past = [...past, ...this.past.map(movedDown)];
    this.future = edited ? this.future.map(movedDown) : future;
    this.layout = below(this.layout, first);
  }
}

/** Return a layout below the lines of another one. */
function below({ lines, current }: Layout, first: Layout): Layout {
  return {
    lines: [...first.lines, ...lines],
    current: current === undefined ? first.current : current + first.lines.length,
  };
}

async function readingOf(lines: readonly Session[]): Promise<PageReading> {
  const readings: Candidate[] = [];
  for (const line of lines) readings.push(line.acceptedForAll ?? (await line.candidates(1)).candidates[0]!);
  return { latex: rowsToLatex(readings.map(({ tokens }) => tokens)), lines: readings };
}
