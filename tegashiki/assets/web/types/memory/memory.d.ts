/**
 * The memory of a writer: a limited number of inks with their LaTeX, oldest first. TypeScript version of
 * `tegashiki/memory/memory.py`.
 *
 *     const memory = new WriterMemory(readFormulas(text, "me.json")); // or new WriterMemory()
 *     const recognizer = await loadRecognizer(model, wasm, { memory });
 *     memory.learn(strokes, "\\frac{a}{b}");
 *     store(writeFormulas(memory.formulas));
 *
 * docs/memory.md describes the file format and how a memory changes the readings.
 */
import type { Point } from "../preprocess.js";
import { type Formula } from "./formula.js";
export declare class WriterMemory {
    private readonly mostTokens;
    /** Number of changes of the formulas. */
    changes: number;
    private kept;
    /**
     * @param formulas What it has learnt so far, oldest first.
     * @param mostTokens Largest number of tokens, including end tokens.
     */
    constructor(formulas?: readonly Formula[], mostTokens?: number);
    /** The formulas, oldest first. */
    get formulas(): readonly Formula[];
    /**
     * Remember an ink with its LaTeX. A formula with the same strokes is replaced.
     *
     * @param strokes The strokes, in any unit.
     * @param latex The LaTeX of the ink, or its canonical tokens.
     * @param options `allowed`: the tokens that could be written when the formula was accepted, by default all; the formula
     *   then counts only as a choice among them. `learnt`: the time in seconds since 1970, by default now.
     * @throws LearningError There are no strokes, the LaTeX is empty, or it has more tokens than the memory can hold.
     * @throws LatexError The LaTeX cannot be read.
     */
    learn(strokes: readonly (readonly Point[])[], latex: string | readonly string[], options?: {
        allowed?: Iterable<string> | undefined;
        learnt?: number;
    }): Formula;
    /**
     * Remove formulas.
     *
     * @param which Index of a formula, LaTeX of one or several formulas, or the formula itself.
     * @returns The number of removed formulas.
     * @throws LearningError There is no such formula.
     * @throws LatexError The LaTeX cannot be read.
     */
    forget(which: number | string | Formula): number;
    /** Remove all formulas. */
    clear(): void;
    /**
     * Add the formulas of another memory, ordered by age. For the same strokes, the label learnt last is kept.
     *
     * @returns The increase in the number of formulas, which may be smaller than the number in the other memory.
     */
    merge(other: readonly Formula[]): number;
    /** Return the formulas that `forget` would remove; it also tells what `which` can be and what is thrown. */
    find(which: number | string | Formula): Formula[];
    private replace;
}
/**
 * Drop formulas until the others have at most `mostTokens` tokens in total.
 *
 * The oldest redundant formula of the older half is dropped first. A formula is redundant if the model reads it correctly
 * without a memory. If there is none, the oldest formula is dropped.
 */
export declare function makeRoom(formulas: readonly Formula[], mostTokens: number): readonly Formula[];
