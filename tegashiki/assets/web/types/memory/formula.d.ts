/** One formula of a writer's memory. TypeScript version of `tegashiki/memory/formula.py`. */
import { type Point } from "../preprocess.js";
/** A request that a memory cannot fulfil, such as learning an ink without strokes. */
export declare class LearningError extends RangeError {
}
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
export declare function makeFormula(strokes: readonly (readonly Point[])[], latex: string | readonly string[], learnt: number, allowed?: Iterable<string>): Formula;
/** The number of tokens of a formula, including the end token. */
export declare function sizeOf(formula: Formula): number;
/** Whether two formulas have the same strokes. */
export declare function sameInk(one: Formula, other: Formula): boolean;
/** The points of a formula's strokes, in grid steps. */
export declare function inkOf({ strokes }: Formula): Point[][];
/** Thin strokes and round them to the grid (docs/memory.md, "Strokes on the grid"). The smallest x and y are 0. */
export declare function placeOnGrid(strokes: readonly (readonly Point[])[]): Int32Array[];
