/** The recogniser: reads ink and returns LaTeX. */

import { assign, type Strokes, strokeDistances } from "./assignment.ts";
import type { Backend, Encoded } from "./backend.ts";
import { Constraint, type Rules } from "./constraint.ts";
import { doubtfulTokens } from "./doubt.ts";
import { toLatex } from "./environments.ts";
import { following, force, forced } from "./forced.ts";
import grammarTable, { constants } from "./grammar.json";
import { Grammar, type Table } from "./grammar.ts";
import { checkPoints, checkStroke } from "./limits.ts";
import { RememberingBackend } from "./memory/backend.ts";
import type { WriterMemory } from "./memory/memory.ts";
import { Pin } from "./pin.ts";
import { type Framed, type FrameSettings, frameStroke, normalizeBoxes, type Point } from "./preprocess.ts";
import {
  type Calibration,
  differentSymbols,
  type Hypothesis,
  NoReadingError,
  search,
  UNCALIBRATED,
  weigh,
} from "./search.ts";
import { CLOSERS, EOS_ID, join, Vocabulary } from "./vocabulary.ts";

/** One reading of an ink. Plain data that can be posted to a worker or stored. */
export interface Candidate {
  /** LaTeX as one would type it: `\frac{a}{b}`, `\begin{pmatrix}...`. */
  latex: string;
  /** Canonical tokens. */
  tokens: string[];
  /** Calibrated probability that the reading is correct. */
  probability: number;
  /** For each token the indices of its strokes, ascending. Every stroke belongs to one token. */
  strokesOfToken: number[][];
  /** False if the reading was cut off at the model's length limit. */
  complete: boolean;
  /** Indices of the tokens in doubt; none that the writer has accepted. Missing for alternatives, which are not searched. */
  doubtful?: number[] | undefined;
}

/** A request to a `Reader`. Plain data. */
export interface ReadRequest {
  /** At least one stroke. Each stroke has a unique key, which changes when the stroke grows. */
  strokes: readonly { key: string; points: readonly Point[] }[];
  /** Number of candidates, from 1 to the model's widest beam. With `replacing` always up to the widest beam. */
  n: number;
  /** Beam width, by default the model's widest one; 1 is greedy search. */
  beams?: number | undefined;
  /** The allowed tokens, by default all. Braces and the end of a table are always allowed. */
  restrict?: readonly string[] | undefined;
  /** Tokens that every reading must contain, and for each stroke the index of its token among them, -1 for none. */
  pin?: { tokens: readonly string[]; strokeTokens: readonly number[] } | undefined;
  /** Rejected readings, as tokens. They are not returned. */
  refused?: readonly (readonly string[])[] | undefined;
  /** If given, return the readings that differ from this one only in the token with this index, without a search. */
  replacing?: { reading: Pick<Candidate, "tokens" | "strokesOfToken" | "complete">; token: number } | undefined;
  /** If given, return only the reading with these tokens, without a search. */
  spelled?: readonly string[] | undefined;
}

/** The answer of a `Reader`. */
export interface Reading {
  /** Best first. Fewer than requested only if the rules allow fewer. */
  candidates: Candidate[];
  /** True if no reading could contain the pin, and these were read without it. */
  released: boolean;
}

/** Reads the ink of a session: a `Recognizer`, or a proxy of one in a worker. */
export interface Reader {
  /** Largest number of strokes of an ink. */
  readonly maxStrokes: number;
  /** Largest number of candidates, the model's widest beam. If undefined, only `read` checks the limit. */
  readonly maxCandidates?: number | undefined;
  /** The model's vocabulary. If undefined, a session does not check the tokens of a restriction. */
  readonly vocabulary?: Vocabulary | undefined;

  /**
   * Read an ink.
   *
   * @throws The signal's reason, if the signal aborts.
   */
  read(request: ReadRequest, signal?: AbortSignal): Promise<Reading>;

  /**
   * Learn an expression that a session commits. Does not reject.
   *
   * @param restrict The tokens that could be written, undefined for all.
   */
  learn?(strokes: readonly (readonly Point[])[], candidate: Candidate, restrict?: readonly string[]): Promise<void>;
}

/** Number of likeliest tokens that are tried as alternatives. The other tokens have almost no probability. */
const REPLACEMENTS_TRIED = constants.alternatives_tried;

const KEPT = 8; // size of the stroke cache, in multiples of maxStrokes; it also keeps erased and undone strokes

/** Reads inks with one model, one at a time. */
export class Recognizer implements Reader {
  readonly vocabulary: Vocabulary;
  readonly grammar: Grammar;
  /** Whether the memory learns the expressions that sessions commit. */
  learning = true;
  private remembering: RememberingBackend | undefined;
  /** (V), 1 for ids that a pen draws. */
  private readonly visible: Uint8Array;
  private readonly stems = new Map<string, { framed: Framed; stem: Float32Array }>();
  private last: { keys: string; encoded: Encoded; strokes: Strokes } | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private unnamed = 0;

  /**
   * @param model The model. `loadRecognizer` opens a .tflite file.
   * @param tokens The vocabulary of the model.
   * @param frame Settings for framing strokes.
   * @param calibration Calibration of the probabilities.
   */
  constructor(
    private readonly model: Backend,
    tokens: readonly string[],
    private readonly frame: FrameSettings,
    private readonly calibration: Calibration = UNCALIBRATED,
  ) {
    this.vocabulary = new Vocabulary(tokens);
    this.grammar = new Grammar(grammarTable as unknown as Table, this.vocabulary);
    this.visible = this.grammar.visibleAlone();
  }

  /** The model, or the model with a memory. */
  get backend(): Backend {
    return this.remembering ?? this.model;
  }

  /** The writer's memory. */
  get memory(): WriterMemory | undefined {
    return this.remembering?.memory;
  }

  /**
   * Read with a writer's memory from now on, or without one. The memory may change at any time.
   *
   * @throws LearningError The model cannot learn.
   */
  remember(memory: WriterMemory | undefined): void {
    const { model, vocabulary, frame } = this;
    this.remembering = memory && new RememberingBackend(model, vocabulary, frame, memory);
  }

  /** Compute the keys of newly learnt formulas now. Otherwise the next reading computes them first. */
  refresh(): Promise<void> {
    return this.inTurn(async () => this.remembering?.refresh());
  }

  /** Learn a committed expression. Does nothing without a memory. A reading that is not complete is not learnt. */
  async learn(
    strokes: readonly (readonly Point[])[],
    candidate: Candidate,
    restrict?: readonly string[],
  ): Promise<void> {
    const { memory, vocabulary } = this;
    if (!memory || !this.learning || !candidate.complete) return;
    const mask = restrict && vocabulary.only(restrict);
    const allowed = mask?.includes(0)
      ? vocabulary.tokens.filter((token, id) => mask[id] && vocabulary.has(token))
      : undefined;
    try {
      memory.learn(strokes, candidate.tokens, { allowed });
      await this.refresh();
    } catch (error) {
      console.warn(`${candidate.latex} is not remembered: ${(error as Error).message}`);
    }
  }

  get maxStrokes(): number {
    return this.backend.strokeSizes.at(-1)!;
  }

  get maxCandidates(): number {
    return this.backend.beamSizes.at(-1)!;
  }

  /**
   * Read a complete ink. A `Session` reads ink while it is being written.
   *
   * @param strokes At least one stroke, each with at least one point.
   * @param n Number of candidates, from 1 to the model's widest beam.
   * @param beams Beam width, by default the model's widest one; 1 is greedy search.
   * @throws RangeError The ink or `n` exceeds a limit.
   * @throws NoReadingError No sequence of tokens obeys all rules.
   */
  async recognize(strokes: readonly (readonly Point[])[], n = 1, beams?: number): Promise<Candidate[]> {
    const named = strokes.map((points) => ({ key: `unnamed ${this.unnamed++}`, points }));
    return (await this.read({ strokes: named, n, beams })).candidates;
  }

  read(request: ReadRequest, signal?: AbortSignal): Promise<Reading> {
    return this.inTurn(() => this.readNow(request, signal));
  }

  /** Run an action after those that were asked for before. Only one at a time may use the backend. */
  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.turn.then(action);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async readNow(request: ReadRequest, signal?: AbortSignal): Promise<Reading> {
    signal?.throwIfAborted();
    checkCandidates(request.n, this.maxCandidates);
    await this.remembering?.refresh();
    const { encoded, strokes } = await this.encode(request.strokes);
    if (request.spelled) {
      return { candidates: [await this.spelled(encoded, strokes, request, signal)], released: false };
    }
    if (request.replacing) return { candidates: await this.replaced(encoded, request, signal), released: false };
    const widest = this.maxCandidates;
    const refused = (request.refused ?? []).map((tokens) => this.vocabulary.encode(tokens));
    // After a refused reading greedy search can only continue to a longer one. A beam has other readings.
    const beams = refused.length ? widest : Math.max(request.n, request.beams ?? widest);
    const rules: Rules = { refused, ...(request.restrict && { restrict: this.vocabulary.only(request.restrict) }) };
    const decode = (width: number, pin?: Pin): Promise<Candidate[]> =>
      this.decode(encoded, strokes, request.n, width, pin ? { ...rules, pin } : rules, signal);
    if (!request.pin) return { candidates: await decode(beams), released: false };
    const pin = new Pin(this.vocabulary.encode(request.pin.tokens), request.pin.strokeTokens, this.visible);
    // Where greedy search loses the pin, a beam may keep it.
    for (const width of new Set([beams, widest])) {
      try {
        return { candidates: await decode(width, pin), released: false };
      } catch (error) {
        if (!(error instanceof NoReadingError)) throw error;
      }
    }
    return { candidates: await decode(beams), released: true };
  }

  /** Return the reading with given tokens. */
  private async spelled(
    encoded: Encoded,
    strokes: Strokes,
    { spelled, restrict }: ReadRequest,
    signal?: AbortSignal,
  ): Promise<Candidate> {
    const allowed = restrict && new Set([...restrict, ...CLOSERS]);
    for (const token of spelled!) {
      if (!this.vocabulary.has(token)) throw new RangeError(`this model cannot write ${token}`);
      if (allowed && !allowed.has(token)) throw new RangeError(`the restriction excludes ${token}`);
    }
    const ids = this.vocabulary.encode(spelled!);
    const { maxTokens } = this.backend;
    if (ids.length >= maxTokens)
      throw new RangeError(`${ids.length} tokens, this model writes at most ${maxTokens - 1}`);
    if (!ids.length || !this.grammar.accepts(ids)) throw new RangeError(`${join(spelled!)} is no complete formula`);
    const found = await forced(this.backend, encoded, ids, this.calibration, signal);
    return { ...this.candidate(found, strokeDistances(strokes)), doubtful: [] }; // the writer typed it
  }

  /** Return readings with a different token in one place, best first. Each is scored as a whole. */
  private async replaced(encoded: Encoded, request: ReadRequest, signal?: AbortSignal): Promise<Candidate[]> {
    const { reading, token } = request.replacing!;
    const ids = this.vocabulary.encode(reading.tokens);
    const scores = await following(this.backend, encoded, ids.slice(0, token), signal);
    const sequences = this.replacements(ids, token, scores, request);
    if (!sequences.length) return [];
    const { backend, calibration } = this;
    // The original reading keeps its share of the probability.
    const own = await force(backend, encoded, [ids], calibration, signal);
    const totals = [...own, ...(await force(backend, encoded, sequences, calibration, signal))];
    const weighed = this.weigh(totals, [ids, ...sequences]);
    const scored = sequences.map((sequence, i) => ({
      tokens: this.vocabulary.decode(sequence),
      score: weighed[i + 1]!,
    }));
    scored.sort((a, b) => b.score - a.score);
    return scored.map(({ tokens, score }) => {
      const strokesOfToken = reading.strokesOfToken.map((strokes) => [...strokes]);
      return {
        latex: toLatex(tokens),
        tokens,
        probability: Math.exp(score),
        strokesOfToken,
        complete: reading.complete,
      };
    });
  }

  /** Return the likeliest sequences with a different token in one place that obey the rules, at most the widest beam. */
  private replacements(ids: number[], token: number, scores: Float64Array, request: ReadRequest): number[][] {
    const allowed = request.restrict && this.vocabulary.only(request.restrict);
    const refused = new Set((request.refused ?? []).map((tokens) => this.vocabulary.encode(tokens).join()));
    const likeliest = [...scores.keys()]
      .filter((id) => !allowed || allowed[id])
      .sort((a, b) => scores[b]! - scores[a]!);
    const others = likeliest.slice(0, REPLACEMENTS_TRIED).filter((id) => id > EOS_ID && id !== ids[token]);
    return others
      .map((other) => [...ids.slice(0, token), other, ...ids.slice(token + 1)])
      .filter((sequence) => !allowed || sequence.every((id) => allowed[id]))
      .filter((sequence) => this.grammar.accepts(sequence) && !refused.has(sequence.join()))
      .slice(0, this.maxCandidates);
  }

  /** Weigh the readings of one ink against each other, and doubt all of them alike if there is a memory. */
  private weigh(logs: readonly number[], readings: readonly (readonly number[])[]): number[] {
    const doubt = this.memory?.doubt ?? 0;
    const symbols = readings.map((ids) => differentSymbols(ids, this.visible));
    return weigh(logs, symbols, this.calibration).map((log) => log - doubt);
  }

  private async decode(
    encoded: Encoded,
    strokes: Strokes,
    results: number,
    beams: number,
    rules: Rules,
    signal?: AbortSignal,
  ): Promise<Candidate[]> {
    const constraint = new Constraint(this.backend.maxTokens, this.grammar, rules);
    const { calibration } = this;
    // A reading is weighed relative to the other ones, so the weights need all of them.
    const options = { beams, results: calibration.symbolCost ? beams : results, calibration, signal };
    const found = await search(this.backend, encoded, constraint, options);
    const logs = found.map(({ logProbability }) => logProbability);
    const weighed = this.weigh(
      logs,
      found.map(({ ids }) => ids),
    );
    const best = found.map((hypothesis, i) => ({ ...hypothesis, logProbability: weighed[i]! }));
    best.sort((a, b) => b.logProbability - a.logProbability);
    const distances = strokeDistances(strokes);
    return best.slice(0, results).map((hypothesis) => this.candidate(hypothesis, distances, rules.pin));
  }

  private candidate(hypothesis: Hypothesis, distances: Float64Array[], pin?: Pin): Candidate {
    const { ids, logProbability, tokenLogProbabilities, attention } = hypothesis;
    const tokens = this.vocabulary.decode(ids);
    const strokesOfToken: number[][] = tokens.map(() => []);
    const visible = this.grammar.visible(ids);
    const strokeTokens = visible.length
      ? assign(
          visible.map((token) => attention[token]!),
          distances,
        )
      : [];
    strokeTokens.forEach((index, stroke) => strokesOfToken[visible[index]!]!.push(stroke));
    const complete = ids.length + 1 < this.backend.maxTokens;
    const isNew = (stroke: number): boolean => !pin || pin.strokeTokens[stroke]! < 0;
    const doubtful = doubtfulTokens(visible, tokenLogProbabilities).filter(
      (token) => !strokesOfToken[token]!.length || strokesOfToken[token]!.some(isNew),
    );
    return {
      latex: toLatex(tokens),
      tokens,
      probability: Math.exp(logProbability),
      strokesOfToken,
      complete,
      doubtful,
    };
  }

  private async encode(strokes: ReadRequest["strokes"]): Promise<{ encoded: Encoded; strokes: Strokes }> {
    this.check(strokes);
    const keys = strokes.map(({ key }) => key).join("\n");
    if (this.last?.keys === keys) return this.last;
    if (this.stems.size > KEPT * this.maxStrokes) this.stems.clear();
    const known = [];
    for (const { key, points } of strokes) known.push(this.stems.get(key) ?? (await this.stem(key, points)));
    const framed = known.map((stroke) => stroke.framed);
    const boxes = normalizeBoxes(framed.map(({ box }) => box));
    const encoded = await this.backend.encode(
      known.map(({ stem }) => stem),
      boxes,
    );
    this.last?.encoded.release();
    this.last = { keys, encoded, strokes: { framed, boxes } };
    return this.last;
  }

  private async stem(key: string, points: readonly Point[]): Promise<{ framed: Framed; stem: Float32Array }> {
    const framed = frameStroke(points, this.frame);
    const known = { framed, stem: await this.backend.stem(framed.points) };
    this.stems.set(key, known);
    return known;
  }

  private check(strokes: ReadRequest["strokes"]): void {
    if (!strokes.length) throw new RangeError("the ink has no strokes: there is nothing to read");
    if (strokes.length > this.maxStrokes) {
      throw new RangeError(
        `${strokes.length} strokes, this model reads at most ${this.maxStrokes}: read them in parts`,
      );
    }
    for (const { points } of strokes) checkStroke(points);
    checkPoints(strokes.map(({ points }) => points));
  }
}

/**
 * Check a number of candidates.
 *
 * @throws RangeError The model cannot return `n` candidates.
 */
export function checkCandidates(n: number, most = Infinity): void {
  if (Number.isInteger(n) && n >= 1 && n <= most) return;
  const range = most === Infinity ? "1 or more" : `1 to ${most}`;
  throw new RangeError(`${n} candidates asked for: this model gives ${range}`);
}
