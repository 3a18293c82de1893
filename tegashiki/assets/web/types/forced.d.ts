/** Score given tokens with a model. TypeScript version of `tegashiki/decoding/forced.py`. */
import type { Backend, Encoded, Step } from "./backend.js";
import { type Calibration, type Hypothesis } from "./search.js";
/**
 * Score several sequences of ids for one encoded ink in one pass.
 *
 * @param sequences Sequences without the end token, from 1 to the largest of `beamSizes`.
 * @param calibration Calibration of the token scores.
 * @returns For each sequence the log probability of its tokens and the end token.
 * @throws The signal's reason.
 */
export declare function force(backend: Backend, encoded: Encoded, sequences: readonly (readonly number[])[], calibration: Calibration, signal?: AbortSignal): Promise<number[]>;
/**
 * Return the uncalibrated log probabilities (V) of the token after `ids`.
 *
 * @throws The signal's reason.
 */
export declare function following(backend: Backend, encoded: Encoded, ids: readonly number[], signal?: AbortSignal): Promise<Float64Array>;
/**
 * Score a sequence of ids, given without the end token, and return it like a result of a search.
 *
 * @throws The signal's reason.
 */
export declare function forced(backend: Backend, encoded: Encoded, ids: readonly number[], calibration: Calibration, signal?: AbortSignal): Promise<Hypothesis>;
/**
 * Feed the start token and then each of `ids` to a model. Yields the output of each step; only its first row counts.
 *
 * @throws The signal's reason.
 */
export declare function steps(backend: Backend, encoded: Encoded, ids: readonly number[], signal?: AbortSignal): AsyncGenerator<Step>;
