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

import { memory as constants } from "../grammar.json";
import { canonical } from "../latex.ts";
import type { Point } from "../preprocess.ts";
import { join } from "../vocabulary.ts";
import { type Formula, LearningError, makeFormula, sameInk, sizeOf } from "./formula.ts";

export class WriterMemory {
  /** Number of changes of the formulas. */
  changes = 0;
  private kept: readonly Formula[];

  /**
   * @param formulas What it has learnt so far, oldest first.
   * @param mostTokens Largest number of tokens, including end tokens.
   */
  constructor(
    formulas: readonly Formula[] = [],
    private readonly mostTokens = constants.most_tokens,
  ) {
    this.kept = makeRoom(formulas, mostTokens);
  }

  /** The formulas, oldest first. */
  get formulas(): readonly Formula[] {
    return this.kept;
  }

  /** The nats to subtract from the log probability of a reading with this memory; 0 if it is empty. */
  get doubt(): number {
    const tokens = this.kept.reduce((total, formula) => total + sizeOf(formula), 0);
    return (constants.most_doubt * tokens) / (tokens + constants.half_doubt);
  }

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
  learn(
    strokes: readonly (readonly Point[])[],
    latex: string | readonly string[],
    options: { allowed?: Iterable<string> | undefined; learnt?: number } = {},
  ): Formula {
    const formula = makeFormula(strokes, latex, options.learnt ?? Math.floor(Date.now() / 1000), options.allowed);
    if (sizeOf(formula) > this.mostTokens) {
      const size = sizeOf(formula);
      throw new LearningError(
        `${size} tokens are more than the ${this.mostTokens} that this memory holds: learn it in parts`,
      );
    }
    this.replace([...this.kept.filter((other) => !sameInk(formula, other)), formula]);
    return formula;
  }

  /**
   * Remove formulas.
   *
   * @param which Index of a formula, LaTeX of one or several formulas, or the formula itself.
   * @returns The number of removed formulas.
   * @throws LearningError There is no such formula.
   * @throws LatexError The LaTeX cannot be read.
   */
  forget(which: number | string | Formula): number {
    const gone = this.find(which);
    this.replace(this.kept.filter((formula) => !gone.includes(formula)));
    return gone.length;
  }

  /** Remove all formulas. */
  clear(): void {
    this.replace([]);
  }

  /**
   * Add the formulas of another memory, ordered by age. For the same strokes, the label learnt last is kept.
   *
   * @returns The increase in the number of formulas, which may be smaller than the number in the other memory.
   */
  merge(other: readonly Formula[]): number {
    const before = this.kept.length;
    const merged = new Map<string, Formula>();
    for (const formula of [...this.kept, ...other].sort((a, b) => a.learnt - b.learnt)) {
      const ink = formula.strokes.join("\n");
      merged.delete(ink); // so that it moves to the end
      merged.set(ink, formula);
    }
    this.replace([...merged.values()]);
    return this.kept.length - before;
  }

  /** Return the formulas that `forget` would remove; it also tells what `which` can be and what is thrown. */
  find(which: number | string | Formula): Formula[] {
    const { kept } = this;
    let found: Formula[];
    if (typeof which === "number") found = kept.filter((_, i) => i === which);
    else if (typeof which === "string") {
      const wanted = canonical(which).join(" ");
      found = kept.filter(({ tokens }) => tokens.join(" ") === wanted);
    } else found = kept.filter((formula) => formula === which);
    if (!found.length) {
      const named = typeof which === "number" ? which : `'${typeof which === "object" ? join(which.tokens) : which}'`;
      throw new LearningError(`no formula ${named}: the memory has ${kept.length}, numbered from 0`);
    }
    return found;
  }

  private replace(formulas: readonly Formula[]): void {
    this.kept = makeRoom(formulas, this.mostTokens);
    this.changes++;
  }
}

/**
 * Drop formulas until the others have at most `mostTokens` tokens in total.
 *
 * The oldest redundant formula of the older half is dropped first. A formula is redundant if the model reads it correctly
 * without a memory. If there is none, the oldest formula is dropped.
 */
export function makeRoom(formulas: readonly Formula[], mostTokens: number): readonly Formula[] {
  const kept = [...formulas];
  let total = kept.reduce((sum, formula) => sum + sizeOf(formula), 0);
  while (total > mostTokens) {
    const older = kept.slice(0, Math.ceil(kept.length / 2));
    const redundant = older.findIndex(({ keys }) => keys && !keys.missed);
    const [gone] = kept.splice(Math.max(redundant, 0), 1);
    total -= sizeOf(gone!);
  }
  return kept;
}
