/**
 * Tell lines of writing apart while they are written: which line does a new stroke belong to, or does it begin one?
 * TypeScript version of `tegashiki/recognizer/lines.py`, which explains the rules.
 */

import { lines as rules } from "./grammar.json";
import type { Point } from "./preprocess.ts";

/** The extent of one or several strokes; y grows downwards. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Where a stroke belongs. */
export interface Place {
  /** Index of its line, counted from the top. */
  readonly line: number;
  /** Whether the line is a new one. The lines from this index on then move down by one. */
  readonly isNew: boolean;
  /** How many of the last strokes of the line above go with it into the new line. */
  readonly moved: number;
  /** Further lines that the stroke makes one with its line, as a bracket does, ascending. */
  readonly joined: readonly number[];
}

/** Return the box of a stroke. */
export function boxOf(points: readonly Point[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { left, top, right, bottom };
}

/**
 * Return the line that a new stroke belongs to.
 *
 * @param lines For each line from the top the boxes of its strokes in the order of writing, none empty.
 * @param box The new stroke.
 * @param current The line that was written last, if any.
 */
export function place(lines: readonly (readonly Box[])[], box: Box, current?: number): Place {
  if (!lines.length) return placed(0, true);
  const size = sizeOf([...lines.flat(), box]);
  const spanned = lines.flatMap((line, index) => (spans(box, line, size) ? [index] : []));
  if (spanned.length > 1) {
    const [first, last] = [spanned[0]!, spanned.at(-1)!];
    return placed(
      first,
      false,
      0,
      Array.from({ length: last - first }, (_, i) => first + 1 + i),
    );
  }
  const gaps = lines.map((line) => gapOf(near(line, box, size), box));
  const costs = gaps.map((gap, index) => gap - rules.stay * size * Number(index === current));
  const nearest = costs.lastIndexOf(Math.min(...costs));
  const line = lines[nearest]!;
  const alone = lines.length === 1;
  if (beginsBelow(line, box, size, 0, alone)) return placed(nearest + 1, true);
  const between = nearest > 0 && gaps[nearest]! > rules.above * size;
  if (between && beginsBelow(lines[nearest - 1]!, box, size, 0, false)) return placed(nearest, true);
  const under = line.every(({ top }) => top > box.bottom + rules.above * size);
  if (nearest === 0 && line.length >= rules.few && under) return placed(0, true);
  const moved = nearest === current ? beganLate(line, box, size, alone) : 0;
  return moved ? placed(nearest + 1, true, moved) : placed(nearest);
}

function placed(line: number, isNew = false, moved = 0, joined: readonly number[] = []): Place {
  return { line, isNew, moved, joined };
}

function sideOf({ left, top, right, bottom }: Box): number {
  return Math.max(right - left, bottom - top);
}

function isFlat({ left, top, right, bottom }: Box): boolean {
  return bottom - top < rules.flat * (right - left);
}

/** The median of the longer sides without dots, 1 if there are only dots. */
function sizeOf(boxes: readonly Box[]): number {
  const all = boxes.map(sideOf).sort((a, b) => a - b);
  const least = rules.dot * all[Math.floor((3 * all.length) / 4)]!;
  const sides = all.filter((side) => side >= least);
  return sides[Math.floor(sides.length / 2)]! || 1;
}

/** The strokes of a line that are horizontally near a stroke, at least the nearest. */
function near(line: readonly Box[], box: Box, size: number): Box[] {
  const apart = line.map(({ left, right }) => Math.max(0, left - box.right, box.left - right));
  const reach = Math.min(...apart) + rules.near * size;
  return line.filter((_, index) => apart[index]! <= reach);
}

/** The vertical gap between a stroke and the nearest of others, 0 if it stands beside one. */
function gapOf(others: readonly Box[], box: Box): number {
  return Math.min(...others.map(({ top, bottom }) => Math.max(0, top - box.bottom, box.top - bottom)));
}

/** Whether a stroke is a bracket beside a line: tall, and from above to below the middle of what is near. */
function spans(box: Box, line: readonly Box[], size: number): boolean {
  if (box.bottom - box.top < rules.tall * Math.max(box.right - box.left, size)) return false;
  const there = near(line, box, size);
  const middle = (topOf(there) + bottomOf(there)) / 2;
  return box.top < middle && middle < box.bottom;
}

/** Whether a stroke, or several in one box, begins a line below another one, `more` sizes further down. */
function beginsBelow(line: readonly Box[], box: Box, size: number, more: number, alone: boolean): boolean {
  const there = near(line, box, size);
  if (there.some(({ bottom }) => bottom > box.top) || sideOf(box) < rules.dot * size) return false;
  if (alone && line.length < rules.least) return false;
  const [left, right] = [Math.min(...line.map((other) => other.left)), Math.max(...line.map((other) => other.right))];
  if (box.top < bottomOf(line) - rules.deep * size || box.left >= right) return false;
  const wanted = [rules.gap * size];
  if (line.length < rules.few) wanted.push(rules.under_few * Math.max(...line.map(({ top, bottom }) => bottom - top)));
  if (!more && isFlat(box) && sideOf(box) > rules.wide * size) wanted.push(rules.over_wide * size);
  if (awaitsDenominator(line, box, size)) wanted.push(rules.under_bar * size);
  if (box.left - left > Math.max(rules.back * (right - left), rules.indent * size)) wanted.push(rules.clear * size);
  return gapOf(there, box) - more * size > Math.max(...wanted);
}

/** Whether a stroke stands under a bar that has a numerator and no denominator. */
function awaitsDenominator(line: readonly Box[], box: Box, size: number): boolean {
  const over = line.filter(({ left, right }) => left <= box.right && box.left <= right);
  const bar = over.find(({ bottom }) => bottom === bottomOf(over));
  if (!bar || !isFlat(bar) || sideOf(bar) < rules.long * size) return false;
  const there = line.filter((other) => {
    const middle = (other.left + other.right) / 2;
    return other !== bar && bar.left <= middle && middle <= bar.right;
  });
  if (there.some(({ top }) => top >= bar.top)) return false;
  const highest = bar.top - rules.over_bar * size;
  return there.some((other) => !isFlat(other) && highest <= other.bottom && other.bottom <= bar.bottom);
}

/** How many of the last strokes of a line begin a new line together with a stroke, 0 if none do. */
function beganLate(line: readonly Box[], box: Box, size: number, alone: boolean): number {
  let all = box;
  for (let count = 1; count <= Math.min(rules.late, line.length - 1); count++) {
    all = around(all, line.at(-count)!);
    if (beginsBelow(line.slice(0, -count), all, size, rules.more, alone)) return count;
  }
  return 0;
}

function around(one: Box, other: Box): Box {
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

function topOf(boxes: readonly Box[]): number {
  return Math.min(...boxes.map(({ top }) => top));
}

function bottomOf(boxes: readonly Box[]): number {
  return Math.max(...boxes.map(({ bottom }) => bottom));
}
