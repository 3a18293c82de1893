/** Remove the rules of lined and squared paper from ink (docs/tracing.md, "Rules"). */

import { findPieces, keepPieces } from "./pieces.ts";
import { type Raster, transposed } from "./raster.ts";
import { rounded } from "./rounding.ts";

const STEEPEST = 24; // slopes to each side of level; the last one is 0.12, in a photo held by hand
const SLOPE = 200; // slopes are counted in 1 / 200
const THIN = 1.8; // pen widths; a rule is at most so thick
const ROUNDS = 4; // slopes in one picture, since a camera looks at the paper from the side
const COVERAGE = 0.35; // of the picture's width that is ink along a rule
const EDGE = 0.02; // of the width: a rule reaches both edges of the picture up to so much, a fraction bar does not
/** 0, -1, 1, -2, 2 ... */
const SLOPES = [0, ...Array.from({ length: STEEPEST }, (_, i) => [-i - 1, i + 1]).flat()];

/** A rule: its slope, and its sheared row. */
type Rule = readonly [slope: number, centre: number];

interface Pixels {
  rows: Int32Array;
  columns: Int32Array;
}

/** Return ink without straight thin lines that cross the whole picture, horizontal or vertical. */
export function removeRules(mask: Raster, width: number): Raster {
  return transposed(removeHorizontal(transposed(removeHorizontal(mask, width)), width));
}

function removeHorizontal(mask: Raster, width: number): Raster {
  const length = mask.width;
  if (length < 20 * width) return mask;
  let thin = thinPixels(mask, THIN * width);
  const [kept, rules]: [Raster, Rule[]] = [{ ...mask, pixels: mask.pixels.slice() }, []];
  const reach = Math.max(1, rounded(width / 2) + 1);
  for (let round = 0; round < ROUNDS && thin.rows.length >= COVERAGE * length; round++) {
    const { slope, counts } = bestSlope(thin, mask);
    const sheared = shear(thin, slope, length);
    const nearTo = rowIndex(sheared, counts);
    const gone = new Uint8Array(sheared.length);
    // A rule may be spread over two sheared rows.
    for (let centre = mostOf(counts); counts[centre]! >= (COVERAGE * length) / 2; centre = mostOf(counts)) {
      const near = nearTo(centre - reach, centre + reach);
      if (crosses(near, thin.columns, length)) {
        for (const i of near) gone[i] = 1;
        rules.push([slope, centre]);
      }
      counts.fill(0, Math.max(0, centre - reach), centre + reach + 1);
    }
    if (!gone.includes(1)) break;
    for (const i of gone.keys()) if (gone[i]) kept.pixels[thin.rows[i]! * length + thin.columns[i]!] = 0;
    const stays = (_: number, i: number) => !gone[i];
    thin = { rows: thin.rows.filter(stays), columns: thin.columns.filter(stays) };
  }
  return rules.length ? withoutRests(kept, rules, 2 * reach) : kept;
}

/** Return the pixels of ink that are in a run of at most `most` pixels in their column. */
function thinPixels({ width, height, pixels }: Raster, most: number): Pixels {
  const [rows, columns]: [number[], number[]] = [[], []];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const start = y;
      while (y < height && pixels[y * width + x]) y++;
      if (y - start > most) continue;
      for (let row = start; row < y; row++) {
        rows.push(row);
        columns.push(x);
      }
    }
  }
  return { rows: Int32Array.from(rows), columns: Int32Array.from(columns) };
}

/** Return the rows in which pixels would be if lines of this slope were level, all 0 or more. */
function shear({ rows, columns }: Pixels, slope: number, length: number): Int32Array {
  const places = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    places[i] = rows[i]! + length - Math.floor((slope * (2 * columns[i]! - length) + SLOPE) / (2 * SLOPE));
  }
  return places;
}

/** Return the slope of the line that holds the most pixels, and the number of pixels in each sheared row. */
function bestSlope(thin: Pixels, { width, height }: Raster): { slope: number; counts: Int32Array } {
  let best = { slope: 0, counts: new Int32Array(1), most: -1 };
  for (const slope of SLOPES) {
    const counts = new Int32Array(height + 2 * width);
    for (const row of shear(thin, slope, width)) counts[row]!++;
    const most = counts[mostOf(counts)]!;
    if (most > best.most) best = { slope, counts, most };
  }
  return best;
}

/** Return what finds the pixels of some sheared rows, from and to. */
function rowIndex(sheared: Int32Array, counts: Int32Array): (from: number, to: number) => Int32Array {
  const starts = new Int32Array(counts.length + 1);
  for (let row = 0; row < counts.length; row++) starts[row + 1] = starts[row]! + counts[row]!;
  const [order, next] = [new Int32Array(sheared.length), starts.slice()];
  for (let i = 0; i < sheared.length; i++) order[next[sheared[i]!]!++] = i;
  return (from, to) => order.subarray(starts[Math.max(0, from)], starts[Math.min(counts.length, to + 1)]);
}

/** Return the index of the first greatest count. */
function mostOf(counts: Int32Array): number {
  let best = 0;
  for (let i = 1; i < counts.length; i++) if (counts[i]! > counts[best]!) best = i;
  return best;
}

/** Whether the pixels near a line cover most columns and reach both edges of the picture. */
function crosses(near: Int32Array, columns: Int32Array, length: number): boolean {
  const covered = new Uint8Array(length);
  for (const i of near) covered[columns[i]!] = 1;
  const edge = Math.max(3, EDGE * length);
  const count = covered.reduce((sum, one) => sum + one, 0);
  return count >= COVERAGE * length && covered.indexOf(1) <= edge && covered.lastIndexOf(1) >= length - 1 - edge;
}

/** Drop the pieces of ink that lie within a few rows of a rule, where the rule was too thick to be removed. */
function withoutRests(mask: Raster, rules: readonly Rule[], band: number): Raster {
  const pieces = findPieces(mask);
  const ink = [...mask.pixels.keys()].filter((place) => mask.pixels[place]);
  const columns = Int32Array.from(ink, (place) => place % mask.width);
  const rows = Int32Array.from(ink, (place) => Math.floor(place / mask.width));
  const kept = new Uint8Array(pieces.count + 1).fill(1);
  for (const [slope, centre] of rules) {
    const outside = new Uint8Array(pieces.count + 1);
    shear({ rows, columns }, slope, mask.width).forEach((row, i) => {
      if (Math.abs(row - centre) > band) outside[pieces.labels[ink[i]!]!] = 1;
    });
    for (const piece of kept.keys()) kept[piece]! &= outside[piece]!;
  }
  return keepPieces(mask, pieces, kept);
}
