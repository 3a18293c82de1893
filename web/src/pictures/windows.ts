/** Sums and extremes of the square around each pixel. */

import type { Raster } from "./raster.ts";

/** Return the sum of the square around each pixel. Beyond its edges, a picture goes on as at the edge. */
export function boxSums({ width, height, pixels }: Raster, side: number): Int32Array {
  const reach = side >> 1;
  const row = (y: number): number => Math.max(0, Math.min(height - 1, y)) * width;
  const columns = new Int32Array(width); // sums of the columns of the window
  for (let y = -reach; y <= reach; y++) for (let x = 0; x < width; x++) columns[x]! += pixels[row(y) + x]!;
  const sums = new Int32Array(pixels.length);
  const at = (x: number): number => columns[Math.max(0, Math.min(width - 1, x))]!;
  for (let y = 0; y < height; y++) {
    let sum = 0;
    for (let x = -reach; x <= reach; x++) sum += at(x);
    for (let x = 0; x < width; x++) {
      sums[y * width + x] = sum;
      sum += at(x + reach + 1) - at(x - reach);
    }
    const [before, after] = [row(y - reach), row(y + reach + 1)];
    for (let x = 0; x < width; x++) columns[x]! += pixels[after + x]! - pixels[before + x]!;
  }
  return sums;
}

/** Return the morphological closing: the least in the square of the greatest in the square, inside the picture. */
export function closing(values: Uint16Array, width: number, height: number, side: number): Uint16Array {
  const greatest = largest(largest(values, width, height, side), height, width, side);
  return inverted(largest(largest(inverted(greatest), width, height, side), height, width, side));
}

/** Turn great values into small ones, in place. */
function inverted(values: Uint16Array): Uint16Array {
  for (let i = 0; i < values.length; i++) values[i] = 0xffff - values[i]!;
  return values;
}

/**
 * Return the greatest value in the window around each value of a row, with rows and columns exchanged.
 *
 * The method of van Herk, and Gil and Werman: the row is cut into blocks as long as the window, and each window is the
 * end of one block and the beginning of the next one.
 */
function largest(values: Uint16Array, width: number, height: number, side: number): Uint16Array {
  const found = new Uint16Array(values.length);
  const reach = side >> 1;
  const length = Math.ceil((width + 2 * reach) / side) * side;
  const [line, ends, beginnings] = [new Uint16Array(length), new Uint16Array(length), new Uint16Array(length)];
  for (let y = 0; y < height; y++) {
    line.set(values.subarray(y * width, (y + 1) * width), reach);
    for (let start = 0; start < length; start += side) {
      const last = start + side - 1;
      beginnings[start] = line[start]!;
      for (let i = start + 1; i <= last; i++) beginnings[i] = Math.max(beginnings[i - 1]!, line[i]!);
      ends[last] = line[last]!;
      for (let i = last - 1; i >= start; i--) ends[i] = Math.max(ends[i + 1]!, line[i]!);
    }
    for (let x = 0; x < width; x++) found[x * height + y] = Math.max(ends[x]!, beginnings[x + side - 1]!);
  }
  return found;
}
