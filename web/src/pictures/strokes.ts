/** Find the strokes that drew some ink. */

import type { Point } from "../recognizer/preprocess.ts";
import { findChains } from "./chains.ts";
import { Joiner } from "./joiner.ts";
import type { Raster } from "./raster.ts";
import { rounded } from "./rounding.ts";
import { thin } from "./thin.ts";

const DOT = 0.5; // pen widths; a shorter stroke is a dot

/** Strokes in no particular order or direction. */
export interface Found {
  /** Points in pixels. A dot has one. */
  readonly strokes: Point[][];
  /** For each stroke the number of the piece of ink that it is in. */
  readonly pieces: number[];
}

/** @param width Width of the pen in pixels. */
export function findStrokes(mask: Raster, width: number): Found {
  const { lines, pieces } = thin(mask);
  const skeleton = findChains(lines);
  const found = new Joiner(skeleton, width).lines();
  return {
    strokes: found.map(({ points }) => smooth(points, width)),
    pieces: found.map(({ pixel }) => pieces.labels[skeleton.ys[pixel]! * mask.width + skeleton.xs[pixel]!]!),
  };
}

/** Even out the steps between pixels; a line shorter than a dot becomes one point. */
function smooth(line: readonly Point[], width: number): Point[] {
  const extent = (axis: 0 | 1): number => {
    const [least, most] = line.reduce(
      ([low, high], point) => [Math.min(low, point[axis]), Math.max(high, point[axis])],
      [Infinity, -Infinity],
    );
    return most - least;
  };
  if (Math.max(extent(0), extent(1)) <= DOT * width) {
    const mean = (axis: 0 | 1) => line.reduce((sum, point) => sum + point[axis], 0) / line.length;
    return [[mean(0), mean(1)]];
  }
  const reach = Math.min(Math.max(1, rounded(width / 2)), Math.floor((line.length - 1) / 2));
  if (reach < 1) return [...line];
  const [xs, ys] = ([0, 1] as const).map((axis) => means(continued(line, reach), axis, 2 * reach + 1));
  return xs!.map((x, i): Point => [x, ys![i]!]);
}

/** Return a line with `reach` more points at each end: those of a loop, or else its own point reflection. */
function continued(line: readonly Point[], reach: number): Point[] {
  const [first, last] = [line[0]!, line.at(-1)!];
  if (first[0] === last[0] && first[1] === last[1]) {
    return [...line.slice(-1 - reach, -1), ...line, ...line.slice(1, 1 + reach)];
  }
  const mirrored =
    (centre: Point) =>
    (point: Point): Point => [2 * centre[0] - point[0], 2 * centre[1] - point[1]];
  const before = line.slice(1, reach + 1).map(mirrored(first));
  const after = line.slice(-1 - reach, -1).map(mirrored(last));
  return [...before.reverse(), ...line, ...after.reverse()];
}

/** Return the means of all windows of a coordinate, from running sums. */
function means(line: readonly Point[], axis: 0 | 1, window: number): number[] {
  const sums = [0];
  for (const point of line) sums.push(sums.at(-1)! + point[axis]);
  return sums.slice(window).map((sum, i) => (sum - sums[i]!) / window);
}
