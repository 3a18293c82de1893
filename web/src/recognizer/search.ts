/** Greedy search and beam search. TypeScript version of `tegashiki/decoding/search.py` that finds the same tokens. */

import type { Backend, Encoded } from "./backend.ts";
import type { Constraint, ConstraintState } from "./constraint.ts";
import { BOS_ID, EOS_ID } from "./vocabulary.ts";

/** Calibration from a model's metadata. The score of a token is min(0, log p / temperature + bonus). */
export interface Calibration {
  temperature: number;
  /** Added to the log probability of every token, in nats. */
  bonus: number;
  /** Cost of each distinct symbol of a reading, in nats, 0 by default. */
  symbolCost?: number;
}

export const UNCALIBRATED: Calibration = { temperature: 1, bonus: 0 };

/**
 * Weigh the readings of one ink against each other. Formulas tend to repeat symbols, so distinct symbols have a cost.
 *
 * @param logs Log probabilities of the readings.
 * @param symbols Number of distinct symbols of each reading.
 * @returns New log probabilities. Their total probability is that of the old ones, or 1 if that was more. A single reading keeps its own.
 */
export function weigh(logs: readonly number[], symbols: readonly number[], { symbolCost = 0 }: Calibration): number[] {
  if (!symbolCost || logs.length < 2) return [...logs];
  const ranks = logs.map((log, i) => log - symbolCost * symbols[i]!);
  const shift = Math.min(0, logSum(logs)) - logSum(ranks);
  return ranks.map((rank) => rank + shift);
}

/** Count the distinct symbols of a reading. `visible` (V) is `Grammar.visibleAlone`. */
export function differentSymbols(ids: readonly number[], visible: Uint8Array): number {
  return [...new Set(ids)].filter((id) => visible[id]).length;
}

function logSum(logs: readonly number[]): number {
  const peak = Math.max(...logs);
  return peak + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - peak), 0));
}

/** One finished sequence of tokens. */
export interface Hypothesis {
  /** Ids without the start and end tokens. */
  ids: number[];
  /** Calibrated natural log probability of the ids and the end token. */
  logProbability: number;
  /** The log probability of each id and of the end token. Their sum is `logProbability`. */
  tokenLogProbabilities: number[];
  /** For each id the attention over the strokes, (S). */
  attention: Float32Array[];
}

/** The search found no sequence that obeys its rules. */
export class NoReadingError extends Error {
  constructor() {
    super("no sequence obeys the grammar, the restriction and the length limit together: lift the restriction");
  }
}

/** Options of a search. */
export interface SearchOptions {
  /** Number of hypotheses kept at each step, at most the largest of `beamSizes`; 1 is greedy search. */
  beams: number;
  /** Number of results, at most `beams`. */
  results: number;
  calibration?: Calibration;
  /** Aborts the search. If given, the search yields to other tasks before each step. */
  signal?: AbortSignal | undefined;
}

/** An unfinished hypothesis after a step: its last token, its parent row and its state. */
interface Row {
  score: number;
  parent: number;
  token: number;
  state: ConstraintState;
}

/** A finished hypothesis: `row` is its row before the end token, `position` is the index of the end token. */
interface End {
  score: number;
  position: number;
  row: number;
}

/** What a step of the search left: its rows, and what they were chosen by. */
interface Expansion {
  rows: Row[];
  /** Attention from which each row's token was chosen, indexed by its parent row. */
  attention: Float32Array[];
}

/**
 * Find the likeliest token sequences of one encoded ink.
 *
 * Keeps the `beams` likeliest unfinished hypotheses, and each hypothesis that ends among the `beams` best of its step.
 * Log probabilities only decrease, so the search stops when no unfinished hypothesis is better than the worst of the
 * `results` best finished ones.
 *
 * @returns At least one hypothesis, best first.
 * @throws NoReadingError No sequence was found that obeys the rules.
 * @throws RangeError The options are invalid.
 * @throws The signal's reason, if the signal aborts.
 */
export async function search(
  backend: Backend,
  encoded: Encoded,
  constraint: Constraint,
  options: SearchOptions,
): Promise<Hypothesis[]> {
  const { beams, results, calibration = UNCALIBRATED, signal } = options;
  const width = backend.beamSizes.find((size) => size >= beams);
  if (!width || beams < 1 || results < 1 || results > beams) {
    throw new RangeError(
      `${results} results of a beam of ${beams}: this model has beams of 1 to ${backend.beamSizes.at(-1)}`,
    );
  }
  const cache = backend.initCache(encoded, width);
  const steps: Expansion[] = [];
  let rows: Row[] = [{ score: 0, parent: 0, token: BOS_ID, state: constraint.start() }];
  let ends: End[] = [];
  try {
    for (let position = 0; position < constraint.maxTokens; position++) {
      if (signal) await yieldToOtherTasks(signal);
      const tokens = Int32Array.from({ length: width }, (_, i) => rows[i]?.token ?? BOS_ID);
      const { logits, attention } = await backend.decodeStep(encoded, cache, tokens, position);
      const scores = rows.map((row, i) => {
        const own = constraint.scores(
          row.state,
          position,
          calibrated(logSoftmax(logits[i]!), calibration),
          attention[i]!,
        );
        return own.map((score) => row.score + score);
      });
      const step = expand(rows, scores, constraint, beams, position);
      rows = step.rows;
      ends = [...ends, ...step.ends].sort((a, b) => b.score - a.score).slice(0, results);
      const best = Math.max(...rows.map((row) => row.score));
      if (!rows.length || (ends.length === results && ends[results - 1]!.score >= best)) break;
      steps.push({ rows, attention });
      cache.reorder(rows.map((row) => row.parent));
    }
  } finally {
    cache.release();
  }
  if (!ends.length) throw new NoReadingError();
  return ends.map((end) => followBack(steps, end));
}

/** Make one step. Returns the new unfinished hypotheses and those that end in this step. */
function expand(
  rows: readonly Row[],
  scores: readonly Float64Array[],
  constraint: Constraint,
  beams: number,
  position: number,
): { rows: Row[]; ends: End[] } {
  const children: Row[] = [];
  const ends: End[] = [];
  const best = top(scores, 2 * beams); // each row has one end token, so at least `beams` of these are others
  best.forEach(({ row: parent, id, score }, rank) => {
    if (id === EOS_ID) {
      if (rank < beams) ends.push({ score, position, row: parent });
    } else if (children.length < beams) {
      children.push({ score, parent, token: id, state: constraint.advance(rows[parent]!.state, id) });
    }
  });
  return { rows: keepRowsInPlace(children), ends };
}

/** Take the `count` highest finite scores, best first; among equals the lower row, then the lower id. Overwrites `scores`. */
function top(scores: readonly Float64Array[], count: number): { row: number; id: number; score: number }[] {
  const best: { row: number; id: number; score: number }[] = [];
  while (best.length < count) {
    let found = { row: -1, id: -1, score: -Infinity };
    scores.forEach((own, row) => {
      for (let id = 0; id < own.length; id++) if (own[id]! > found.score) found = { row, id, score: own[id]! };
    });
    if (found.row < 0) break;
    best.push(found);
    scores[found.row]![found.id] = -Infinity;
  }
  return best;
}

/** Put one child of each parent into its parent's row if possible, since rows that stay in place need no copy. */
function keepRowsInPlace(children: readonly Row[]): Row[] {
  const placed = new Array<Row | undefined>(children.length).fill(undefined);
  const others: Row[] = [];
  for (const child of children) {
    if (child.parent < placed.length && !placed[child.parent]) placed[child.parent] = child;
    else others.push(child);
  }
  return placed.map((child) => child ?? others.shift()!);
}

/** Follow a finished hypothesis back to its first token. */
function followBack(steps: readonly Expansion[], end: End): Hypothesis {
  const ids: number[] = [];
  const attention: Float32Array[] = [];
  const totals = [end.score]; // of the hypothesis up to each token
  let place = end.row;
  for (const step of steps.slice(0, end.position).reverse()) {
    const row = step.rows[place]!;
    ids.unshift(row.token);
    attention.unshift(step.attention[row.parent]!);
    totals.unshift(row.score);
    place = row.parent;
  }
  const tokenLogProbabilities = totals.map((total, i) => total - (totals[i - 1] ?? 0));
  return { ids, logProbability: end.score, tokenLogProbabilities, attention };
}

/**
 * Convert logits to log probabilities (V).
 *
 * @throws Error The logits are not finite.
 */
export function logSoftmax(logits: Float32Array | Float64Array): Float64Array {
  let peak = -Infinity;
  for (const logit of logits) peak = Math.max(peak, logit);
  if (!Number.isFinite(peak)) throw new Error("the model's logits are not finite: its weights or the ink are damaged");
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - peak);
  const shift = peak + Math.log(sum);
  const logProbabilities = new Float64Array(logits as ArrayLike<number>); // several times faster than Float64Array.from with a function
  for (let id = 0; id < logits.length; id++) logProbabilities[id]! -= shift;
  return logProbabilities;
}

/** Apply a calibration to log probabilities (V). */
export function calibrated(logProbabilities: Float64Array, { temperature, bonus }: Calibration): Float64Array {
  return logProbabilities.map((value) => Math.min(value / temperature + bonus, 0));
}

/** Let other tasks run, one of which may abort the signal. Rejects with the signal's reason if it is aborted. */
export function yieldToOtherTasks(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel(); // timers would wait at least 4 ms
    port1.onmessage = () => {
      port1.close();
      if (signal.aborted) reject(signal.reason as Error);
      else resolve();
    };
    port2.postMessage(null);
  });
}
