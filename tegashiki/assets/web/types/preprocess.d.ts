/**
 * Convert raw strokes to the input arrays of a model, as specified by `tegashiki/ink/preprocess.py`.
 *
 * Each stroke is processed on its own: repeated points are dropped; the stroke is moved and scaled to its own frame, in
 * which its box has its centre at 0 and a larger side of 1; it is simplified (Ramer-Douglas-Peucker); P points are evenly
 * spaced along the result. Only the boxes depend on all strokes: they are in units of the median stroke size. A stroke is
 * therefore framed once, no matter how many strokes follow.
 */
/** A point (x, y) in any unit; x grows to the right, y downwards. */
export type Point = readonly [number, number];
/** A stroke in its own frame. */
export interface Framed {
    /** (P, 2), row by row, within [-0.5, 0.5]. */
    points: Float32Array;
    /** Centre x, centre y and size (the larger side), in raw units. */
    box: readonly [number, number, number];
}
/** Settings for simplifying and resampling strokes, from a model's metadata. */
export interface FrameSettings {
    /** P, number of points per stroke. */
    points: number;
    /** Tolerance of the simplification, in units of the stroke's size. */
    epsilon: number;
}
/**
 * Frame one stroke.
 *
 * @param stroke At least one point with finite coordinates.
 */
export declare function frameStroke(stroke: readonly Point[], settings: FrameSettings): Framed;
/**
 * Normalize the boxes of one ink to its unit (see `unitSize`).
 *
 * @param boxes Raw boxes, from `frameStroke`.
 * @returns (S, 3), row by row: centre x relative to the leftmost centre, centre y relative to the median one, size.
 */
export declare function normalizeBoxes(boxes: readonly (readonly [number, number, number])[]): Float32Array;
/**
 * The unit of an ink: the median of its stroke sizes, or the largest one if the median is 0. If all strokes are dots, it
 * is the larger side of the box around them, divided by their number minus one, or 1 if all are in the same place.
 */
export declare function unitSize(boxes: readonly (readonly [number, number, number])[]): number;
/** Move and scale the distinct points of a stroke to [-0.5, 0.5]. Also returns the raw box. */
export declare function unitStroke(stroke: readonly Point[]): {
    unit: Point[];
    box: [number, number, number];
};
/**
 * Simplify a line by the algorithm of Ramer, Douglas and Peucker.
 *
 * Keeps the ends, and of each part the point farthest from the line through the part's ends, if its distance exceeds
 * `epsilon`. Among equally distant points the first is kept.
 */
export declare function simplify(points: readonly Point[], epsilon: number): Point[];
