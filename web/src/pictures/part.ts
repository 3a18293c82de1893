/** Pieces of a formula, which are put into the order of writing (docs/tracing.md, "Parts"). */

import type { Point } from "../recognizer/preprocess.ts";

const [LEFT, RIGHT, BOTTOM] = [2, 0.45, -0.4]; // weights of a stroke's edges over its top: the order of strokes that touch
const FLAT = 0.35; // height over width of a bar at most
const LONG_STROKE = 1.5; // median stroke sizes; a bar so long is a part of its own even where it touches others

/** Left, top, right and bottom in pixels. */
export type Box = readonly [number, number, number, number];

export interface Part {
  readonly box: Box;
  /** Indices of its strokes in the order of writing. */
  readonly strokes: readonly number[];
  /** Whether it is a single stroke shaped like a bar. */
  readonly flat: boolean;
  /** Whether its upper edge spans at least half its width, as that of a root sign. */
  readonly roof: boolean;
}

/** Return one part for each connected piece of ink, and one for each long bar even where it touches others. */
export function partsOf(strokes: readonly Point[][], pieces: readonly number[], width: number): Part[] {
  if (!strokes.length) return [];
  const boxes = strokes.map(boxOf);
  const sides = boxes.map(([left, top, right, bottom]) => [right - left + width, bottom - top + width] as const);
  const size = median(sides.map((side) => Math.max(...side)));
  const flat = strokes.map((stroke, i) => isBar(stroke, sides[i]!, size));
  const places = boxes.map(([left, top, right, bottom]) => LEFT * left + top + RIGHT * right + BOTTOM * bottom);
  const members = new Map<number, number[]>();
  for (const stroke of [...strokes.keys()].sort((one, other) => places[one]! - places[other]!)) {
    const alone = flat[stroke] && sides[stroke]![0] > LONG_STROKE * size;
    const piece = alone ? -stroke - 1 : pieces[stroke]!;
    members.set(piece, [...(members.get(piece) ?? []), stroke]);
  }
  return [...members.values()].map((group): Part => {
    const [left, top, right, bottom] = around(group.map((stroke) => boxes[stroke]!));
    const points = group.flatMap((stroke) => strokes[stroke]!);
    const upper = points.filter(([, y]) => y <= top + 0.35 * (bottom - top)).map(([x]) => x);
    const roof = most(upper) - least(upper) >= 0.5 * (right - left) && right - left > 4 * width;
    const half = width / 2;
    const box: Box = [left - half, top - half, right + half, bottom + half];
    return { box, strokes: group, flat: group.length === 1 && flat[group[0]!]!, roof };
  });
}

/** Return the part that parts make together. */
export function joined(parts: readonly Part[]): Part {
  const strokes = parts.flatMap((part) => part.strokes);
  return { box: around(parts.map(({ box }) => box)), strokes, flat: false, roof: false };
}

/** Return the median height of the parts that are neither bars nor dots, or of all if there are no others. */
export function symbolHeight(parts: readonly Part[]): number {
  const heights = parts.filter(({ flat }) => !flat).map(heightOf);
  const tall = heights.filter((height) => height > 0.3 * most(heights));
  return median(tall.length ? tall : parts.map(({ box }) => box[2] - box[0]));
}

export function heightOf({ box }: Part): number {
  return box[3] - box[1];
}

/** Return the middle value, or the mean of the two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function least(values: readonly number[]): number {
  return values.reduce((found, value) => Math.min(found, value), Infinity);
}

function most(values: readonly number[]): number {
  return values.reduce((found, value) => Math.max(found, value), -Infinity);
}

function boxOf(stroke: readonly Point[]): Box {
  return around(stroke.map(([x, y]) => [x, y, x, y]));
}

function around(boxes: readonly Box[]): Box {
  const edge = (side: number) => boxes.map((box) => box[side]!);
  return [least(edge(0)), least(edge(1)), most(edge(2)), most(edge(3))];
}

/** Whether a stroke is flat and straight; a wide root sign is only flat. */
function isBar(stroke: readonly Point[], [width, height]: readonly [number, number], size: number): boolean {
  if (height > FLAT * width) return false;
  const [x0, y0] = stroke[0]!;
  const [right, down] = [stroke.at(-1)![0] - x0, stroke.at(-1)![1] - y0];
  const length = Math.max(Math.sqrt(right * right + down * down), 1e-9);
  const bulge = most(stroke.map(([x, y]) => Math.abs((x - x0) * down - (y - y0) * right) / length));
  return bulge <= Math.min(0.2 * width, 0.4 * size);
}
