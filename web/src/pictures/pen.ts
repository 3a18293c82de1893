/** The width of the pen. */

import { inkOf, type Raster } from "./raster.ts";

/** Width of a line whose ink and whose steps from ink to paper are counted, on average over all directions. */
export function lineWidth(ink: number, edges: number): number {
  return ((8 / Math.PI) * ink) / Math.max(edges, 1);
}

/** Return the mean width of the lines in pixels, 1 or more. */
export function penWidth(mask: Raster): number {
  const { width, height, pixels } = mask;
  let edges = 0;
  for (let y = 0, place = 0; y < height; y++) {
    for (let x = 0; x < width; x++, place++) {
      if (!pixels[place]) continue;
      if (x === 0 || !pixels[place - 1]) edges++;
      if (x === width - 1 || !pixels[place + 1]) edges++;
      if (y === 0 || !pixels[place - width]) edges++;
      if (y === height - 1 || !pixels[place + width]) edges++;
    }
  }
  return Math.max(1, lineWidth(inkOf(mask), edges));
}
