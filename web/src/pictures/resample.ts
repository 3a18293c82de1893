/** Change the size of a grey picture, bit by bit as Pillow does (docs/tracing.md, "Other sizes"). */

import { type Raster, transposed } from "./raster.ts";

/** A filter: its weight at a distance, 0 from `support` on. */
export interface Filter {
  readonly support: number;
  weight(distance: number): number;
}

export const BOX: Filter = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
export const BICUBIC: Filter = {
  support: 2,
  weight(distance) {
    const x = Math.abs(distance);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
  },
};
const ONE = 1 << 22; // weights are whole numbers of 1 / ONE

/** Return a picture in another size: first its rows are resampled, then its columns. */
export function resample(grey: Raster, width: number, height: number, filter: Filter): Raster {
  const rows = width === grey.width ? grey : resampleRows(grey, width, filter);
  if (height === grey.height) return rows;
  return transposed(resampleRows(transposed(rows), height, filter));
}

function resampleRows({ width, height, pixels }: Raster, size: number, filter: Filter): Raster {
  const found = new Uint8Array(size * height);
  const windows = Array.from({ length: size }, (_, x) => weightsAt(x, width, size, filter));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      const { from, weights } = windows[x]!;
      let sum = ONE / 2;
      for (let i = 0, place = y * width + from; i < weights.length; i++) sum += weights[i]! * pixels[place + i]!;
      found[y * size + x] = Math.max(0, Math.min(255, Math.floor(sum / ONE)));
    }
  }
  return { width: size, height, pixels: found };
}

/** Return the first pixel of a row that a new pixel consists of, and the weights from there on. */
function weightsAt(x: number, width: number, size: number, filter: Filter): { from: number; weights: Int32Array } {
  const scale = width / size;
  const wide = Math.max(1, scale);
  const support = filter.support * wide;
  const centre = (x + 0.5) * scale;
  const from = Math.max(0, Math.trunc(centre - support + 0.5));
  const to = Math.min(width, Math.trunc(centre + support + 0.5));
  const shares = Array.from({ length: to - from }, (_, i) => filter.weight((i + from - centre + 0.5) * (1 / wide)));
  const sum = shares.reduce((total, share) => total + share, 0);
  const weights = shares.map((share) => (sum ? share / sum : share) * ONE);
  return { from, weights: Int32Array.from(weights, (weight) => Math.trunc(weight + (weight < 0 ? -0.5 : 0.5))) };
}
