/** The limits of strokes and inks. */
import type { Point } from "./preprocess.js";
/** Most points of one ink. */
export declare const MAX_POINTS: number;
/** Most points of one stroke: 40 s at 240 Hz. */
export declare const MAX_STROKE_POINTS: number;
/**
 * Check that a stroke has 1 to `MAX_STROKE_POINTS` points [x, y] with finite coordinates below the limit.
 *
 * @throws RangeError The stroke is invalid.
 */
export declare function checkStroke(points: readonly Point[]): void;
/**
 * Check the total number of points of an ink.
 *
 * @throws RangeError There are more than `MAX_POINTS`.
 */
export declare function checkPoints(strokes: readonly (readonly Point[])[]): void;
/**
 * Check indices of strokes.
 *
 * @throws RangeError An index is not from 0 to `count` - 1.
 */
export declare function checkIndices(indices: readonly number[], count: number): void;
