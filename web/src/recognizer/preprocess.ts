/**
 * From raw strokes to the arrays that a model takes, as `tegashiki/ink/preprocess.py` specifies.
 *
 * Each stroke alone: repeated points dropped; put into its own frame, the middle of its box at 0 and its larger side 1
 * long; simplified (Ramer-Douglas-Peucker); P points evenly spaced along what is left. All strokes together: their
 * boxes in units of the median stroke size. So a stroke is framed once, however many follow.
 */

import { constants } from "./grammar.json";

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

/** Largest magnitude of a box's numbers, in median stroke sizes. */
const MAX_BOX = constants.max_box;

/**
 * Frame one stroke.
 *
 * @param stroke at least one point, finite numbers.
 */
export function frameStroke(stroke: readonly Point[], settings: FrameSettings): Framed {
  const { unit, box } = unitStroke(stroke);
  return { points: resample(simplify(unit, settings.epsilon), settings.points), box };
}

/**
 * Boxes of one ink in its own unit, its median stroke size or what stands in for it.
 *
 * @param boxes raw ones, of `frameStroke`.
 * @returns (S, 3) row by row: centre x and y from the leftmost centre and the median height, and the size.
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
 * The unit of an ink: the median of its stroke sizes; where that is 0, the largest; where all strokes are dots, the larger
 * side of the box around them, divided by one less than their number; 1 where they all lie at one place.
 */
function unitSize(boxes: readonly (readonly [number, number, number])[]): number {
  const sizes = boxes.map((box) => box[2]);
  const size = median(sizes) || Math.max(...sizes);
  if (size) return size;
  const sides = [0, 1].map((axis) => {
    const centres = boxes.map((box) => box[axis]!);
    return Math.max(...centres) - Math.min(...centres);
  });
  return Math.max(...sides) / Math.max(1, boxes.length - 1) || 1;
}

/** What the simplification sees: the distinct points within [-0.5, 0.5], and the raw box. */
function unitStroke(stroke: readonly Point[]): { unit: Point[]; box: [number, number, number] } {
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
 * Ramer, Douglas, Peucker: keep the ends, and of each part the point farthest from the line through its ends if it is
 * farther than `epsilon`; the first of equally distant ones.
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

/** (count, 2) points evenly spaced along a line, its two ends included; zeros where it is one point. */
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
