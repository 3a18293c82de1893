/**
 * From raw strokes to the arrays that a model takes, as `tegashiki/ink/preprocess.py` specifies.
 *
 * Each stroke alone: repeated points dropped; put into its own frame, the middle of its box at 0 and its larger side 1
 * long; simplified (Ramer-Douglas-Peucker); P points evenly spaced along what is left. All strokes together: their
 * boxes in units of the median stroke size. So a stroke is framed once, however many follow.
 */
/** A point (x, y): x to the right, y downwards, any unit. */
export type Point = readonly [number, number];
/** A stroke in its own frame. */
export interface Framed {
    /** (P, 2) row by row, within [-0.5, 0.5]. */
    points: Float32Array;
    /** Centre x, centre y and size (the larger side), in raw units. */
    box: readonly [number, number, number];
}
/** How strokes are simplified and resampled; a model's metadata has it. */
export interface FrameSettings {
    /** P. */
    points: number;
    /** Of the simplification, in units of the stroke's size. */
    epsilon: number;
}
/**
 * Frame one stroke.
 *
 * @param stroke at least one point, finite numbers.
 */
export declare function frameStroke(stroke: readonly Point[], settings: FrameSettings): Framed;
/**
 * Boxes of one ink in its own unit, its median stroke size or what stands in for it.
 *
 * @param boxes raw ones, of `frameStroke`.
 * @returns (S, 3) row by row: centre x and y from the leftmost centre and the median height, and the size.
 */
export declare function normalizeBoxes(boxes: readonly (readonly [number, number, number])[]): Float32Array;
/**
 * Ramer, Douglas, Peucker: keep the ends, and of each part the point farthest from the line through its ends if it is
 * farther than `epsilon`; the first of equally distant ones.
 */
export declare function simplify(points: readonly Point[], epsilon: number): Point[];
