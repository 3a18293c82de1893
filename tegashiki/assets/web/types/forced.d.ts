/** What a model thinks of given tokens; `tegashiki/decoding/forced.py` in TypeScript. */
import type { Backend, Encoded } from "./backend.js";
import { type Calibration } from "./search.js";
/**
 * Score sequences of ids of one encoded ink, all at once.
 *
 * @param sequences without the end token; at least one, at most the largest of `beamSizes`.
 * @param calibration how tokens are scored.
 * @returns for each the log probability of its tokens and the end token together.
 * @throws the signal's reason.
 */
export declare function force(backend: Backend, encoded: Encoded, sequences: readonly (readonly number[])[], calibration: Calibration, signal?: AbortSignal): Promise<number[]>;
/**
 * The log probabilities (V), not calibrated, of the token behind `ids`.
 *
 * @throws the signal's reason.
 */
export declare function following(backend: Backend, encoded: Encoded, ids: readonly number[], signal?: AbortSignal): Promise<Float64Array>;
