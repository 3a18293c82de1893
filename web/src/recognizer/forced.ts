/** Score given tokens with a model. TypeScript version of `tegashiki/decoding/forced.py`. */

import type { Backend, Encoded, Step } from "./backend.ts";
import { type Calibration, calibrated, type Hypothesis, logSoftmax, yieldToOtherTasks } from "./search.ts";
import { BOS_ID, EOS_ID } from "./vocabulary.ts";

/**
 * Score several sequences of ids for one encoded ink in one pass.
 *
 * @param sequences Sequences without the end token, from 1 to the largest of `beamSizes`.
 * @param calibration Calibration of the token scores.
 * @returns For each sequence the log probability of its tokens and the end token.
 * @throws The signal's reason.
 */
export async function force(
  backend: Backend,
  encoded: Encoded,
  sequences: readonly (readonly number[])[],
  calibration: Calibration,
  signal?: AbortSignal,
): Promise<number[]> {
  const width = backend.beamSizes.find((size) => size >= sequences.length)!;
  const length = 1 + Math.max(...sequences.map((ids) => ids.length));
  const totals = sequences.map(() => 0);
  const cache = backend.initCache(encoded, width);
  try {
    for (let position = 0; position < length; position++) {
      if (signal) await yieldToOtherTasks(signal);
      const tokens = Int32Array.from({ length: width }, (_, row) => before(sequences[row], position));
      const { logits } = await backend.decodeStep(encoded, cache, tokens, position);
      sequences.forEach((ids, row) => {
        if (position > ids.length) return;
        totals[row]! += calibrated(logSoftmax(logits[row]!), calibration)[ids[position] ?? EOS_ID]!;
      });
    }
  } finally {
    cache.release();
  }
  return totals;
}

/**
 * Return the uncalibrated log probabilities (V) of the token after `ids`.
 *
 * @throws The signal's reason.
 */
export async function following(
  backend: Backend,
  encoded: Encoded,
  ids: readonly number[],
  signal?: AbortSignal,
): Promise<Float64Array> {
  let last: Float64Array;
  for await (const { logits } of steps(backend, encoded, ids, signal)) last = logSoftmax(logits[0]!);
  return last!;
}

/**
 * Score a sequence of ids, given without the end token, and return it like a result of a search.
 *
 * @throws The signal's reason.
 */
export async function forced(
  backend: Backend,
  encoded: Encoded,
  ids: readonly number[],
  calibration: Calibration,
  signal?: AbortSignal,
): Promise<Hypothesis> {
  const found: Hypothesis = { ids: [...ids], logProbability: 0, tokenLogProbabilities: [], attention: [] };
  let position = 0;
  for await (const { logits, attention } of steps(backend, encoded, ids, signal)) {
    const id = ids[position++];
    if (id !== undefined) found.attention.push(attention[0]!);
    const logProbability = calibrated(logSoftmax(logits[0]!), calibration)[id ?? EOS_ID]!;
    found.tokenLogProbabilities.push(logProbability);
    found.logProbability += logProbability;
  }
  return found;
}

/**
 * Feed the start token and then each of `ids` to a model. Yields the output of each step; only its first row counts.
 *
 * @throws The signal's reason.
 */
export async function* steps(
  backend: Backend,
  encoded: Encoded,
  ids: readonly number[],
  signal?: AbortSignal,
): AsyncGenerator<Step> {
  const width = backend.beamSizes[0]!;
  const cache = backend.initCache(encoded, width);
  try {
    for (let position = 0; position <= ids.length; position++) {
      if (signal) await yieldToOtherTasks(signal);
      yield await backend.decodeStep(encoded, cache, new Int32Array(width).fill(before(ids, position)), position);
    }
  } finally {
    cache.release();
  }
}

/** The input token at a position: the previous id, the start token at position 0, the end token after the last id. */
function before(ids: readonly number[] | undefined, position: number): number {
  return position ? (ids?.[position - 1] ?? EOS_ID) : BOS_ID;
}
