/**
 * Assign strokes to tokens. TypeScript version of `tegashiki/recognizer/assignment.py`.
 *
 * A model attends to one stroke of a symbol when it writes the symbol's token. Each visible token therefore first gets
 * the stroke with the highest attention. The other strokes then join, one by one, the symbol that they touch or follow.
 */

import { constants } from "./grammar.json";
import { argmax } from "./pin.ts";
import type { Framed } from "./preprocess.ts";

const { doubt: DOUBT, distance_cost: DISTANCE_COST, gap_cost: GAP_COST, distance_points: SAMPLES } = constants;

/** Strokes as the input of a model. */
export interface Strokes {
  readonly framed: readonly Framed[];
  /** (S, 3), from `normalizeBoxes`. */
  readonly boxes: Float32Array;
}

/**
 * Assign each of S strokes to one of T visible tokens.
 *
 * @param attention For each visible token (T >= 1) its attention over the strokes, of length S or longer.
 * @param distances (S, S), from `strokeDistances`.
 * @returns (S), the index of each stroke's token among the visible ones.
 */
export function assign(attention: readonly Float32Array[], distances: readonly Float64Array[]): number[] {
  const count = distances.length;
  const strokeTokens = anchors(attention, count);
  for (let left = strokeTokens.filter((chosenToken) => chosenToken < 0).length; left > 0; left--) {
    let best = { cost: Infinity, free: -1, chosenToken: -1 };
    for (let free = 0; free < count; free++) {
      if (strokeTokens[free]! >= 0) continue;
      for (let owned = 0; owned < count; owned++) {
        const chosenToken = strokeTokens[owned]!;
        if (chosenToken < 0) continue;
        const gap = Math.abs(free - owned) > 1 ? GAP_COST : 0;
        const cost = DISTANCE_COST * distances[free]![owned]! + gap - Math.log(attention[chosenToken]![free]! + DOUBT);
        if (cost < best.cost) best = { cost, free, chosenToken };
      }
    }
    strokeTokens[best.free] = best.chosenToken;
  }
  return strokeTokens;
}

/** Compute the smallest distances (S, S) between sampled points of two strokes, in median stroke sizes. */
export function strokeDistances({ framed, boxes }: Strokes): Float64Array[] {
  const sampled = framed.map(({ points }, stroke) => {
    const [x, y, size] = boxes.subarray(3 * stroke, 3 * stroke + 3) as unknown as [number, number, number];
    return Array.from({ length: SAMPLES }, (_, i): [number, number] => {
      const point = Math.round((i * (points.length / 2 - 1)) / (SAMPLES - 1));
      return [points[2 * point]! * size + x, points[2 * point + 1]! * size + y];
    });
  });
  return sampled.map((own) => Float64Array.from(sampled, (other) => leastDistance(own, other)));
}

function leastDistance(own: readonly [number, number][], other: readonly [number, number][]): number {
  let least = Infinity;
  for (const [x, y] of own) for (const [u, v] of other) least = Math.min(least, Math.hypot(x - u, y - v));
  return least;
}

/** Give each token the stroke with its highest attention, the most certain first, no stroke twice; -1 for the rest. */
function anchors(attention: readonly Float32Array[], count: number): number[] {
  const left = attention.map((row) => row.slice(0, count));
  const strokeTokens = new Array<number>(count).fill(-1);
  for (let i = Math.min(left.length, count); i > 0; i--) {
    const best = left.map((row) => argmax(row, count));
    const token = argmax(
      left.map((row, t) => row[best[t]!]!),
      left.length,
    );
    const stroke = best[token]!;
    strokeTokens[stroke] = token;
    left[token]!.fill(-1);
    for (const row of left) row[stroke] = -1;
  }
  return strokeTokens;
}
