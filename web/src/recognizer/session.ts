/**
 * An expression that is read while it is being written; `tegashiki/recognizer/session.py` in TypeScript.
 *
 *     const session = new Session(await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js"));
 *     session.addStroke([[10, 10], [20, 30]]);
 *     for await (const { candidates } of session.stream(5)) show(candidates);
 *
 * Every edit takes effect at once and supersedes the readings that are under way. What is read is what
 * `Recognizer.recognize` reads in the same strokes, until something is accepted, rejected or restricted.
 *
 * docs/runtime.md has the state machine and the contract of every method.
 */

import { restrictions } from "./grammar.json";
import type { Point } from "./preprocess.ts";
import {
  type Candidate,
  checkCandidates,
  checkPoints,
  checkStroke,
  type Reader,
  type ReadRequest,
} from "./recognizer.ts";
import { CLOSERS, SPECIAL } from "./vocabulary.ts";

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

/** What is written, what may be written, and what was read of it. */
interface Moment {
  readonly state: SessionState;
  readonly restriction: readonly string[] | undefined;
  /** Aborted by the next edit; that the last stroke grows is none. */
  readonly over: AbortController;
  /** Greedily (true) and with the widest beam: how many candidates were asked for, and what was found. */
  readonly read: Map<boolean, { asked: number; found: Found }>;
}

interface Found {
  readonly candidates: readonly Candidate[];
  readonly pinReleased: boolean;
}

/** What `commit` takes out of a session, and puts back where it cannot be read. */
interface Taken {
  readonly moment: Moment;
  readonly past: SessionState[];
  readonly future: SessionState[];
  readonly given: Map<Candidate, readonly Stroke[]>;
  readonly growing: boolean;
}

const EMPTY: SessionState = { strokes: [], refused: [], released: false };
let strokesMade = 0;

/** A stroke with points of its own, whatever becomes of the ones given. */
function made(points: readonly Point[], name?: number): Stroke {
  const number = strokesMade++;
  return { name: name ?? number, key: `${number}`, points: points.map(([x, y]) => [x, y] as const) };
}

function begin(state: SessionState, restriction: readonly string[] | undefined): Moment {
  return { state, restriction, over: new AbortController(), read: new Map() };
}

/** One expression after the other, each from its first stroke to `commit`. */
export class Session {
  private moment = begin(EMPTY, undefined);
  private past: SessionState[] = [];
  private future: SessionState[] = [];
  /** The last edit added the last stroke, or grew it. */
  private growing = false;
  /** `commit` took a stroke that was growing, and nothing was edited since. */
  private cut = false;
  /** Candidates and the strokes that they are readings of. */
  private given = new Map<Candidate, readonly Stroke[]>();

  constructor(private readonly reader: Reader) {}

  private get state(): SessionState {
    return this.moment.state;
  }

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
    return acceptedForAllOf(this.moment);
  }

  /** Whether `undo` has something to take back. */
  get canUndo(): boolean {
    return this.past.length > 0;
  }

  /** Whether `redo` has something to do again. */
  get canRedo(): boolean {
    return this.future.length > 0;
  }

  // --- strokes

  /**
   * Add a stroke.
   *
   * @param points at least one [x, y], y downwards, in one unit for all strokes.
   * @throws RangeError for what is no stroke, and for more strokes or points than can be read; the session then stays as
   * it was.
   */
  addStroke(points: readonly Point[]): void {
    this.addStrokes([points]);
  }

  /** Add several strokes as one edit. No edit where there are none. @throws as `addStroke`. */
  addStrokes(strokes: readonly (readonly Point[])[]): void {
    const added = this.checked(strokes, this.state.strokes);
    if (!added.length) return;
    this.edit({ ...this.state, strokes: [...this.state.strokes, ...added], released: false });
    this.growing = added.length === 1;
  }

  /**
   * Write these strokes in the place of all that is there, as one edit: those of a file, for example. What was accepted
   * and rejected goes. No edit where there are none before and after.
   *
   * @throws as `addStroke`.
   */
  replaceStrokes(strokes: readonly (readonly Point[])[]): void {
    const added = this.checked(strokes, []);
    if (added.length || this.state.strokes.length) this.edit({ ...EMPTY, strokes: added });
  }

  /**
   * Put more points behind the last stroke's: the pen has moved on. `undo` still takes the stroke as a whole, unless
   * something else was edited since it was added; then it takes these points. What is being read is read on, of the
   * stroke as it was, or nothing would be read while a pen moves. Behind a `commit` that took the stroke while it grew,
   * the points begin a stroke of the next expression.
   *
   * @throws RangeError where there is no stroke, for no points, and for too many; the session then stays as it was.
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
   * Take strokes away as one edit, by their indices in `strokes`; what was accepted of them is released. No edit where
   * no index is given.
   *
   * @throws RangeError where one of the strokes is not there; the session then stays as it was.
   */
  erase(...strokeIndices: number[]): void {
    const { strokes, accepted } = this.state;
    for (const index of strokeIndices) {
      if (!Number.isInteger(index) || index < 0 || index >= strokes.length) {
        throw new RangeError(`no stroke ${index}: there are ${strokes.length}, counted from 0`);
      }
    }
    if (!strokeIndices.length) return;
    const gone = new Set(strokeIndices.map((index) => strokes[index]!.name));
    const released = accepted?.strokes.some(({ name }) => gone.has(name)) ?? false;
    const left = strokes.filter(({ name }) => !gone.has(name));
    this.edit({ ...this.state, strokes: left, accepted: released ? undefined : accepted, released });
  }

  /** Take everything away; `undo` brings it back. No edit where nothing is written. */
  clear(): void {
    this.replaceStrokes([]);
  }

  /** Take the last edit back (a stroke, erasing, clearing, accepting, rejecting); false where there is none. */
  undo(): boolean {
    return this.step(this.past, this.future);
  }

  /** Do again what `undo` took back; false where there is nothing, or something was edited since. */
  redo(): boolean {
    return this.step(this.future, this.past);
  }

  // --- readings

  /**
   * Read what is written now; where something is edited meanwhile, what is written then.
   *
   * @param n readings wanted, 1 to the model's widest beam; fewer come back only where the rules admit fewer.
   * @throws RangeError for an impossible `n`, NoReadingError where a restriction leaves nothing to write.
   */
  async candidates(n = 1): Promise<Candidates> {
    checkCandidates(n, this.reader.maxCandidates);
    return this.untilCurrent((moment) => this.readOf(moment, n));
  }

  /**
   * Read what is written now, best effort first: one greedy reading (`partial`), then the `n` asked for. Ends early where
   * something is edited meanwhile. The first is left out behind a rejection, where it would be no quicker.
   *
   * @throws as `candidates`.
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
   * List what a token could be instead: whole readings that differ in it alone, the likeliest first. They can be
   * accepted and rejected as any other.
   *
   * @param tokenIndex into the candidate's `tokens`.
   * @param candidate one that this session gave for the strokes that are there now; the first one if not given.
   * @returns as many as the model's widest beam, fewer where the rules admit fewer.
   * @throws RangeError where there is no such token, or no such candidate, also where an edit takes its strokes away
   * meanwhile.
   */
  async alternatives(tokenIndex: number, candidate?: Candidate): Promise<Candidate[]> {
    return this.untilCurrent((moment) => this.alternativesOf(moment, tokenIndex, candidate));
  }

  /**
   * Write these tokens only, braces and the end of a table beside them: a preset's name ("calculator", "crohme"), the
   * tokens themselves, or undefined for the whole vocabulary. What cannot be closed with them is not opened.
   *
   * @throws RangeError for an unknown preset, for tokens that the reader's vocabulary lacks, and where none is named.
   */
  restrict(tokens: string | readonly string[] | undefined): void {
    this.change(this.state, tokens === undefined ? undefined : restrictionOf(tokens, this.reader.vocabulary?.tokens));
  }

  // --- decisions

  /**
   * Pin a reading: from now on all hold its tokens in their order, as far as ink and restriction let them.
   *
   * @throws RangeError for a candidate that this session did not give for strokes that are still there.
   */
  accept(candidate: Candidate): void {
    this.edit({ ...this.state, accepted: { candidate, strokes: this.strokesRead(candidate) }, released: false });
  }

  /** Keep a reading from coming back for the same strokes; a pin of the same reading goes. @throws as `accept`. */
  reject(candidate: Candidate): void {
    const refused = [...this.state.refused, { keys: keysOf(this.strokesRead(candidate)), tokens: candidate.tokens }];
    const same = this.accepted && joined(this.accepted.tokens) === joined(candidate.tokens);
    this.edit({ ...this.state, refused, accepted: same ? undefined : this.state.accepted, released: false });
  }

  /**
   * End the expression and hand it over: what was accepted for all of its strokes, else the likeliest reading.
   *
   * The expression is what is written at the call. The session is empty as soon as the call returns, also while the
   * likeliest reading is still being searched: what arrives meanwhile belongs to the next expression. Nothing of this one
   * can be undone.
   *
   * @throws RangeError where nothing is written, and as `candidates`. The expression then comes back, before what was
   * written meanwhile.
   */
  async commit(): Promise<Candidate> {
    const taken = this.take();
    try {
      return await this.committed(taken.moment);
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

  /** Take the expression out and begin the next one. What is taken is not superseded by what comes after. */
  private take(): Taken {
    if (!this.state.strokes.length) throw new RangeError("nothing is written: there is nothing to commit");
    const { past, future, given, growing } = this;
    const moment = { ...this.moment, over: new AbortController() };
    [this.past, this.future, this.given] = [[], [], new Map()];
    [this.growing, this.cut] = [false, growing];
    this.change(EMPTY, moment.restriction);
    return { moment, past, future, given, growing };
  }

  /** Put an expression back, before what was written since it was taken out. */
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

  /** Read what is written, again where something is edited meanwhile. */
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

  /** Read a moment's state and note what is handed out. @throws the abort's reason where something is edited meanwhile. */
  private async readOf(moment: Moment, n: number, greedy = false): Promise<Candidates> {
    const { candidates: found, pinReleased } = await this.found(moment, n, greedy);
    const candidates = found.slice(0, n);
    this.give(moment, candidates);
    return { candidates, pinReleased, partial: false, outdated: moment !== this.moment };
  }

  /** Read a moment's state, once. */
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

  /** The reading that an expression is handed over as: here its strokes and its tokens come together. */
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

/** The tokens of a restriction. @throws RangeError as `Session.restrict`. */
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

/** What is accepted for all of the strokes, where the restriction allows it. */
function acceptedForAllOf(moment: Moment): Candidate | undefined {
  const { accepted, strokes } = moment.state;
  if (!accepted || keysOf(accepted.strokes) !== keysOf(strokes)) return undefined;
  return isAllowed(moment, accepted.candidate) ? accepted.candidate : undefined;
}

/** A state with the strokes of another one before its own, and what was decided on either. */
function behindOf(before: SessionState, state: SessionState): SessionState {
  return {
    strokes: [...before.strokes, ...state.strokes],
    accepted: state.accepted ?? before.accepted,
    refused: [...before.refused, ...state.refused],
    released: state.released,
  };
}

/** Put what is accepted for just these strokes before all else that would hold it. */
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
