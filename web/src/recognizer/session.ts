/**
 * An expression that is read while it is being written; `tegashiki/recognizer/session.py` in TypeScript.
 *
 *     const session = new Session(await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js"));
 *     session.addStroke([[10, 10], [20, 30]]);
 *     for await (const { candidates } of session.stream(5)) show(candidates);
 *
 * Every edit takes effect at once and ends the readings that are under way. What is read is what `Recognizer.recognize`
 * reads in the same strokes, until something is accepted, rejected or restricted.
 */

import type { Point } from "./preprocess.ts";
import { checkStroke, type Candidate, type Reader, type ReadRequest } from "./recognizer.ts";
import { CLOSERS } from "./vocabulary.ts";

/** Distinct readings of what is written, the likeliest first; none where nothing is. */
export interface Candidates {
  candidates: Candidate[];
  /** What was accepted could not be held: these are the readings without it. */
  pinReleased: boolean;
  /** Better ones are coming. */
  partial: boolean;
  /** The last stroke has grown since they were asked for. */
  outdated: boolean;
}

/** Never changed itself: one that grows is another one of the same name. */
interface Stroke {
  /** Tells it from all others; stays when it grows. */
  readonly name: number;
  /** Tells it from all others, and from itself before it grew. */
  readonly key: string;
  readonly points: readonly Point[];
}

/** All that an edit may change and undo bring back; never changed itself. */
interface SessionState {
  readonly strokes: readonly Stroke[];
  /** The accepted candidate and the strokes that it is a reading of. */
  readonly accepted?: { readonly candidate: Candidate; readonly strokes: readonly Stroke[] } | undefined;
  /** Rejected tokens, each with the keys of the strokes that they were a reading of. */
  readonly refused: readonly { readonly keys: string; readonly tokens: readonly string[] }[];
  readonly released: boolean;
}

const EMPTY: SessionState = { strokes: [], refused: [], released: false };
let strokesMade = 0;

function made(points: readonly Point[], name?: number): Stroke {
  const number = strokesMade++;
  return { name: name ?? number, key: `${number}`, points };
}

/** One expression, from its first stroke to `commit`. */
export class Session {
  private state = EMPTY;
  private past: SessionState[] = [];
  private future: SessionState[] = [];
  private restriction: readonly string[] | undefined;
  private editing = new AbortController();
  /** The last edit added the last stroke, or grew it. */
  private growing = false;
  /** Candidates and the strokes that they are readings of. */
  private readonly given = new WeakMap<Candidate, readonly Stroke[]>();

  constructor(private readonly reader: Reader) {}

  /** The strokes as they were given. */
  get strokes(): readonly (readonly Point[])[] {
    return this.state.strokes.map(({ points }) => points);
  }

  /** The accepted reading, until another is, it is rejected or one of its strokes erased. */
  get accepted(): Candidate | undefined {
    return this.state.accepted?.candidate;
  }

  /** The accepted reading where it is one of all that is written, and within the restriction. */
  get acceptedForAll(): Candidate | undefined {
    return this.acceptedForAllOf(this.state);
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Add a stroke. @throws RangeError for what is none; the session then stays as it was. */
  addStroke(points: readonly Point[]): void {
    this.addStrokes([points]);
  }

  /** Add strokes as one edit. @throws as `addStroke`. */
  addStrokes(strokes: readonly (readonly Point[])[]): void {
    const all = [...this.state.strokes, ...this.checked(strokes, this.state.strokes.length)];
    this.edit({ ...this.state, strokes: all, released: false });
    this.growing = strokes.length === 1;
  }

  /** Write these strokes in the place of all that is there, as one edit, such as those of a file. @throws as `addStroke`. */
  replaceStrokes(strokes: readonly (readonly Point[])[]): void {
    this.edit({ ...EMPTY, strokes: this.checked(strokes, 0) });
  }

  /**
   * Put more points behind the last stroke's: the pen has moved on. `undo` still takes the stroke as a whole, unless
   * something else was edited since it was added; then it takes these points. What is being read is read on, of the
   * stroke as it was, or nothing would be read while a pen moves.
   *
   * @throws RangeError where there is no stroke, for no points, and for a stroke of too many; the session then stays
   * as it was.
   */
  extendStroke(points: readonly Point[]): void {
    const last = this.state.strokes.at(-1);
    if (!last) throw new RangeError("there is no stroke to extend: addStroke begins one");
    checkStroke(points);
    const grown = made([...last.points, ...points], last.name);
    checkStroke(grown.points);
    const state = { ...this.state, strokes: [...this.state.strokes.slice(0, -1), grown], released: false };
    if (this.growing) this.state = state;
    else this.edit(state);
    this.growing = true;
  }

  /** Take strokes away, by their indices in `strokes`; what was accepted of them is released. */
  erase(...indices: number[]): void {
    const gone = this.state.strokes.filter((_, i) => indices.includes(i));
    const lost = gone.some(({ name }) => this.state.accepted?.strokes.some((stroke) => stroke.name === name));
    const strokes = this.state.strokes.filter((_, i) => !indices.includes(i));
    this.edit({ ...this.state, strokes, accepted: lost ? undefined : this.state.accepted, released: lost });
  }

  /** Take everything away; `undo` brings it back. No edit where nothing is written. */
  clear(): void {
    if (this.state.strokes.length) this.edit(EMPTY);
  }

  /** Take the last edit back (a stroke, erasing, clearing, accepting, rejecting); false where there is none. */
  undo(): boolean {
    return this.step(this.past, this.future);
  }

  /** Do again what `undo` took back; false where there is nothing. */
  redo(): boolean {
    return this.step(this.future, this.past);
  }

  /** Pin a reading that this session gave: from now on readings hold its tokens in their order. */
  accept(candidate: Candidate): void {
    this.edit({ ...this.state, accepted: { candidate, strokes: this.strokesRead(candidate) }, released: false });
  }

  /** Keep a reading from coming back for the same strokes; a pin of the same reading goes. */
  reject(candidate: Candidate): void {
    const refused = [...this.state.refused, { keys: keysOf(this.strokesRead(candidate)), tokens: candidate.tokens }];
    const same = this.accepted && joined(this.accepted.tokens) === joined(candidate.tokens);
    this.edit({ ...this.state, refused, accepted: same ? undefined : this.state.accepted, released: false });
  }

  /** Write these tokens only, braces and the end of a table beside them; undefined for all. */
  restrict(tokens: readonly string[] | undefined): void {
    this.restriction = tokens;
    this.change(this.state);
  }

  /** End the expression: the session is empty then, and nothing of it can be undone. */
  commit(): void {
    [this.past, this.future] = [[], []];
    this.growing = false;
    this.change(EMPTY);
  }

  /**
   * Read what is written now.
   *
   * @param n readings wanted, 1 to the model's widest beam.
   * @param beams hypotheses kept, if not the model's widest beam; 1 is greedy.
   * @throws AbortError (a DOMException) where something is edited meanwhile.
   */
  async candidates(n = 1, beams?: number): Promise<Candidates> {
    const { state, editing } = this;
    if (!state.strokes.length) return { candidates: [], pinReleased: state.released, partial: false, outdated: false };
    const { candidates, released } = await this.reader.read(this.request(state, n, beams), editing.signal);
    editing.signal.throwIfAborted();
    const acceptedForAll = this.acceptedForAllOf(state);
    for (const candidate of candidates) this.given.set(candidate, state.strokes);
    const pinReleased = state.released || (released && !acceptedForAll);
    const outdated = state !== this.state;
    return { candidates: first(acceptedForAll, candidates, released, n), pinReleased, partial: false, outdated };
  }

  /**
   * List what a token could be instead: whole readings that differ in it alone, the likeliest first. They can be
   * accepted and rejected as any other.
   *
   * @param tokenIndex into the candidate's `tokens`.
   * @param candidate one that this session gave for the strokes that are there now; the first one if not given.
   * @returns as many as the model's widest beam, fewer where the rules admit fewer.
   * @throws RangeError where there is no such token, or no such candidate; AbortError (a DOMException) where something
   * is edited meanwhile.
   */
  async alternatives(tokenIndex: number, candidate?: Candidate): Promise<Candidate[]> {
    const { state, editing } = this;
    const read = candidate && this.given.get(candidate);
    if (candidate && !(read && keysOf(read) === keysOf(state.strokes))) {
      throw new RangeError("the candidate is no reading of what is written now: ask for candidates again");
    }
    const reading = candidate ?? (await this.candidates(1)).candidates[0];
    editing.signal.throwIfAborted();
    const length = reading?.tokens.length ?? 0;
    if (!reading || !Number.isInteger(tokenIndex) || tokenIndex < 0 || tokenIndex >= length) {
      throw new RangeError(`no token ${tokenIndex}: the reading has ${length}`);
    }
    const { tokens, strokesOfToken, complete } = reading;
    const replacing = { reading: { tokens, strokesOfToken, complete }, token: tokenIndex };
    const { candidates } = await this.reader.read({ ...this.request(state, 1), replacing }, editing.signal);
    editing.signal.throwIfAborted();
    for (const other of candidates) this.given.set(other, state.strokes);
    return candidates;
  }

  /**
   * Read what is written now: one greedy reading (`partial`), but behind a rejection, where it would be no quicker; then
   * `n`. Ends early where something is edited.
   */
  async *stream(n = 1): AsyncGenerator<Candidates> {
    const { signal } = this.editing;
    try {
      const greedy = refusedOn(this.state).length ? undefined : await this.candidates(1, 1);
      if (greedy?.candidates.length) yield { ...greedy, partial: true };
      if (!signal.aborted) yield await this.candidates(n);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
  }

  private checked(strokes: readonly (readonly Point[])[], beside: number): Stroke[] {
    strokes.forEach(checkStroke);
    const { maxStrokes } = this.reader;
    if (beside + strokes.length > maxStrokes) {
      throw new RangeError(`this model reads at most ${maxStrokes} strokes at once: finish what is written, go on`);
    }
    return strokes.map((points) => made(points));
  }

  private request(state: SessionState, n: number, beams?: number): ReadRequest {
    const { strokes, accepted } = state;
    const pin = accepted && {
      tokens: accepted.candidate.tokens,
      strokeTokens: strokes.map(({ name }) => {
        const index = accepted.strokes.findIndex((stroke) => stroke.name === name);
        return index < 0 ? -1 : accepted.candidate.strokesOfToken.findIndex((own) => own.includes(index));
      }),
    };
    const named = strokes.map(({ key, points }) => ({ key, points }));
    return { strokes: named, n, beams, pin, refused: refusedOn(state), restrict: this.restriction };
  }

  private acceptedForAllOf({ accepted, strokes }: SessionState): Candidate | undefined {
    if (!accepted || keysOf(accepted.strokes) !== keysOf(strokes)) return undefined;
    const allowed = this.restriction && new Set([...this.restriction, ...CLOSERS]);
    return accepted.candidate.tokens.every((token) => allowed?.has(token) ?? true) ? accepted.candidate : undefined;
  }

  private strokesRead(candidate: Candidate): readonly Stroke[] {
    const strokes = this.given.get(candidate);
    const there = new Set(this.state.strokes.map(({ name }) => name));
    if (!strokes?.every(({ name }) => there.has(name))) {
      throw new RangeError("the candidate is no reading of what is written");
    }
    return strokes;
  }

  private edit(state: SessionState): void {
    this.past.push(this.state);
    this.future = [];
    this.growing = false;
    this.change(state);
  }

  private step(source: SessionState[], other: SessionState[]): boolean {
    const state = source.pop();
    if (!state) return false;
    other.push(this.state);
    this.growing = false;
    this.change(state);
    return true;
  }

  private change(state: SessionState): void {
    this.state = state;
    this.editing.abort();
    this.editing = new AbortController();
  }
}

/** Put what is accepted for just these strokes before all else that would hold it. */
function first(acceptedForAll: Candidate | undefined, found: Candidate[], released: boolean, n: number): Candidate[] {
  if (!acceptedForAll) return found;
  const others = found.filter((other) => joined(other.tokens) !== joined(acceptedForAll.tokens));
  return [acceptedForAll, ...(released ? [] : others)].slice(0, n);
}

/** The tokens that were rejected for just the strokes of a state. */
function refusedOn({ strokes, refused }: SessionState): (readonly string[])[] {
  const keys = keysOf(strokes);
  return refused.filter((one) => one.keys === keys).map(({ tokens }) => tokens);
}

function keysOf(strokes: readonly Stroke[]): string {
  return joined(strokes.map(({ key }) => key));
}

function joined(parts: readonly string[]): string {
  return parts.join("\n");
}
