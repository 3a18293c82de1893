/** Tell ink from paper (docs/tracing.md, "Ink"). */

import { lineWidth, penWidth } from "./pen.ts";
import { findPieces, keepPieces } from "./pieces.ts";
import { inkOf, type Raster } from "./raster.ts";
import { removeRules } from "./rules.ts";
import { boxSums, closing } from "./windows.ts";

const WINDOW = 0.25; // of the shorter side: what is wider is not ink
const [LEAST_WINDOW, MOST_WINDOW] = [31, 81]; // pixels
const UNITS = 4096; // of darkness: 1 / 4096 of the paper's brightness
const DARKEST_PAPER = 40; // grey level; below it, a share of the paper's brightness would be noise
const [LEVEL, SURE] = [0.45, 0.65]; // of the ink's typical darkness: ink, and ink without doubt
const FAINTEST = 0.045; // of the paper's brightness
const NOISE = 3.5; // standard deviations of the paper's grain; ink is darker
const SPECK = 0.35; // squared pen widths; a smaller piece is no dot
const THICK = 4; // pen widths of the lines; a thicker piece is a shadow, a finger or the table
const SAMPLED = 700; // pixels of a side

/** Return where a grey picture has ink: dark ink on light paper, or light ink on a dark board. */
export function findInk(grey: Raster): Raster {
  const { width, height } = grey;
  const darkness = darknessOf(grey);
  const level = inkLevel(sampleOf(darkness, width, height));
  if (level === undefined) return { width, height, pixels: new Uint8Array(width * height) };
  const mask = connectedTo(above(darkness, grey, LEVEL * level), above(darkness, grey, SURE * level));
  return inkOf(mask) ? clean(removeRules(mask, penWidth(mask))) : mask;
}

/** Drop the pieces of ink that no pen of this width draws: specks and thick blots. */
function clean(mask: Raster): Raster {
  const pieces = findPieces(mask);
  if (!pieces.count) return mask;
  const [areas, edges] = measured(mask, pieces.labels, pieces.count);
  const widths = Float64Array.from(areas, (area, piece) => lineWidth(area, edges[piece]!));
  const width = Math.max(1, weightedMedian(widths.subarray(1), edges.subarray(1)));
  const kept = (area: number, piece: number) =>
    Number(area >= SPECK * width * width && widths[piece]! <= THICK * width);
  return keepPieces(mask, pieces, Uint8Array.from(areas, kept));
}

/** Return the pixels of each piece, and its steps from ink to paper inside the picture. */
function measured({ width, height }: Raster, labels: Int32Array, count: number): [Uint32Array, Uint32Array] {
  const [areas, edges] = [new Uint32Array(count + 1), new Uint32Array(count + 1)];
  for (let y = 0, place = 0; y < height; y++) {
    for (let x = 0; x < width; x++, place++) {
      const label = labels[place]!;
      if (label) areas[label]!++;
      const right = x + 1 < width ? labels[place + 1]! : label;
      const below = y + 1 < height ? labels[place + width]! : label;
      if (!label !== !right) edges[label || right]!++;
      if (!label !== !below) edges[label || below]!++;
    }
  }
  return [areas, edges];
}

/** Return the first value, in ascending order, up to which at least half of the weight lies. */
function weightedMedian(values: Float64Array, weights: Uint32Array): number {
  const order = [...values.keys()].sort((one, other) => values[one]! - values[other]!);
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2;
  let [place, sum] = [0, weights[order[0]!]!];
  while (sum < half) sum += weights[order[++place]!]!;
  return values[order[place]!]!;
}

/** Return how much darker than the paper around it each pixel is, in UNITS, with a median of 0. */
function darknessOf(picture: Raster): Int32Array {
  const { width, height } = picture;
  const side = Math.max(LEAST_WINDOW, Math.min(Math.trunc(WINDOW * Math.min(width, height)), MOST_WINDOW)) | 1;
  const grey = isBoard(picture, side) ? { ...picture, pixels: picture.pixels.map((pixel) => 255 - pixel) } : picture;
  const paper = closing(new Uint16Array(boxSums(grey, 3)), width, height, side);
  const darkness = new Int32Array(paper.length);
  for (let i = 0; i < paper.length; i++) {
    const brightness = Math.max(paper[i]!, 9 * DARKEST_PAPER);
    darkness[i] = Math.floor(((paper[i]! - 9 * grey.pixels[i]!) * UNITS) / brightness);
  }
  const middle = ranked(sampleOf(darkness, width, height), 0.5); // the closing is as bright as the brightest grain
  for (let i = 0; i < darkness.length; i++) darkness[i]! -= middle;
  return darkness;
}

/** Whether few pixels are much lighter than the mean of their window, as chalk on a board, rather than darker. */
function isBoard(grey: Raster, side: number): boolean {
  const [sums, area] = [boxSums(grey, side), side * side];
  let skew = 0;
  for (let i = 0; i < sums.length; i++) {
    const apart = grey.pixels[i]! - Math.floor((sums[i]! + (area >> 1)) / area);
    skew += apart * apart * apart;
  }
  return skew > 0;
}

/** Return at most about half a million of the values. */
function sampleOf(values: Int32Array, width: number, height: number): Int32Array {
  const [right, down] = [width, height].map((size) => Math.max(1, Math.floor(size / SAMPLED))) as [number, number];
  const columns = Math.ceil(width / right);
  const sample = new Int32Array(columns * Math.ceil(height / down));
  for (let y = 0, place = 0; y < height; y += down) {
    for (let x = 0; x < width; x += right) sample[place++] = values[y * width + x]!;
  }
  return sample;
}

/** Return the value that the given share of the others does not exceed: 0 for the least, 1 for the greatest. */
function ranked(values: Int32Array, share: number): number {
  let [least, most] = [values[0]!, values[0]!];
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]!);
    most = Math.max(most, values[i]!);
  }
  const counts = new Uint32Array(most - least + 1);
  for (let i = 0; i < values.length; i++) counts[values[i]! - least]!++;
  let rank = Math.floor(share * (values.length - 1));
  let place = 0;
  while (rank >= counts[place]!) rank -= counts[place++]!;
  return least + place;
}

/** Return the typical darkness of ink in UNITS, undefined where nothing is dark. */
function inkLevel(sample: Int32Array): number | undefined {
  const apart = new Int32Array(sample);
  for (let i = 0; i < apart.length; i++) apart[i] = Math.abs(apart[i]!);
  const least = Math.max(FAINTEST * UNITS, NOISE * (1.4826 * ranked(apart, 0.5)));
  const ink = new Int32Array(sample.length);
  let count = 0;
  for (let i = 0; i < sample.length; i++) if (sample[i]! > least) ink[count++] = sample[i]!;
  return count ? Math.max(least / LEVEL, ranked(ink.subarray(0, count), 0.75)) : undefined;
}

function above(darkness: Int32Array, { width, height }: Raster, level: number): Raster {
  const pixels = new Uint8Array(darkness.length);
  for (let i = 0; i < darkness.length; i++) if (darkness[i]! > level) pixels[i] = 1;
  return { width, height, pixels };
}

/** Return the pieces of a mask that hold a seed. */
function connectedTo(mask: Raster, seeds: Raster): Raster {
  const pieces = findPieces(mask);
  const kept = new Uint8Array(pieces.count + 1);
  for (let i = 0; i < seeds.pixels.length; i++) if (seeds.pixels[i]) kept[pieces.labels[i]!] = 1;
  return keepPieces(mask, pieces, kept);
}
