/** The recogniser: reads ink and returns LaTeX. */

import { assign, type Strokes, strokeDistances } from "./assignment.ts";
import type { Backend, Encoded } from "./backend.ts";
import { Constraint, type Rules } from "./constraint.ts";
import { doubtfulTokens } from "./doubt.ts";
import { following, force } from "./forced.ts";
import grammarTable, { constants } from "./grammar.json";
import { Grammar, type Table } from "./grammar.ts";
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
import { EOS_ID, join, Vocabulary } from "./vocabulary.ts";

/** One reading of an ink. Plain data that can be posted to a worker or stored. */
export interface Candidate {
  /** LaTeX without unnecessary spaces: `\frac{a}{b}`. */
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
}

/** Most points of one ink. */
export const MAX_POINTS = constants.max_points;

/** Most points of one stroke: 40 s at 240 Hz. */
export const MAX_STROKE_POINTS = constants.max_stroke_points;

/** Number of likeliest tokens that are tried as alternatives. The other tokens have almost no probability. */
const REPLACEMENTS_TRIED = constants.alternatives_tried;

const KEPT = 8; // size of the stroke cache, in multiples of maxStrokes; it also keeps erased and undone strokes

/** Reads inks with one model, one at a time. */
export class Recognizer implements Reader {
  readonly vocabulary: Vocabulary;
  readonly grammar: Grammar;
  /** (V), 1 for ids that a pen draws. */
  private readonly visible: Uint8Array;
  private readonly stems = new Map<string, { framed: Framed; stem: Float32Array }>();
  private last: { keys: string; encoded: Encoded; strokes: Strokes } | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private unnamed = 0;

  /**
   * @param backend The model. `loadRecognizer` opens a .tflite file.
   * @param tokens The vocabulary of the model.
   * @param frame Settings for framing strokes.
   * @param calibration Calibration of the probabilities.
   */
  constructor(
    readonly backend: Backend,
    tokens: readonly string[],
    private readonly frame: FrameSettings,
    private readonly calibration: Calibration = UNCALIBRATED,
  ) {
    this.vocabulary = new Vocabulary(tokens);
    this.grammar = new Grammar(grammarTable as unknown as Table, this.vocabulary);
    this.visible = this.grammar.visibleAlone();
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
    const reading = this.turn.then(() => this.readNow(request, signal));
    this.turn = reading.catch(() => undefined);
    return reading;
  }

  private async readNow(request: ReadRequest, signal?: AbortSignal): Promise<Reading> {
    signal?.throwIfAborted();
    checkCandidates(request.n, this.maxCandidates);
    const { encoded, strokes } = await this.encode(request.strokes);
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
    const weighed = weigh(
      totals,
      [ids, ...sequences].map((each) => differentSymbols(each, this.visible)),
      calibration,
    );
    const scored = sequences.map((sequence, i) => ({
      tokens: this.vocabulary.decode(sequence),
      score: weighed[i + 1]!,
    }));
    scored.sort((a, b) => b.score - a.score);
    return scored.map(({ tokens, score }) => {
      const strokesOfToken = reading.strokesOfToken.map((strokes) => [...strokes]);
      return { latex: join(tokens), tokens, probability: Math.exp(score), strokesOfToken, complete: reading.complete };
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
    const weighed = weigh(
      logs,
      found.map(({ ids }) => differentSymbols(ids, this.visible)),
      calibration,
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
    return { latex: join(tokens), tokens, probability: Math.exp(logProbability), strokesOfToken, complete, doubtful };
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
 * Check that a stroke has 1 to `MAX_STROKE_POINTS` points [x, y] with finite coordinates below the limit.
 *
 * @throws RangeError The stroke is invalid.
 */
export function checkStroke(points: readonly Point[]): void {
  if (!Array.isArray(points)) throw new RangeError("a stroke is an array of points [x, y]");
  if (!points.length || points.length > MAX_STROKE_POINTS) {
    throw new RangeError(`a stroke of ${points.length} points, expected 1 to ${MAX_STROKE_POINTS}`);
  }
  const limit = constants.max_coordinate;
  for (const point of points as readonly ArrayLike<unknown>[]) {
    const [x, y] = [point[0], point[1]];
    if (point.length !== 2 || typeof x !== "number" || typeof y !== "number") {
      throw new RangeError(`the point (${Array.from(point).join(", ")}) is not [x, y], two numbers`);
    }
    if (!(Math.abs(x) <= limit && Math.abs(y) <= limit)) {
      throw new RangeError(`the point (${x}, ${y}) is not finite, or above ${limit}`);
    }
  }
}

/**
 * Check the total number of points of an ink.
 *
 * @throws RangeError There are more than `MAX_POINTS`.
 */
export function checkPoints(strokes: readonly (readonly Point[])[]): void {
  const total = strokes.reduce((sum, points) => sum + points.length, 0);
  if (total > MAX_POINTS) {
    throw new RangeError(`${total} points, the limit is ${MAX_POINTS}: thin the strokes, or commit and go on`);
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
