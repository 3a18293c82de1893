/** The direction in which people write a stroke. */

import type { Point } from "../recognizer/preprocess.ts";

const START = 0.7; // weight of x over y: a stroke starts at the end with the lower sum
const LOOP = 1.5; // pixels between the ends of a loop at most

/** Turn a stroke so that it starts at its upper left end; a loop starts at its top and runs against the clock. */
export function direct(stroke: Point[]): Point[] {
  const [first, last] = [stroke[0]!, stroke.at(-1)!];
  const [right, down] = [last[0] - first[0], last[1] - first[1]];
  if (stroke.length < 3 || Math.max(Math.abs(right), Math.abs(down)) > LOOP) {
    return START * right + down >= 0 ? stroke : stroke.reverse();
  }
  const points = stroke.slice(0, -1);
  const top = points.reduce((best, [, y], i) => (y < points[best]![1] ? i : best), 0);
  const loop = [...points.slice(top), ...points.slice(0, top), points[top]!];
  let area = 0; // y grows downwards: it is positive with the clock
  for (let i = 0; i + 1 < loop.length; i++) {
    const [[x, y], [nextX, nextY]] = [loop[i]!, loop[i + 1]!];
    area += x * nextY - nextX * y;
  }
  return area > 0 ? loop.reverse() : loop;
}
