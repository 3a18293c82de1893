/**
 * Assign strokes to tokens. TypeScript version of `tegashiki/recognizer/assignment.py`.
 *
 * A model attends to one stroke of a symbol when it writes the symbol's token. Each visible token therefore first gets
 * the stroke with the highest attention. The other strokes then join, one by one, the symbol that they touch or follow.
 */
import type { Framed } from "./preprocess.js";
/** Strokes as the input of a model. */
export interface Strokes {
    readonly framed: readonly Framed[];
    /** (S, 3), from `normalizeBoxes`. */
    readonly boxes: Float32Array;
}
/**
 * Assign each of S strokes to one of T visible tokens.
 *
 * @param attention For each visible token (T >= 1) its attention over the strokes, of length S or longer.
 * @param distances (S, S), from `strokeDistances`.
 * @returns (S), the index of each stroke's token among the visible ones.
 */
export declare function assign(attention: readonly Float32Array[], distances: readonly Float64Array[]): number[];
/** Compute the smallest distances (S, S) between sampled points of two strokes, in median stroke sizes. */
export declare function strokeDistances({ framed, boxes }: Strokes): Float64Array[];
