/**
 * Convert raw strokes to the input arrays of a model, as specified by `tegashiki/ink/preprocess.py`.
 *
 * Each stroke is processed on its own: repeated points are dropped; the stroke is moved and scaled to its own frame, in
 * which its box has its centre at 0 and a larger side of 1; it is simplified (Ramer-Douglas-Peucker); P points are evenly
 * spaced along the result. Only the boxes depend on all strokes: they are in units of the median stroke size. A stroke is
 * therefore framed once, no matter how many strokes follow.
 */

import { constants } from "./grammar.json";

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

/** Largest absolute value in a box, in median stroke sizes. */
const MAX_BOX = constants.max_box;

/**
 * Frame one stroke.
 *
 * @param stroke At least one point with finite coordinates.
 */
export function frameStroke(stroke: readonly Point[], settings: FrameSettings): Framed {
  const { unit, box } = unitStroke(stroke);
  return { points: resample(simplify(unit, settings.epsilon), settings.points), box };
}

/**
 * Normalize the boxes of one ink to its unit (see `unitSize`).
 *
 * @param boxes Raw boxes, from `frameStroke`.
 * @returns (S, 3), row by row: centre x relative to the leftmost centre, centre y relative to the median one, size.
 */
export function normalizeBoxes(boxes: readonly (readonly [number, number, number])[]): Float32Array {
  const normalized = new Float32Array(3 * boxes.length);
  if (!boxes.length) return normalized;
  const unit = unitSize(boxes);
  const left = Math.min(...boxes.map((box) => box[0]));
  const middle = median(boxes.map((box) => box[1]));
  boxes.forEach(([x, y, size], i) => {
    normalized.set(
      [clip((x - left) / unit, MAX_BOX), clip((y - middle) / unit, MAX_BOX), clip(size / unit, MAX_BOX)],
      3 * i,
    );
  });
  return normalized;
}

/**
 * The unit of an ink: the median of its stroke sizes, or the largest one if the median is 0. If all strokes are dots, it
 * is the larger side of the box around them, divided by their number minus one, or 1 if all are in the same place.
 */
export function unitSize(boxes: readonly (readonly [number, number, number])[]): number {
  const sizes = boxes.map((box) => box[2]);
  const size = median(sizes) || Math.max(...sizes);
  if (size) return size;
  const sides = [0, 1].map((axis) => {
    const centres = boxes.map((box) => box[axis]!);
    return Math.max(...centres) - Math.min(...centres);
  });
  return Math.max(...sides) / Math.max(1, boxes.length - 1) || 1;
}

/** Move and scale the distinct points of a stroke to [-0.5, 0.5]. Also returns the raw box. */
export function unitStroke(stroke: readonly Point[]): { unit: Point[]; box: [number, number, number] } {
  const distinct = stroke.filter((point, i) => {
    const before = stroke[i - 1];
    return !before || before[0] !== point[0] || before[1] !== point[1];
  });
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of distinct) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  const [x, y, size] = [(left + right) / 2, (top + bottom) / 2, Math.max(right - left, bottom - top)];
  const scale = size || 1;
  const unit = distinct.map((point): Point => [clip((point[0] - x) / scale, 0.5), clip((point[1] - y) / scale, 0.5)]);
  return { unit, box: [x, y, size] };
}

/**
 * Simplify a line by the algorithm of Ramer, Douglas and Peucker.
 *
 * Keeps the ends, and of each part the point farthest from the line through the part's ends, if its distance exceeds
 * `epsilon`. Among equally distant points the first is kept.
 */
export function simplify(points: readonly Point[], epsilon: number): Point[] {
  const kept = new Uint8Array(points.length);
  kept[0] = kept[points.length - 1] = 1;
  const parts: [number, number][] = [[0, points.length - 1]];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const [first, last] = part;
    const { distance, index } = farthest(points, first, last);
    if (distance > epsilon) {
      kept[index] = 1;
      parts.push([first, index], [index, last]);
    }
  }
  return points.filter((_, i) => kept[i]);
}

function farthest(points: readonly Point[], first: number, last: number): { distance: number; index: number } {
  const [x0, y0] = points[first]!;
  const [dx, dy] = [points[last]![0] - x0, points[last]![1] - y0];
  const length = Math.sqrt(dx * dx + dy * dy);
  let found = { distance: 0, index: first };
  for (let i = first + 1; i < last; i++) {
    const [x, y] = [x0 - points[i]![0], y0 - points[i]![1]];
    const distance = length ? Math.abs(dx * y - dy * x) / length : Math.sqrt(x * x + y * y);
    if (distance > found.distance) found = { distance, index: i };
  }
  return found;
}

/** Return (count, 2) evenly spaced points along a line, including both ends. A line of one point gives zeros. */
function resample(line: readonly Point[], count: number): Float32Array {
  const even = new Float32Array(2 * count);
  if (line.length === 1) return even;
  const along = [0];
  for (let i = 1; i < line.length; i++) {
    const [dx, dy] = [line[i]![0] - line[i - 1]![0], line[i]![1] - line[i - 1]![1]];
    along.push(along[i - 1]! + Math.sqrt(dx * dx + dy * dy));
  }
  const total = along[line.length - 1]!;
  let segment = 0;
  for (let i = 0; i < count; i++) {
    const where = total * (i / (count - 1));
    while (segment < line.length - 2 && along[segment + 1]! <= where) segment++;
    const share = (where - along[segment]!) / (along[segment + 1]! - along[segment]!);
    for (const axis of [0, 1] as const) {
      even[2 * i + axis] = line[segment]![axis] + share * (line[segment + 1]![axis] - line[segment]![axis]);
    }
  }
  return even;
}

function clip(value: number, limit: number): number {
  return Math.min(Math.max(value, -limit), limit);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
