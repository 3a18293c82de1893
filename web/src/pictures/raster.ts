/** Pictures of one byte a pixel. */

/** A grey picture (0 black to 255 white), or ink (1) on paper (0). */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Row by row, `width * height`. */
  readonly pixels: Uint8Array;
}

/** Return a picture with rows and columns exchanged. */
export function transposed({ width, height, pixels }: Raster): Raster {
  const turned = new Uint8Array(pixels.length);
  for (let y = 0, place = 0; y < height; y++) {
    for (let x = 0; x < width; x++) turned[x * height + y] = pixels[place++]!;
  }
  return { width: height, height: width, pixels: turned };
}

/** Return the number of pixels of ink. */
export function inkOf({ pixels }: Raster): number {
  let count = 0;
  for (let i = 0; i < pixels.length; i++) count += pixels[i]!;
  return count;
}
