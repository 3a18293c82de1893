/** Tell lines of writing apart (docs/tracing.md, "Lines"). */

import { heightOf, type Part, symbolHeight } from "./part.ts";

const LINE_GAP = 0.45; // symbol heights; smaller gaps part a limit or a dot from its symbol
export const FRACTION_GAP = 1.3; // symbol heights between a bar and its numerator or denominator at most
const MINUS_GAP = 0.8; // the same for a bar shorter than LONG_BAR, which may be a minus sign
const LONG_BAR = 1.2; // symbol heights
const [LIMIT, TALL] = [0.6, 1.4]; // a limit is lower than this share of its sign, which is taller than so many symbols

/** Rows that belong to one line, from and to. */
type Tie = readonly [number, number];

/** Split parts at the empty rows between lines of writing. */
export function linesOf(parts: readonly Part[]): Part[][] {
  if (!parts.length) return [];
  const height = symbolHeight(parts);
  const ties = [...fractionTies(parts, height), ...limitTies(parts, height)];
  const lines: Part[][] = [];
  let bottom = -Infinity;
  for (const part of [...parts].sort((one, other) => one.box[1] - other.box[1])) {
    const top = part.box[1];
    const isTied = ties.some(([low, high]) => low <= bottom && top <= high);
    if (!lines.length || (top - bottom > LINE_GAP * height && !isTied)) lines.push([]);
    lines.at(-1)!.push(part);
    bottom = Math.max(bottom, part.box[3]);
  }
  return lines;
}

/** Return the rows from the nearest part above to the nearest part below each bar that has both. */
function fractionTies(parts: readonly Part[], height: number): Tie[] {
  return parts.flatMap((bar): Tie[] => {
    if (!bar.flat) return [];
    const reach = (bar.box[2] - bar.box[0] > LONG_BAR * height ? FRACTION_GAP : MINUS_GAP) * height;
    const { above, below } = nearest(bar, parts);
    return Math.max(bar.box[1] - above, below - bar.box[3]) < reach ? [[above, below]] : [];
  });
}

/** Return the rows between a tall sign, such as a sum, or a letter, and the limits or the dot above or below it. */
function limitTies(parts: readonly Part[], height: number): Tie[] {
  return parts.flatMap((sign) => {
    if (sign.flat) return [];
    const tall = heightOf(sign);
    const low = parts.filter((part) => heightOf(part) < LIMIT * tall);
    const { above, below } = nearest(sign, low);
    const ties: Tie[] = [];
    if (sign.box[1] - above < height) ties.push([above, sign.box[1]]);
    if (below - sign.box[3] < height && tall > TALL * height) ties.push([sign.box[3], below]);
    return ties;
  });
}

/** Return the lower edge of the nearest part above and the upper edge of the nearest one below, infinite if none. */
function nearest(part: Part, parts: readonly Part[]): { above: number; below: number } {
  const [left, top, right, bottom] = part.box;
  let [above, below] = [-Infinity, Infinity];
  for (const { box } of parts.filter((other) => other !== part)) {
    const middle = (box[0] + box[2]) / 2;
    if (middle < left || middle > right) continue;
    if (box[3] <= (top + bottom) / 2) above = Math.max(above, box[3]);
    if (box[1] >= (top + bottom) / 2) below = Math.min(below, box[1]);
  }
  return { above, below };
}
