/**
 * Put strokes into the order in which people write formulas (docs/tracing.md, "Order").
 *
 * A formula is written from left to right, a fraction as numerator, bar, denominator, a root sign before what is under
 * it, and a sum sign before its limits.
 */

import type { Point } from "../recognizer/preprocess.ts";
import { FRACTION_GAP, linesOf } from "./lines.ts";
import { heightOf, joined, type Part, partsOf, symbolHeight } from "./part.ts";

const STACKED = 0.6; // share of the narrower part that lies above or below the other
const PAD = 0.25; // symbol heights by which a numerator may stand beside its bar

/**
 * Return the lines of writing from the top, each the indices of its strokes in the order of writing.
 *
 * @param strokes The strokes in pixels.
 * @param pieces For each stroke the number of the connected piece of ink that it is in.
 * @param width Width of the pen in pixels.
 */
export function orderLines(strokes: readonly Point[][], pieces: readonly number[], width: number): number[][] {
  return linesOf(partsOf(strokes, pieces, width)).map((line) => inOrder(line).flatMap((part) => part.strokes));
}

/** Return the parts of one line in the order of writing. */
function inOrder(parts: readonly Part[]): Part[] {
  const groups: Part[][] = [];
  for (const part of joinRoots(joinFractions(parts)).sort((one, other) => one.box[0] - other.box[0])) {
    if (groups.at(-1)?.some((other) => isStacked(part, other))) groups.at(-1)!.push(part);
    else groups.push([part]);
  }
  return groups.flatMap(stackOrder);
}

function widestFirst(parts: readonly Part[]): Part[] {
  const width = ({ box }: Part): number => box[2] - box[0];
  return [...parts].sort((one, other) => width(other) - width(one));
}

/** Join each bar that has parts above and below, the widest first, with these parts. */
function joinFractions(all: readonly Part[]): readonly Part[] {
  let parts = all;
  const height = parts.length ? symbolHeight(parts) : 0;
  for (const bar of widestFirst(parts.filter(({ flat }) => flat))) {
    if (!parts.includes(bar)) continue; // in a wider fraction
    const above = chain(bar, parts, height, true);
    const below = chain(bar, parts, height, false);
    if (!above.length || !below.length) continue;
    const inside = new Set([bar, ...above, ...below]);
    const fraction = joined([...inOrder(above), bar, ...inOrder(below)]);
    parts = [...parts.filter((part) => !inside.has(part)), fraction];
  }
  return parts;
}

/** Return the parts above or below a bar, as far as no empty space of a line's gap lies between. */
function chain(bar: Part, parts: readonly Part[], height: number, above: boolean): Part[] {
  const [left, top, right, bottom] = bar.box;
  const pad = PAD * height;
  const middle = (top + bottom) / 2;
  const there = parts.filter((part) => {
    const [x0, y0, x1, y1] = part.box;
    const isBeside = left - pad <= (x0 + x1) / 2 && (x0 + x1) / 2 <= right + pad;
    return part !== bar && isBeside && y0 + y1 < 2 * middle === above;
  });
  there.sort((one, other) => (above ? other.box[3] - one.box[3] : one.box[1] - other.box[1]));
  const found: Part[] = [];
  let edge = above ? top : bottom;
  for (const part of there) {
    const gap = above ? edge - part.box[3] : part.box[1] - edge;
    if (gap > FRACTION_GAP * height) break;
    found.push(part);
    edge = above ? Math.min(edge, part.box[1]) : Math.max(edge, part.box[3]);
  }
  return found;
}

/** Join each root sign with the parts under its roof. */
function joinRoots(all: readonly Part[]): Part[] {
  let parts = [...all];
  for (const root of widestFirst(parts.filter(({ roof }) => roof))) {
    if (!parts.includes(root)) continue;
    const [left, top, right, bottom] = root.box;
    const inside = parts.filter(({ box: [x0, y0, x1, y1] }) => {
      const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
      return left < x && x < right && top < y && y < bottom;
    });
    const under = inside.filter((part) => part !== root);
    if (!under.length) continue;
    const whole = joined([root, ...inOrder(under)]);
    parts = [...parts.filter((part) => part !== root && !under.includes(part)), whole];
  }
  return parts;
}

/** Whether one part stands above the other. */
function isStacked({ box: one }: Part, { box: other }: Part): boolean {
  const overlap = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const narrower = Math.min(one[2] - one[0], other[2] - other[0]);
  return (one[1] >= other[3] || other[1] >= one[3]) && overlap >= STACKED * narrower;
}

/** Order parts that stand above one another: bars from the top, else the tallest's row, those below, those above. */
function stackOrder(parts: readonly Part[]): Part[] {
  const rows: Part[][] = [];
  let bottom = -Infinity;
  for (const part of [...parts].sort((one, other) => one.box[1] - other.box[1])) {
    if (part.box[1] >= bottom) rows.push([]);
    rows.at(-1)!.push(part);
    bottom = Math.max(bottom, part.box[3]);
  }
  const heights = rows.map((row) => Math.max(...row.map(heightOf)));
  const tallest = heights.indexOf(Math.max(...heights));
  const allFlat = parts.every(({ flat }) => flat);
  const ordered = allFlat ? rows : [...rows.slice(tallest), ...rows.slice(0, tallest)];
  return ordered.flatMap((row) => row.sort((one, other) => one.box[0] - other.box[0]));
}
