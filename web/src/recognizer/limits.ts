/** The limits of strokes and inks. */

import { constants } from "./grammar.json";
import type { Point } from "./preprocess.ts";

/** Most points of one ink. */
export const MAX_POINTS = constants.max_points;

/** Most points of one stroke: 40 s at 240 Hz. */
export const MAX_STROKE_POINTS = constants.max_stroke_points;

/**
 * Check that a stroke has 1 to `MAX_STROKE_POINTS` points [x, y] with finite coordinates below the limit.
 *
 * @throws RangeError The stroke is invalid.
 */
export function checkStroke(points: readonly Point[]): void {
  if (!Array.isArray(points)) throw new RangeError("a stroke is an array of points [x, y]");
  if (!points.length || points.length > MAX_STROKE_POINTS) {
    throw new RangeError(`a stroke of ${points.length} points, expected 1 to ${MAX_STROKE_POINTS}`);
  }
  const limit = constants.max_coordinate;
  for (const point of points as readonly ArrayLike<unknown>[]) {
    const [x, y] = [point[0], point[1]];
    if (point.length !== 2 || typeof x !== "number" || typeof y !== "number") {
      throw new RangeError(`the point (${Array.from(point).join(", ")}) is not [x, y], two numbers`);
    }
    if (!(Math.abs(x) <= limit && Math.abs(y) <= limit)) {
      throw new RangeError(`the point (${x}, ${y}) is not finite, or above ${limit}`);
    }
  }
}

/**
 * Check the total number of points of an ink.
 *
 * @throws RangeError There are more than `MAX_POINTS`.
 */
export function checkPoints(strokes: readonly (readonly Point[])[]): void {
  const total = strokes.reduce((sum, points) => sum + points.length, 0);
  if (total > MAX_POINTS) {
    throw new RangeError(`${total} points, the limit is ${MAX_POINTS}: thin the strokes, or commit and go on`);
  }
}

/**
 * Check indices of strokes.
 *
 * @throws RangeError An index is not from 0 to `count` - 1.
 */
export function checkIndices(indices: readonly number[], count: number): void {
  for (const index of indices) {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`no stroke ${index}: there are ${count}, counted from 0`);
    }
  }
}
