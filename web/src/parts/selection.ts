/** Which strokes a lasso, a tap or a drag on the sheet is about. */

import type { Point } from "../recognizer/preprocess.ts";

type Line = readonly Point[];

/** The left, top, right and bottom of some points. */
export type Box = readonly [number, number, number, number];

/** A space that is opened: the strokes that make room, and how far to the right they move. */
export interface Space {
  indices: number[];
  dx: number;
}

const TAP = 6; // pixels; a contact that stays this near is a tap
const LEVEL = 0.2; // greatest height of a drag that opens a space, over its width
const ENCLOSED = 0.6; // least share of a stroke's points inside a lasso; sloppy lassos cut off an end
const ROOM = 8; // pixels around a selection in which it can be grabbed

/** The box of strokes, undefined if there are none. */
export function boxOf(strokes: readonly Line[]): Box | undefined {
  const points = strokes.flat();
  if (!points.length) return undefined;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const range = (values: number[]) =>
    values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)] as const, [
      Infinity,
      -Infinity,
    ] as const);
  const [[left, right], [top, bottom]] = [range(xs), range(ys)];
  return [left, top, right, bottom];
}

/** Whether a point lies in a box or just beside it. */
export function holds([left, top, right, bottom]: Box, [x, y]: Point): boolean {
  return x >= left - ROOM && x <= right + ROOM && y >= top - ROOM && y <= bottom + ROOM;
}

/** Whether a contact is a tap. */
export function isTap(points: Line): boolean {
  const [left, top, right, bottom] = boxOf([points])!;
  return Math.hypot(right - left, bottom - top) <= TAP;
}

/** The indices of the strokes that lie mostly inside a closed line. */
export function enclosed(strokes: readonly Line[], lasso: Line): number[] {
  return [...strokes.keys()].filter((index) => {
    const points = strokes[index]!;
    return points.filter((point) => isInside(lasso, point)).length >= ENCLOSED * points.length;
  });
}

/**
 * The space that a level drag opens, or closes if it goes to the left: all strokes move whose middle is on the right of
 * where it began.
 *
 * @returns undefined if the drag is not level, or no stroke moves.
 */
export function opened(strokes: readonly Line[], drag: Line): Space | undefined {
  const [left, top, right, bottom] = boxOf([drag])!;
  const [start, dx] = [drag[0]![0], drag.at(-1)![0] - drag[0]![0]];
  if (bottom - top > LEVEL * Math.abs(dx) || right - left > (1 + LEVEL) * Math.abs(dx)) return undefined;
  const indices = [...strokes.keys()].filter((index) => {
    const [from, , to] = boxOf([strokes[index]!])!;
    return (from + to) / 2 > start;
  });
  return indices.length ? { indices, dx } : undefined;
}

/** Whether a point is inside a closed line, by the number of its sides on the right of the point. */
function isInside(line: Line, [x, y]: Point): boolean {
  const sides = line.filter(([u, v], i) => {
    const [before, above] = line.at(i - 1)!;
    return v > y !== above > y && x < u + ((before - u) * (y - v)) / (above - v);
  });
  return sides.length % 2 === 1;
}
