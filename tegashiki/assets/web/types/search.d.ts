/** Greedy and beam search over any backend; `tegashiki/decoding/search.py` in TypeScript, the same tokens. */
import type { Backend, Encoded } from "./backend.js";
import type { Constraint } from "./constraint.js";
/** How a token's log probability is scored: min(0, log p / temperature + bonus). A model's metadata has it. */
export interface Calibration {
    temperature: number;
    /** Nats. */
    bonus: number;
    /** Nats that each different symbol costs a reading among others, 0 if left out. */
    symbolCost?: number;
}
export declare const UNCALIBRATED: Calibration;
/**
 * Weigh the readings of one ink against each other: formulas repeat their symbols.
 *
 * @param logs the log probabilities of the readings.
 * @param symbols how many different symbols each has.
 * @returns log probabilities: what they had together (1 at most), shared out anew; a single one keeps its own.
 */
export declare function weigh(logs: readonly number[], symbols: readonly number[], { symbolCost }: Calibration): number[];
/** Count the different symbols of a reading, each once however often it is written; `visible` (V) is the grammar's. */
export declare function differentSymbols(ids: readonly number[], visible: Uint8Array): number;
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
export declare class NoReadingError extends Error {
    constructor();
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
/**
 * Find the likeliest token sequences of one encoded ink.
 *
 * Keeps the `beams` likeliest unfinished hypotheses, and every one that ends among the `beams` best of its step. Stops
 * when no unfinished hypothesis can overtake the worst of the best finished ones: a log probability only falls.
 *
 * @returns at least one, best first.
 * @throws NoReadingError, the signal's reason, or RangeError for impossible options.
 */
export declare function search(backend: Backend, encoded: Encoded, constraint: Constraint, options: SearchOptions): Promise<Hypothesis[]>;
/** Log probabilities (V) of logits. @throws Error where they are not finite. */
export declare function logSoftmax(logits: Float32Array): Float64Array;
/** What tokens are scored with these log probabilities, (V). */
export declare function calibrated(logProbabilities: Float64Array, { temperature, bonus }: Calibration): Float64Array;
/** Let other tasks run, such as the one that aborts; then throw if it did. */
export declare function turn(signal: AbortSignal): Promise<void>;
