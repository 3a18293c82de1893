/** Turn ink pixels into strokes in the order in which people write. */

import type { Point } from "../recognizer/preprocess.ts";
import { direct } from "./direction.ts";
import { findPieces } from "./pieces.ts";
import type { Raster } from "./raster.ts";
import { findStrokes } from "./strokes.ts";
import { Untraceable } from "./untraceable.ts";
import { orderLines } from "./writing-order.ts";

const MAX_STROKES = 2048;

/**
 * Return the lines of writing from the top, each its strokes in the order of writing.
 *
 * @param width Width of the pen in pixels.
 * @throws Untraceable There are too many pieces of ink or strokes, as in noise.
 */
export function trace(mask: Raster, width: number): Point[][][] {
  check(findPieces(mask).count);
  const { strokes, pieces } = findStrokes(mask, width);
  check(strokes.length);
  const directed = strokes.map(direct);
  return orderLines(directed, pieces, width).map((line) => line.map((stroke) => directed[stroke]!));
}

function check(count: number): void {
  if (count > MAX_STROKES) throw new Untraceable({ kind: "noise", count, limit: MAX_STROKES });
}
