/** Greedy search and beam search. TypeScript version of `tegashiki/decoding/search.py` that finds the same tokens. */
import type { Backend, Encoded } from "./backend.js";
import type { Constraint } from "./constraint.js";
/** Calibration from a model's metadata. The score of a token is min(0, log p / temperature + bonus). */
export interface Calibration {
    temperature: number;
    /** Added to the log probability of every token, in nats. */
    bonus: number;
    /** Cost of each distinct symbol of a reading, in nats, 0 by default. */
    symbolCost?: number;
}
export declare const UNCALIBRATED: Calibration;
/**
 * Weigh the readings of one ink against each other. Formulas tend to repeat symbols, so distinct symbols have a cost.
 *
 * @param logs Log probabilities of the readings.
 * @param symbols Number of distinct symbols of each reading.
 * @returns New log probabilities. Their total probability is that of the old ones, or 1 if that was more. A single reading keeps its own.
 */
export declare function weigh(logs: readonly number[], symbols: readonly number[], { symbolCost }: Calibration): number[];
/** Count the distinct symbols of a reading. `visible` (V) is `Grammar.visibleAlone`. */
export declare function differentSymbols(ids: readonly number[], visible: Uint8Array): number;
/** One finished sequence of tokens. */
export interface Hypothesis {
    /** Ids without the start and end tokens. */
    ids: number[];
    /** Calibrated natural log probability of the ids and the end token. */
    logProbability: number;
    /** For each id the attention over the strokes, (S). */
    attention: Float32Array[];
}
/** The search found no sequence that obeys its rules. */
export declare class NoReadingError extends Error {
    constructor();
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
export declare function search(backend: Backend, encoded: Encoded, constraint: Constraint, options: SearchOptions): Promise<Hypothesis[]>;
/**
 * Convert logits to log probabilities (V).
 *
 * @throws Error The logits are not finite.
 */
export declare function logSoftmax(logits: Float32Array | Float64Array): Float64Array;
/** Apply a calibration to log probabilities (V). */
export declare function calibrated(logProbabilities: Float64Array, { temperature, bonus }: Calibration): Float64Array;
/** Let other tasks run, one of which may abort the signal. Rejects with the signal's reason if it is aborted. */
export declare function yieldToOtherTasks(signal: AbortSignal): Promise<void>;
