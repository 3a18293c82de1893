/** Connected pieces of ink. */

import type { Raster } from "./raster.ts";

export interface Pieces {
  /** The number of the piece of each pixel, from 1 on; 0 for paper. */
  readonly labels: Int32Array;
  readonly count: number;
}

/** Number the pieces of ink. Pixels that share a corner are connected. */
export function findPieces({ width, height, pixels }: Raster): Pieces {
  const labels = new Int32Array(pixels.length);
  const open: number[] = []; // pixels whose neighbours are to be looked at
  let count = 0;
  for (let start = 0; start < pixels.length; start++) {
    if (!pixels[start] || labels[start]) continue;
    labels[start] = ++count;
    open.push(start);
    while (open.length) {
      const place = open.pop()!;
      const x = place % width;
      const y = (place - x) / width;
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const near = row * width + column;
          if (!pixels[near] || labels[near]) continue;
          labels[near] = count;
          open.push(near);
        }
      }
    }
  }
  return { labels, count };
}

/** Return the ink of the pieces for which `kept` is not 0. */
export function keepPieces({ width, height }: Raster, { labels }: Pieces, kept: Uint8Array): Raster {
  const pixels = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) if (labels[i] && kept[labels[i]!]) pixels[i] = 1;
  return { width, height, pixels };
}
