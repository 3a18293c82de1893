/**
 * Which strokes each token was read from; `tegashiki/recognizer/assignment.py` in TypeScript.
 *
 * A model looks at one stroke of a symbol when it writes the symbol's token. So each visible token first gets the stroke
 * that it looked at hardest; the other strokes then join, one by one, the symbol that they touch or follow.
 */
import type { Framed } from "./preprocess.js";
/** Strokes as a model takes them. */
export interface Strokes {
    readonly framed: readonly Framed[];
    /** (S, 3) of `normalizeBoxes`. */
    readonly boxes: Float32Array;
}
/**
 * Say for each of S strokes which of T visible tokens it draws.
 *
 * @param attention for each visible token, T >= 1, where the model looked: (S) or longer.
 * @param distances of `strokeDistances`.
 */
export declare function assign(attention: readonly Float32Array[], distances: readonly Float64Array[]): number[];
/** The least distances (S, S) between sampled points of two strokes, in median stroke sizes. */
export declare function strokeDistances({ framed, boxes }: Strokes): Float64Array[];
