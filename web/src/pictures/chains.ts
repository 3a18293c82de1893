/** Cut lines one pixel wide into chains between their ends and junctions (docs/tracing.md, "Chains"). */

import type { Raster } from "./raster.ts";

/** The lines of a picture as a graph. */
export interface Skeleton {
  /** Places of the pixels of the lines. */
  readonly xs: Int32Array;
  readonly ys: Int32Array;
  /** The number of neighbours of each pixel: 0 for a dot, 1 for an end, 3 or more for a junction. */
  readonly degrees: readonly number[];
  /**
   * Runs of neighbouring pixels. A chain begins and ends at an end or a junction, or it is a closed loop, whose first
   * pixel is repeated at its end. A dot is a chain of one.
   */
  readonly chains: readonly (readonly number[])[];
}

/** Steps to the neighbours of a pixel, up, right, down, left; then the diagonal ones, each after the two beside it. */
const STRAIGHT = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
] as const;
const DIAGONAL = [
  [1, -1],
  [1, 1],
  [-1, 1],
  [-1, -1],
] as const;

/**
 * Return the graph of lines.
 *
 * Two pixels are neighbours if they share a side, or if they share only a corner and no third pixel shares a side with
 * both. So the steps of a staircase are no junctions.
 */
export function findChains({ width, height, pixels }: Raster): Skeleton {
  const places: number[] = [];
  pixels.forEach((pixel, place) => pixel && places.push(place));
  const xs = Int32Array.from(places, (place) => place % width);
  const ys = Int32Array.from(places, (place) => Math.floor(place / width));
  const numbers = new Map(places.map((place, number) => [place, number]));
  const at = (x: number, y: number): number | undefined =>
    x < 0 || x >= width || y < 0 || y >= height ? undefined : numbers.get(y * width + x);
  const near = places.map((_, number) => {
    const [x, y] = [xs[number]!, ys[number]!];
    const straight = STRAIGHT.map(([right, down]) => at(x + right, y + down));
    const diagonal = DIAGONAL.map(([right, down], i) =>
      straight[i] === undefined && straight[(i + 1) % 4] === undefined ? at(x + right, y + down) : undefined,
    );
    return [...straight, ...diagonal].filter((other) => other !== undefined);
  });
  return { xs, ys, degrees: near.map(({ length }) => length), chains: walk(near) };
}

/** Walk from every end and junction along each of its neighbours, then around the loops that are left. */
function walk(near: readonly (readonly number[])[]): number[][] {
  const chains: number[][] = [];
  const inner = near.map(({ length }) => length === 2);
  const seen = new Uint8Array(near.length); // inner pixels of chains

  function follow(start: number, following: number): number[] {
    const chain = [start, following];
    let [before, here] = [start, following];
    while (inner[here] && here !== start) {
      seen[here] = 1;
      const [one, other] = near[here]!;
      [before, here] = [here, one === before ? other! : one!];
      chain.push(here);
    }
    return chain;
  }

  for (const [node, all] of near.entries()) {
    if (inner[node]) continue;
    if (!all.length) chains.push([node]);
    for (const following of all) {
      // Not yet walked from the other end.
      if (!seen[following] && (inner[following] || following > node)) chains.push(follow(node, following));
    }
  }
  for (const pixel of near.keys()) {
    if (!inner[pixel] || seen[pixel]) continue;
    seen[pixel] = 1;
    chains.push(follow(pixel, near[pixel]![0]!));
  }
  return chains;
}
