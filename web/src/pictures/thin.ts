/** Thin ink to lines one pixel wide (docs/tracing.md, "Thinning"). */

import { findPieces, type Pieces } from "./pieces.ts";
import type { Raster } from "./raster.ts";
import { rounded } from "./rounding.ts";

/** Neighbourhoods in which scikit-image removes a pixel otherwise than Zhang and Suen, by the passes that remove it. */
const OTHERWISE: readonly (readonly number[])[] = [
  [48, 129],
  [3, 6, 11, 12, 14, 131, 134, 161, 194, 198],
  [24, 26, 56, 96, 104, 108, 176, 192, 224],
  [10, 40, 130, 160],
];
const [FIRST, SECOND] = [1, 2]; // bits: the passes that remove a pixel
/** For each neighbourhood the passes that remove the pixel in it. */
const REMOVED = Uint8Array.from({ length: 256 }, (_, near) => {
  const otherwise = OTHERWISE.findIndex((all) => all.includes(near));
  return otherwise < 0 ? zhangSuen(near) : otherwise;
});

/** The passes of Zhang and Suen (1984) that remove a pixel. Bits of `near`: from the upper left with the clock. */
function zhangSuen(near: number): number {
  const ring = Array.from({ length: 8 }, (_, bit) => (near >> bit) & 1);
  const [, north, , east, , south, , west] = ring as [number, number, number, number, number, number, number, number];
  const count = ring.reduce((sum, one) => sum + one, 0);
  const begins = ring.filter((one, i) => one && !ring[(i + 7) % 8]).length;
  if (count < 2 || count > 6 || begins !== 1) return 0;
  const first = !(north & east & south) && !(east & south & west);
  const second = !(north & east & west) && !(north & south & west);
  return (first ? FIRST : 0) | (second ? SECOND : 0);
}

/** Thin ink. Every piece keeps at least one pixel. */
export function thin(mask: Raster): { lines: Raster; pieces: Pieces } {
  const lines = skeleton(mask);
  const pieces = findPieces(mask);
  const kept = new Uint8Array(pieces.count + 1);
  pieces.labels.forEach((label, place) => {
    if (lines.pixels[place]) kept[label] = 1;
  });
  if (kept.includes(0, 1)) keepMiddles(lines, pieces, kept);
  return { lines, pieces };
}

/** Put a pixel at the centre of mass of every piece that is not kept. */
function keepMiddles({ width, pixels }: Raster, { labels, count }: Pieces, kept: Uint8Array): void {
  const [xs, ys, sizes] = [new Float64Array(count + 1), new Float64Array(count + 1), new Float64Array(count + 1)];
  labels.forEach((label, place) => {
    if (!label) return;
    xs[label]! += place % width;
    ys[label]! += Math.floor(place / width);
    sizes[label]!++;
  });
  for (let label = 1; label <= count; label++) {
    if (!kept[label]) pixels[rounded(ys[label]! / sizes[label]!) * width + rounded(xs[label]! / sizes[label]!)] = 1;
  }
}

function skeleton({ width, height, pixels }: Raster): Raster {
  const row = width + 2; // with a border of paper
  const ink = new Uint8Array(row * (height + 2));
  for (let y = 0; y < height; y++) ink.set(pixels.subarray(y * width, (y + 1) * width), (y + 1) * row + 1);
  let left: number[] = [];
  ink.forEach((pixel, place) => pixel && left.push(place));
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    for (const pass of [FIRST, SECOND]) {
      const gone = left.filter((place) => REMOVED[neighbours(ink, place, row)]! & pass);
      for (const place of gone) ink[place] = 0;
      left = left.filter((place) => ink[place]);
    }
  }
  const lines = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) lines.set(ink.subarray((y + 1) * row + 1, (y + 1) * row + 1 + width), y * width);
  return { width, height, pixels: lines };
}

/** Return the eight neighbours of a pixel as bits, from the upper left with the clock. */
function neighbours(ink: Uint8Array, place: number, row: number): number {
  const [above, below] = [place - row, place + row];
  return (
    ink[above - 1]! |
    (ink[above]! << 1) |
    (ink[above + 1]! << 2) |
    (ink[place + 1]! << 3) |
    (ink[below + 1]! << 4) |
    (ink[below]! << 5) |
    (ink[below - 1]! << 6) |
    (ink[place - 1]! << 7)
  );
}
