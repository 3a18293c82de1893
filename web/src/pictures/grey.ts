/** From a bitmap in colour to the grey picture that is traced (docs/tracing.md, "Grey"). */

import type { Raster } from "./raster.ts";
import { BOX, resample } from "./resample.ts";
import { rounded } from "./rounding.ts";

const WORK_PIXELS = 2_000_000; // a larger picture is reduced to this
const SAMPLED = 500; // pixels of the shorter side that tell light ink from dark ink

/** A decoded picture, as `ImageData` has it. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha of every pixel, row by row. */
  readonly data: Uint8ClampedArray | Uint8Array;
}

/** Return a picture in grey. Behind transparent parts is white, or black if what is drawn is light. */
export function greyOf({ width, height, data }: Bitmap): Raster {
  const pixels = new Uint8Array(width * height);
  for (let i = 0, place = 0; i < pixels.length; i++, place += 4) {
    pixels[i] = (data[place]! * 19595 + data[place + 1]! * 38470 + data[place + 2]! * 7471 + 0x8000) >> 16;
  }
  const paper = isLight(pixels, data, width, height) ? 0 : 255;
  for (let i = 0; i < pixels.length; i++) {
    const alpha = data[4 * i + 3]!;
    if (alpha === 255) continue;
    const blend = paper * (255 - alpha) + pixels[i]! * alpha + 128;
    pixels[i] = ((blend >> 8) + blend) >> 8;
  }
  return { width, height, pixels };
}

/** Whether light ink is drawn on nothing: most of the picture is transparent, and the rest is light. */
function isLight(grey: Uint8Array, data: Bitmap["data"], width: number, height: number): boolean {
  let alphas = 0;
  for (let place = 3; place < data.length; place += 4) alphas += data[place]!;
  if (alphas > 127 * grey.length) return false;
  const step = Math.max(1, Math.floor(Math.min(width, height) / SAMPLED));
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const place = y * width + x;
      if (data[4 * place + 3]! <= 127) continue;
      sum += grey[place]!;
      count++;
    }
  }
  return sum > 127 * count;
}

/**
 * Reduce a picture to at most about WORK_PIXELS.
 *
 * @returns The picture, and the width of its pixels in pixels of the larger one.
 */
export function reduced(grey: Raster): { grey: Raster; scale: number } {
  const scale = Math.max(1, Math.sqrt((grey.width * grey.height) / WORK_PIXELS));
  const [width, height] = [grey.width, grey.height].map((size) => Math.max(1, rounded(size / scale)));
  return { grey: resample(grey, width!, height!, BOX), scale };
}
