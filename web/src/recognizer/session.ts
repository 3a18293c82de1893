/**
 * A session reads an expression while it is being written. TypeScript version of `tegashiki/recognizer/session.py`.
 *
 *     const session = new Session(await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js"));
 *     session.addStroke([[10, 10], [20, 30]]);
 *     for await (const { candidates } of session.stream(5)) show(candidates);
 *
 * Every edit takes effect immediately and supersedes readings in progress. Until something is accepted, rejected or
 * restricted, the readings are those of `Recognizer.recognize` for the same strokes.
 *
 * docs/runtime.md describes the state machine and the contract of every method.
 */

import { struck } from "./gestures.ts";
import { restrictions } from "./grammar.json";
import { canonical } from "./latex.ts";
import { checkIndices, checkPoints, checkStroke } from "./limits.ts";
import type { Point } from "./preprocess.ts";
import { type Candidate, checkCandidates, type Reader, type ReadRequest } from "./recognizer.ts";
import { CLOSERS, SPECIAL } from "./vocabulary.ts";

/** Distinct readings of the strokes, likeliest first. Empty if there are no strokes. */
export interface Candidates {
  candidates: Candidate[];
  /** True if no reading could contain the accepted one. These were then read without it. */
  pinReleased: boolean;
  /** True if better readings follow. */
  partial: boolean;
  /** True if the last stroke has grown since the reading began. */
  outdated: boolean;
}

/** An immutable stroke. A stroke that grows or moves is replaced by a new one with the same name. */
interface Stroke {
  /** Unique for each stroke. Stays the same when the stroke grows or moves. */
  readonly name: number;
  /** Unique for each stroke. Changes when the stroke grows or moves. */
  readonly key: string;
  readonly points: readonly Point[];
}

/** The immutable state that edits replace and `undo` restores. */
interface SessionState {
  readonly strokes: readonly Stroke[];
  /** The accepted candidate and its strokes. */
  readonly accepted?: { readonly candidate: Candidate; readonly strokes: readonly Stroke[] } | undefined;
  /** The tokens of rejected readings, with the keys of their strokes. */
  readonly refused: readonly { readonly keys: string; readonly tokens: readonly string[] }[];
  readonly released: boolean;
}

/** The session's state between two edits, with its restriction and its readings. */
interface Moment {
  readonly state: SessionState;
  readonly restriction: readonly string[] | undefined;
  /** Aborted by the next edit. Extending the last stroke does not abort it. */
  readonly over: AbortController;
  /** Readings by greedy search (key true) and by the widest beam (key false), with the number of candidates requested. */
  readonly read: Map<boolean, { asked: number; found: Found }>;
}

interface Found {
  readonly candidates: readonly Candidate[];
  readonly pinReleased: boolean;
}

/** The parts of a session that `commit` takes out, and puts back if reading fails. */
interface Taken {
  readonly moment: Moment;
  readonly past: SessionState[];
  readonly future: SessionState[];
  readonly given: Map<Candidate, readonly Stroke[]>;
  readonly growing: boolean;
}

const EMPTY: SessionState = { strokes: [], refused: [], released: false };
let strokesMade = 0;

/** Make a stroke with a copy of the points. */
function made(points: readonly Point[], name?: number): Stroke {
  const number = strokesMade++;
  return { name: name ?? number, key: `${number}`, points: points.map(([x, y]) => [x, y] as const) };
}

function begin(state: SessionState, restriction: readonly string[] | undefined): Moment {
  return { state, restriction, over: new AbortController(), read: new Map() };
}

/** Reads expressions one after another, each from its first stroke to `commit`. */
export class Session {
  private moment = begin(EMPTY, undefined);
  private past: SessionState[] = [];
  private future: SessionState[] = [];
  /** Whether the last edit added or extended the last stroke. */
  private growing = false;
  /** Whether `commit` took a stroke that was growing, without an edit since then. */
  private cut = false;
  /** The candidates that were returned, with their strokes. */
  private given = new Map<Candidate, readonly Stroke[]>();

  constructor(private readonly reader: Reader) {}

  private get state(): SessionState {
    return this.moment.state;
  }

  /** The points of the strokes. */
  get strokes(): readonly (readonly Point[])[] {
    return this.state.strokes.map(({ points }) => points);
  }

  /** The accepted reading, until another one is accepted, it is rejected, or one of its strokes is erased. */
  get accepted(): Candidate | undefined {
    return this.state.accepted?.candidate;
  }

  /** The accepted reading, if it covers all strokes and obeys the restriction. */
  get acceptedForAll(): Candidate | undefined {
    return acceptedForAllOf(this.moment);
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
   * Add a stroke.
   *
   * @param points At least one point [x, y]. y grows downwards, and all strokes have the same unit.
   * @throws RangeError The stroke is invalid, or there are more strokes or points than the limits. The session then stays
   *   unchanged.
   */
  addStroke(points: readonly Point[]): void {
    this.addStrokes([points]);
  }

  /**
   * Add several strokes as one edit. An empty list is not an edit.
   *
   * @throws RangeError As `addStroke`.
   */
  addStrokes(strokes: readonly (readonly Point[])[]): void {
    const added = this.checked(strokes, this.state.strokes);
    if (!added.length) return;
    this.edit({ ...this.state, strokes: [...this.state.strokes, ...added], released: false });
    this.growing = added.length === 1;
  }

  /**
   * Replace all strokes as one edit, for example with those of a file. Also discards accepted and rejected readings. It
   * is not an edit if there are no strokes before and after.
   *
   * @throws RangeError As `addStroke`.
   */
  replaceStrokes(strokes: readonly (readonly Point[])[]): void {
    const added = this.checked(strokes, []);
    if (added.length || this.state.strokes.length) this.edit({ ...EMPTY, strokes: added });
  }

  /**
   * Append points to the last stroke while the pen moves.
   *
   * `undo` removes the stroke as a whole, or only these points if there was another edit after the stroke was added.
   * Readings in progress continue with the stroke as it was before; otherwise nothing could be read while the pen moves.
   * If `commit` took the stroke while it was growing, the points begin a stroke of the next expression.
   *
   * @throws RangeError There is no stroke, or there are no points or too many. The session then stays unchanged.
   */
  extendStroke(points: readonly Point[]): void {
    if (this.cut) return this.addStroke(points);
    checkStroke(points);
    const last = this.state.strokes.at(-1);
    if (!last) throw new RangeError("there is no stroke to extend: add one first");
    const grown = made([...last.points, ...points], last.name);
    checkStroke(grown.points);
    const strokes = [...this.state.strokes.slice(0, -1), grown];
    checkPoints(strokes.map((stroke) => stroke.points));
    const state = { ...this.state, strokes, released: false };
    if (this.growing) this.moment = { ...this.moment, state, read: new Map() };
    else this.edit(state);
    this.growing = true;
  }

  /**
   * Let the last stroke take away others if it is a scratch-out or a strike. Call this when the pen is lifted.
   *
   * The gesture and the strokes vanish together, in place of the edit that added the stroke: `undo` brings the strokes
   * back, without the gesture. An accepted reading of one of them is released. After any other edit than adding or
   * extending a single stroke, nothing happens.
   *
   * @returns The indices that the strokes had; none if the last stroke is ink.
   */
  applyGesture(): number[] {
    if (!this.growing) return [];
    const written = this.strokes.slice(0, -1);
    const taken = struck(written, this.strokes.at(-1)!);
    if (taken.length) {
      this.growing = false;
      this.change(this.without([...taken, written.length]), this.moment.restriction);
    }
    return taken;
  }

  /**
   * Erase strokes as one edit. If the accepted reading has one of these strokes, it is released. A call without indices
   * is not an edit.
   *
   * @param strokeIndices Indices in `strokes`.
   * @throws RangeError An index is out of range. The session then stays unchanged.
   */
  erase(...strokeIndices: number[]): void {
    checkIndices(strokeIndices, this.state.strokes.length);
    if (strokeIndices.length) this.edit(this.without(strokeIndices));
  }

  /**
   * Move strokes as one edit. An accepted reading of some of them and of others is released. A call without indices or
   * without a distance is not an edit.
   *
   * @param strokeIndices Indices in `strokes`.
   * @param dx How far to the right.
   * @param dy How far down.
   * @throws RangeError An index is out of range, or a stroke would come to lie outside the coordinates allowed. The
   *   session then stays unchanged.
   */
  moveStrokes(strokeIndices: readonly number[], dx: number, dy: number): void {
    checkIndices(strokeIndices, this.state.strokes.length);
    const { strokes, accepted } = this.state;
    const moving = new Set(strokeIndices.map((index) => strokes[index]!.name));
    const moved = strokes.map((stroke) => {
      if (!moving.has(stroke.name)) return stroke;
      const points = stroke.points.map(([x, y]) => [x + dx, y + dy] as const);
      checkStroke(points);
      return made(points, stroke.name);
    });
    if (!moving.size || (!dx && !dy)) return;
    const torn = new Set(accepted?.strokes.map(({ name }) => moving.has(name))).size === 2;
    this.edit({ ...this.state, strokes: moved, accepted: torn ? undefined : accepted, released: torn });
  }

  /** Erase everything as one edit. It is not an edit if there are no strokes. */
  clear(): void {
    this.replaceStrokes([]);
  }

  /** Undo the last edit (adding, erasing, clearing, accepting or rejecting). Returns false if there is none. */
  undo(): boolean {
    return this.step(this.past, this.future);
  }

  /** Redo the last undone edit. Returns false if there is none, or if there was another edit since. */
  redo(): boolean {
    return this.step(this.future, this.past);
  }

  // --- readings

  /**
   * Read the current strokes. If there is an edit meanwhile, read again after it.
   *
   * @param n Number of readings, from 1 to the model's widest beam. Fewer are returned only if the rules allow fewer.
   * @throws RangeError `n` is out of range.
   * @throws NoReadingError The restriction allows no reading.
   */
  async candidates(n = 1): Promise<Candidates> {
    checkCandidates(n, this.reader.maxCandidates);
    return this.untilCurrent((moment) => this.readOf(moment, n));
  }

  /**
   * Read the current strokes in two steps: first one greedy reading (`partial`), then `n` readings.
   *
   * The iteration ends early if there is an edit meanwhile. The greedy reading is left out after a rejection, where it
   * would not be faster.
   *
   * @throws RangeError, NoReadingError As `candidates`.
   */
  async *stream(n = 1): AsyncGenerator<Candidates> {
    checkCandidates(n, this.reader.maxCandidates);
    const { moment } = this;
    try {
      const quicker = moment.state.strokes.length && !refusedOn(moment.state).length && this.reader.maxCandidates !== 1;
      if (quicker) yield { ...(await this.readOf(moment, 1, true)), partial: true };
      moment.over.signal.throwIfAborted();
      yield await this.readOf(moment, n);
    } catch (error) {
      if (!moment.over.signal.aborted) throw error;
    }
  }

  /**
   * List alternatives for a token: complete readings that differ only in this token, likeliest first. They can be
   * accepted and rejected like other readings.
   *
   * @param tokenIndex Index in the candidate's `tokens`.
   * @param candidate A candidate that this session returned for the current strokes, by default the first one.
   * @returns As many readings as the model's widest beam, or fewer if the rules allow fewer.
   * @throws RangeError The token or the candidate does not exist, or an edit removes the candidate's strokes meanwhile.
   */
  async alternatives(tokenIndex: number, candidate?: Candidate): Promise<Candidate[]> {
    return this.untilCurrent((moment) => this.alternativesOf(moment, tokenIndex, candidate));
  }

  /**
   * Return the reading of the current strokes with this LaTeX, so that it can be accepted. It need not be among the
   * candidates.
   *
   * @param latex LaTeX that somebody typed, in any common spelling.
   * @throws LatexError The LaTeX cannot be read.
   * @throws RangeError There are no strokes, or the model or the restriction does not allow the LaTeX.
   */
  async spell(latex: string): Promise<Candidate> {
    const spelled = canonical(latex);
    return this.untilCurrent(async (moment) => {
      if (!moment.state.strokes.length) throw new RangeError(`nothing is written: there is no ink to read as ${latex}`);
      const { candidates } = await this.reader.read({ ...request(moment, 1), spelled }, moment.over.signal);
      this.give(moment, candidates);
      return candidates[0]!;
    });
  }

  /**
   * Restrict the tokens of readings. Braces and the end of a table are always allowed. Tokens that open a group are
   * excluded if the restriction does not allow to close it.
   *
   * @param tokens Name of a preset ("calculator", "crohme"), the tokens themselves, or undefined for all tokens.
   * @throws RangeError The preset is unknown, a token is not in the reader's vocabulary, or there are no tokens.
   */
  restrict(tokens: string | readonly string[] | undefined): void {
    this.change(this.state, tokens === undefined ? undefined : restrictionOf(tokens, this.reader.vocabulary?.tokens));
  }

  // --- decisions

  /**
   * Accept a reading. Later readings contain its tokens in their order, as far as the ink and the restriction allow.
   *
   * @throws RangeError The candidate is not from this session, or its strokes are gone.
   */
  accept(candidate: Candidate): void {
    this.edit({ ...this.state, accepted: { candidate, strokes: this.strokesRead(candidate) }, released: false });
  }

  /**
   * Reject a reading, so that it is not returned again for the same strokes. If it is accepted, that ends.
   *
   * @throws RangeError As `accept`.
   */
  reject(candidate: Candidate): void {
    const refused = [...this.state.refused, { keys: keysOf(this.strokesRead(candidate)), tokens: candidate.tokens }];
    const same = this.accepted && joined(this.accepted.tokens) === joined(candidate.tokens);
    this.edit({ ...this.state, refused, accepted: same ? undefined : this.state.accepted, released: false });
  }

  /**
   * Finish the expression. Returns the reading that was accepted for all of its strokes, else the likeliest reading. The
   * reader may learn it.
   *
   * The expression consists of the strokes at the time of the call. The session is empty as soon as the call returns its
   * promise: later strokes belong to the next expression, even while this one is still being read. Edits of the finished
   * expression cannot be undone.
   *
   * @throws RangeError There are no strokes.
   * @throws RangeError, NoReadingError As `candidates`. The expression is then restored, before any later strokes.
   */
  async commit(): Promise<Candidate> {
    const taken = this.take();
    try {
      const { moment } = taken;
      const reading = await this.committed(moment);
      const strokes = moment.state.strokes.map(({ points }) => points);
      await this.reader.learn?.(strokes, reading, moment.restriction);
      return reading;
    } catch (error) {
      this.putBack(taken);
      throw error;
    }
  }

  // --- edits

  private checked(strokes: readonly (readonly Point[])[], beside: readonly Stroke[]): Stroke[] {
    strokes.forEach((points) => checkStroke(points));
    const { maxStrokes } = this.reader;
    if (beside.length + strokes.length > maxStrokes) {
      throw new RangeError(`this model reads at most ${maxStrokes} strokes at once: commit what is written, go on`);
    }
    checkPoints([...beside.map(({ points }) => points), ...strokes]);
    return strokes.map((points) => made(points));
  }

  /** The state without some strokes. An accepted reading of one of them is released. */
  private without(strokeIndices: readonly number[]): SessionState {
    const { strokes, accepted } = this.state;
    const gone = new Set(strokeIndices.map((index) => strokes[index]!.name));
    const released = accepted?.strokes.some(({ name }) => gone.has(name)) ?? false;
    const left = strokes.filter(({ name }) => !gone.has(name));
    return { ...this.state, strokes: left, accepted: released ? undefined : accepted, released };
  }

  private edit(state: SessionState): void {
    this.past.push(this.state);
    this.future = [];
    this.growing = this.cut = false;
    this.change(state, this.moment.restriction);
  }

  private step(source: SessionState[], other: SessionState[]): boolean {
    const state = source.pop();
    if (!state) return false;
    other.push(this.state);
    this.growing = false;
    this.change(state, this.moment.restriction);
    return true;
  }

  private change(state: SessionState, restriction: readonly string[] | undefined): void {
    const { over } = this.moment;
    this.moment = begin(state, restriction);
    over.abort();
  }

  /** Take the expression out and begin the next one, whose edits do not supersede readings of this one. */
  private take(): Taken {
    if (!this.state.strokes.length) throw new RangeError("nothing is written: there is nothing to commit");
    const { past, future, given, growing } = this;
    const moment = { ...this.moment, over: new AbortController() };
    [this.past, this.future, this.given] = [[], [], new Map()];
    [this.growing, this.cut] = [false, growing];
    this.change(EMPTY, moment.restriction);
    return { moment, past, future, given, growing };
  }

  /** Put an expression back, before the strokes written since it was taken out. */
  private putBack({ moment, past, future, given, growing }: Taken): void {
    const edited = this.canUndo || this.canRedo;
    const behind = (state: SessionState): SessionState => behindOf(moment.state, state);
    this.past = [...past, ...this.past.map(behind)];
    this.future = edited ? this.future.map(behind) : future;
    this.given = new Map([...given, ...this.given]);
    this.growing = edited ? this.growing : growing;
    this.cut = false;
    this.change(behind(this.state), this.moment.restriction);
  }

  private strokesRead(candidate: Candidate): readonly Stroke[] {
    const strokes = this.given.get(candidate);
    const named = String((candidate as Partial<Candidate> | undefined)?.latex ?? candidate).slice(0, 80);
    if (!strokes) throw new RangeError(`${named} is no candidate of this session: ask for candidates first`);
    const there = new Set(this.state.strokes.map(({ name }) => name));
    if (!strokes.every(({ name }) => there.has(name))) {
      throw new RangeError(`${named} was read from strokes that are gone: ask for candidates again`);
    }
    return strokes;
  }

  // --- reading

  /** Read the current strokes. If there is an edit meanwhile, read again. */
  private async untilCurrent<T>(read: (moment: Moment) => Promise<T>): Promise<T> {
    for (;;) {
      const { moment } = this;
      try {
        return await read(moment);
      } catch (error) {
        if (!moment.over.signal.aborted) throw error;
      }
    }
  }

  /**
   * Read a moment's state and remember the returned candidates.
   *
   * @throws The abort's reason, if there is an edit meanwhile.
   */
  private async readOf(moment: Moment, n: number, greedy = false): Promise<Candidates> {
    const { candidates: found, pinReleased } = await this.found(moment, n, greedy);
    const candidates = found.slice(0, n);
    this.give(moment, candidates);
    return { candidates, pinReleased, partial: false, outdated: moment !== this.moment };
  }

  /** Read a moment's state, or return its earlier reading. */
  private async found(moment: Moment, n: number, greedy: boolean): Promise<Found> {
    const { state, read, over } = moment;
    if (!state.strokes.length) return { candidates: [], pinReleased: state.released };
    const known = read.get(greedy);
    if (known && known.asked >= n) return known.found;
    const { candidates, released } = await this.reader.read(request(moment, n, greedy), over.signal);
    const acceptedForAll = acceptedForAllOf(moment);
    const lost = released || (state.accepted !== undefined && !isAllowed(moment, state.accepted.candidate));
    const found = {
      candidates: first(acceptedForAll, candidates, released, n),
      pinReleased: state.released || (lost && !acceptedForAll),
    };
    read.set(greedy, { asked: n, found });
    return found;
  }

  private give({ state, over }: Moment, candidates: readonly Candidate[]): void {
    over.signal.throwIfAborted();
    for (const candidate of candidates) this.given.set(candidate, state.strokes);
  }

  private async alternativesOf(moment: Moment, tokenIndex: number, candidate?: Candidate): Promise<Candidate[]> {
    if (candidate && keysOf(this.strokesRead(candidate)) !== keysOf(moment.state.strokes)) {
      throw new RangeError("the candidate is no reading of what is written now: ask for candidates again");
    }
    const reading = candidate ?? (await this.readOf(moment, 1)).candidates[0];
    const length = reading?.tokens.length ?? 0;
    if (!reading || !Number.isInteger(tokenIndex) || tokenIndex < 0 || tokenIndex >= length) {
      throw new RangeError(`no token ${tokenIndex}: the reading has ${length}`);
    }
    const { tokens, strokesOfToken, complete } = reading;
    const replacing = { reading: { tokens, strokesOfToken, complete }, token: tokenIndex };
    const asked = { ...request(moment, 1), replacing };
    const { candidates } = await this.reader.read(asked, moment.over.signal);
    this.give(moment, candidates);
    return candidates;
  }

  /** The reading that `commit` returns for a moment. */
  private async committed(moment: Moment): Promise<Candidate> {
    return acceptedForAllOf(moment) ?? (await this.found(moment, 1, false)).candidates[0]!;
  }
}

function request({ state, restriction }: Moment, n: number, greedy = false): ReadRequest {
  const { strokes, accepted } = state;
  const pin = accepted &&
    isAllowed({ restriction }, accepted.candidate) && {
      tokens: accepted.candidate.tokens,
      strokeTokens: strokes.map(({ name }) => {
        const index = accepted.strokes.findIndex((stroke) => stroke.name === name);
        return index < 0 ? -1 : accepted.candidate.strokesOfToken.findIndex((own) => own.includes(index));
      }),
    };
  const named = strokes.map(({ key, points }) => ({ key, points }));
  const beams = greedy ? 1 : undefined;
  return { strokes: named, n, beams, pin: pin || undefined, refused: refusedOn(state), restrict: restriction };
}

/**
 * Return the tokens of a restriction.
 *
 * @throws RangeError As `Session.restrict`.
 */
function restrictionOf(tokens: string | readonly string[], vocabulary?: readonly string[]): readonly string[] {
  const has = (token: string): boolean => !vocabulary || vocabulary.indexOf(token) >= SPECIAL.length;
  const presets: Readonly<Record<string, readonly string[]>> = restrictions;
  if (typeof tokens === "string" && !Object.hasOwn(presets, tokens)) {
    throw new RangeError(`no restriction '${tokens}': choose from ${Object.keys(presets).sort().join(", ")}`);
  }
  const named = typeof tokens === "string" ? presets[tokens]!.filter(has) : [...new Set(tokens)];
  const missing = named.filter((token) => !has(token)).sort();
  if (missing.length) {
    const some = missing
      .slice(0, 5)
      .map((token) => `'${token}'`)
      .join(", ");
    throw new RangeError(`${missing.length} tokens to restrict to are not in the vocabulary (${some}): leave them out`);
  }
  if (!named.length) {
    throw new RangeError("none of the tokens to restrict to is in the vocabulary: name some, or lift the restriction");
  }
  return named;
}

function isAllowed({ restriction }: Pick<Moment, "restriction">, candidate: Candidate): boolean {
  const allowed = restriction && new Set([...restriction, ...CLOSERS]);
  return candidate.tokens.every((token) => allowed?.has(token) ?? true);
}

/** The accepted reading, if it covers all strokes and the restriction allows it. */
function acceptedForAllOf(moment: Moment): Candidate | undefined {
  const { accepted, strokes } = moment.state;
  if (!accepted || keysOf(accepted.strokes) !== keysOf(strokes)) return undefined;
  return isAllowed(moment, accepted.candidate) ? accepted.candidate : undefined;
}

/** Combine two states: the strokes and decisions of `before`, followed by those of `state`. */
function behindOf(before: SessionState, state: SessionState): SessionState {
  return {
    strokes: [...before.strokes, ...state.strokes],
    accepted: state.accepted ?? before.accepted,
    refused: [...before.refused, ...state.refused],
    released: state.released,
  };
}

/** Put the reading that is accepted for exactly these strokes first. */
function first(
  acceptedForAll: Candidate | undefined,
  found: readonly Candidate[],
  released: boolean,
  n: number,
): Candidate[] {
  if (!acceptedForAll) return [...found];
  const others = found.filter((other) => joined(other.tokens) !== joined(acceptedForAll.tokens));
  return [acceptedForAll, ...(released ? [] : others)].slice(0, n);
}

/** The tokens of readings that were rejected for exactly the strokes of a state. */
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
