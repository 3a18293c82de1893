/** Greedy and beam search over any backend; `tegashiki/decoding/search.py` in TypeScript, the same tokens. */

import type { Backend, Encoded } from "./backend.ts";
import type { Constraint, ConstraintState } from "./constraint.ts";
import { BOS_ID, EOS_ID } from "./vocabulary.ts";

/** How a token's log probability is scored: min(0, log p / temperature + bonus). A model's metadata has it. */
export interface Calibration {
  temperature: number;
  /** Nats. */
  bonus: number;
  /** Nats that each different symbol costs a reading among others, 0 if left out. */
  symbolCost?: number;
}

export const UNCALIBRATED: Calibration = { temperature: 1, bonus: 0 };

/**
 * Weigh the readings of one ink against each other: formulas repeat their symbols.
 *
 * @param logs the log probabilities of the readings.
 * @param symbols how many different symbols each has.
 * @returns log probabilities: what they had together (1 at most), shared out anew; a single one keeps its own.
 */
export function weigh(logs: readonly number[], symbols: readonly number[], { symbolCost = 0 }: Calibration): number[] {
  if (!symbolCost || logs.length < 2) return [...logs];
  const ranks = logs.map((log, i) => log - symbolCost * symbols[i]!);
  const shift = Math.min(0, logSum(logs)) - logSum(ranks);
  return ranks.map((rank) => rank + shift);
}

/** Count the different symbols of a reading, each once however often it is written; `visible` (V) is the grammar's. */
export function differentSymbols(ids: readonly number[], visible: Uint8Array): number {
  return [...new Set(ids)].filter((id) => visible[id]).length;
}

function logSum(logs: readonly number[]): number {
  const peak = Math.max(...logs);
  return peak + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - peak), 0));
}

/** One reading. */
export interface Hypothesis {
  /** Without the start and end tokens. */
  ids: number[];
  /** Natural logarithm, calibrated, of the ids and the end token. */
  logProbability: number;
  /** For each id where the model looked as it wrote it, (S). */
  attention: Float32Array[];
}

/** No sequence obeys the rules of a search, or none that the search came by. */
export class NoReadingError extends Error {
  constructor() {
    super("no sequence obeys the grammar, the restriction and the length limit together: lift the restriction");
  }
}

/** What a search may be told beside its model and its rules. */
export interface SearchOptions {
  /** Hypotheses kept at each step; 1 is greedy. At most the largest of `beamSizes`. */
  beams: number;
  /** How many to return, at most `beams`. */
  results: number;
  calibration?: Calibration;
  /** Ends the search with its reason; other tasks get their turn between two steps. */
  signal?: AbortSignal | undefined;
}

/** A live hypothesis after a step: its last token, where it came from, and what the rules say of it. */
interface Row {
  score: number;
  parent: number;
  token: number;
  state: ConstraintState;
}

/** A finished hypothesis: `row` is where it stood before its end token, `position` that token's number. */
interface End {
  score: number;
  position: number;
  row: number;
}

interface Taken {
  rows: Row[];
  /** Of the parents, which is what the rows' tokens were read with. */
  attention: Float32Array[];
}

/**
 * Find the likeliest token sequences of one encoded ink.
 *
 * Keeps the `beams` likeliest unfinished hypotheses, and every one that ends among the `beams` best of its step. Stops
 * when no unfinished hypothesis can overtake the worst of the best finished ones: a log probability only falls.
 *
 * @returns at least one, best first.
 * @throws NoReadingError, the signal's reason, or RangeError for impossible options.
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
  const steps: Taken[] = [];
  let rows: Row[] = [{ score: 0, parent: 0, token: BOS_ID, state: constraint.start() }];
  let ends: End[] = [];
  try {
    for (let position = 0; position < constraint.maxTokens; position++) {
      if (signal) await turn(signal);
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
  return ends.map((end) => trace(steps, end));
}

/** One step: the new live rows and the hypotheses that end here. */
function expand(
  rows: readonly Row[],
  scores: readonly Float64Array[],
  constraint: Constraint,
  beams: number,
  position: number,
): { rows: Row[]; ends: End[] } {
  const children: Row[] = [];
  const ends: End[] = [];
  const best = top(scores, 2 * beams); // at most half of them are end tokens, so that `beams` rows can live on
  best.forEach(({ row: parent, id, score }, rank) => {
    if (id === EOS_ID) {
      if (rank < beams) ends.push({ score, position, row: parent });
    } else if (children.length < beams) {
      children.push({ score, parent, token: id, state: constraint.advance(rows[parent]!.state, id) });
    }
  });
  return { rows: besideParents(children), ends };
}

/** The `count` highest finite scores, best first, the lower row and id first among equals; overwrites what it takes. */
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

/** Put a child of every parent into its parent's row where that is free: what does not move need not be copied. */
function besideParents(children: readonly Row[]): Row[] {
  const placed = new Array<Row | undefined>(children.length).fill(undefined);
  const others: Row[] = [];
  for (const child of children) {
    if (child.parent < placed.length && !placed[child.parent]) placed[child.parent] = child;
    else others.push(child);
  }
  return placed.map((child) => child ?? others.shift()!);
}

/** Walk from a finished hypothesis back to its first token. */
function trace(steps: readonly Taken[], end: End): Hypothesis {
  const ids: number[] = [];
  const attention: Float32Array[] = [];
  let place = end.row;
  for (const step of steps.slice(0, end.position).reverse()) {
    const row = step.rows[place]!;
    ids.unshift(row.token);
    attention.unshift(step.attention[row.parent]!);
    place = row.parent;
  }
  return { ids, logProbability: end.score, attention };
}

/** Log probabilities (V) of logits. @throws Error where they are not finite. */
export function logSoftmax(logits: Float32Array): Float64Array {
  let peak = -Infinity;
  for (const logit of logits) peak = Math.max(peak, logit);
  if (!Number.isFinite(peak)) throw new Error("the model's logits are not finite: its weights or the ink are damaged");
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - peak);
  const shift = peak + Math.log(sum);
  const logProbabilities = new Float64Array(logits); // several times faster than Float64Array.from with a function
  for (let id = 0; id < logits.length; id++) logProbabilities[id]! -= shift;
  return logProbabilities;
}

/** What tokens are scored with these log probabilities, (V). */
export function calibrated(logProbabilities: Float64Array, { temperature, bonus }: Calibration): Float64Array {
  return logProbabilities.map((value) => Math.min(value / temperature + bonus, 0));
}

/** Let other tasks run, such as the one that aborts; then throw if it did. */
export function turn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel(); // unlike a timer it is not held back to 4 ms
    port1.onmessage = () => {
      port1.close();
      if (signal.aborted) reject(signal.reason as Error);
      else resolve();
    };
    port2.postMessage(null);
  });
}
