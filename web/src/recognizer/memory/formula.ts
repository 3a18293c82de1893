/** One formula of a writer's memory. TypeScript version of `tegashiki/memory/formula.py`. */

import { memory as constants } from "../grammar.json";
import { canonical } from "../latex.ts";
import { checkPoints, checkStroke } from "../limits.ts";
import { type Point, simplify, unitSize, unitStroke } from "../preprocess.ts";
import { join } from "../vocabulary.ts";

/** A request that a memory cannot fulfil, such as learning an ink without strokes. */
export class LearningError extends RangeError {}

/** The keys that one model computes for a formula. Plain data. */
export interface Keys {
  /** The fingerprint of the model. */
  readonly model: string;
  /** D, components of a key. */
  readonly width: number;
  /** (N, D), one key for each token and one for the end token; empty if the model cannot read or write the formula. */
  readonly vectors: Int8Array;
  /** Number of these tokens that are not the model's likeliest token without the memory. */
  readonly missed: number;
}

/** A formula that a writer wrote and accepted. Plain data that can be posted to a worker or stored. */
export interface Formula {
  /** The strokes on the grid: x, y of each point. */
  readonly strokes: readonly Int32Array[];
  /** Canonical tokens. */
  readonly tokens: readonly string[];
  /** Time of learning in seconds since 1970. */
  readonly learnt: number;
  /** The tokens that could be written when the formula was accepted, sorted; undefined for all. */
  readonly allowed?: readonly string[] | undefined;
  /** The keys of the model that read it last. */
  keys?: Keys | undefined;
}

/**
 * Make a formula from an ink.
 *
 * @param strokes The strokes, in any unit.
 * @param latex The LaTeX of the ink, or its canonical tokens.
 * @param learnt Time of learning in seconds since 1970.
 * @param allowed The tokens that could be written, undefined for all.
 * @throws LearningError There are no strokes, or the LaTeX is empty.
 * @throws LatexError The LaTeX cannot be read.
 * @throws RangeError A stroke is not valid.
 */
export function makeFormula(
  strokes: readonly (readonly Point[])[],
  latex: string | readonly string[],
  learnt: number,
  allowed?: Iterable<string>,
): Formula {
  strokes.forEach((stroke) => checkStroke(stroke));
  checkPoints(strokes);
  const tokens = typeof latex === "string" ? canonical(latex) : [...latex];
  if (!tokens.length) throw new LearningError("the LaTeX is empty: give the LaTeX of the ink");
  if (!strokes.length) throw new LearningError(`there is no ink to learn '${join(tokens)}' from: give strokes`);
  const kept = allowed && { allowed: [...new Set(allowed)].sort() };
  return { strokes: placeOnGrid(strokes), tokens, learnt, ...kept };
}

/** The number of tokens of a formula, including the end token. */
export function sizeOf(formula: Formula): number {
  return formula.tokens.length + 1;
}

/** Whether two formulas have the same strokes. */
export function sameInk(one: Formula, other: Formula): boolean {
  const same = (a: Int32Array, b: Int32Array) => a.length === b.length && a.every((value, i) => value === b[i]);
  return (
    one.strokes.length === other.strokes.length && one.strokes.every((stroke, i) => same(stroke, other.strokes[i]!))
  );
}

/** The points of a formula's strokes, in grid steps. */
export function inkOf({ strokes }: Formula): Point[][] {
  return strokes.map((stroke) =>
    Array.from({ length: stroke.length / 2 }, (_, i): Point => [stroke[2 * i]!, stroke[2 * i + 1]!]),
  );
}

/** Thin strokes and round them to the grid (docs/memory.md, "Strokes on the grid"). The smallest x and y are 0. */
export function placeOnGrid(strokes: readonly (readonly Point[])[]): Int32Array[] {
  const thinned = strokes.map((stroke) => {
    const { unit, box } = unitStroke(stroke);
    const [x, y, size] = [box[0], box[1], box[2] || 1];
    return {
      box,
      points: simplify(unit, constants.epsilon).map((point): Point => [point[0] * size + x, point[1] * size + y]),
    };
  });
  const step = unitSize(thinned.map(({ box }) => box)) / constants.grid;
  const least = ([0, 1] as const).map((axis) =>
    thinned.reduce((found, { points }) => points.reduce((low, point) => Math.min(low, point[axis]), found), Infinity),
  );
  const place = (value: number, axis: 0 | 1): number =>
    Math.min(Math.max(Math.floor((value - least[axis]!) / step + 0.5), 0), constants.max_step);
  return thinned.map(({ points }) => {
    const placed = points.map(([x, y]): Point => [place(x, 0), place(y, 1)]);
    const moved = placed.filter((point, i) => {
      const before = placed[i - 1];
      return !before || before[0] !== point[0] || before[1] !== point[1];
    });
    return Int32Array.from(moved.flat());
  });
}
