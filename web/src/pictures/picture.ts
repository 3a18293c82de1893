/** Find the handwriting in a picture (docs/tracing.md). */

import type { Point } from "../recognizer/preprocess.ts";
import { type Bitmap, greyOf, reduced } from "./grey.ts";
import { findInk } from "./mask.ts";
import { penWidth } from "./pen.ts";
import { inkOf, type Raster } from "./raster.ts";
import { BICUBIC, BOX, resample } from "./resample.ts";
import { rounded } from "./rounding.ts";
import { trace } from "./trace.ts";
import { Untraceable } from "./untraceable.ts";

const [THINNEST, THICKEST] = [2.4, 6]; // pixels; a picture with another pen is enlarged or reduced before it is traced
const ENLARGED = 500_000; // pixels that are enlarged at most
const MAX_INK = 0.5; // share of the picture that is ink at most; more is no handwriting

/** What was found in a picture. */
export interface Traced {
  /** The lines of writing from the top, each its strokes in the order of writing, in pixels of the picture. */
  readonly lines: Point[][][];
  /** Width of the pen in these pixels. */
  readonly width: number;
}

/**
 * Find the strokes in a decoded picture.
 *
 * @throws Untraceable No ink is found, or more than handwriting has.
 */
export function tracePicture(bitmap: Bitmap): Traced {
  const { grey, scale } = reduced(greyOf(bitmap));
  const { lines, width } = traceGrey(grey);
  const larger = ([x, y]: Point): Point => [x * scale, y * scale];
  return { lines: lines.map((line) => line.map((stroke) => stroke.map(larger))), width: width * scale };
}

/** The same for a grey picture of at most about 2 megapixels. */
export function traceGrey(grey: Raster): Traced {
  const { mask, width, factor } = inkAndPen(grey);
  const ink = inkOf(mask);
  if (!ink) throw new Untraceable({ kind: "inkless" });
  if (ink > MAX_INK * mask.pixels.length) throw new Untraceable({ kind: "dense" });
  const back = ([x, y]: Point): Point => [(x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5];
  const lines = trace(mask, width).map((line) => line.map((stroke) => stroke.map(back)));
  return { lines, width: width / factor };
}

/** Return the ink, where the picture is resized by `factor` if its pen is too thick or too thin, and the pen's width. */
export function inkAndPen(grey: Raster): { mask: Raster; width: number; factor: number } {
  const mask = findInk(grey);
  const width = penWidth(mask);
  const factor = resizeFactor(width, grey.pixels.length);
  if (factor === 1) return { mask, width, factor };
  const [columns, rows] = [grey.width, grey.height].map((size) => Math.max(1, rounded(size * factor)));
  const resized = findInk(resample(grey, columns!, rows!, factor < 1 ? BOX : BICUBIC));
  return { mask: resized, width: penWidth(resized), factor };
}

/** Return the factor by which a picture is resized so that the pen has a width that traces well. */
function resizeFactor(width: number, pixels: number): number {
  if (width > THICKEST) return THICKEST / width;
  return width < THINNEST && pixels <= ENLARGED ? 2 : 1;
}
