/** What the writer's decisions teach the memory: accepted readings, corrections and finished expressions. */

import { type Formula, sameInk } from "../recognizer/memory/formula.ts";
import type { WriterMemory } from "../recognizer/memory/memory.ts";
import type { Point } from "../recognizer/preprocess.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import type { MemoryStore } from "./memory-store.ts";

type Strokes = readonly (readonly Point[])[];

/** What the current expression has taught last. */
interface Lesson {
  strokes: Strokes;
  reading: Candidate;
  formula: Promise<Formula | undefined>;
}

export class Lessons {
  /** Whether the memory learns. */
  on = true;
  private last: Lesson | undefined;

  /**
   * @param store The memory.
   * @param failed Called with an error if something cannot be learnt.
   */
  constructor(
    private readonly store: MemoryStore,
    private readonly failed: (error: Error) => void,
  ) {}

  /**
   * Follow an edit of the expression.
   *
   * @param strokes The strokes now.
   * @param reading The reading that is accepted for all of them.
   * @param isDecided Whether any reading is accepted.
   * @returns A promise if something is taken back. The ink should be read again only then.
   */
  follow(strokes: Strokes, reading: Candidate | undefined, isDecided: boolean): Promise<unknown> | undefined {
    const { last } = this;
    if (reading) this.learn(strokes, reading);
    else if (last && !isDecided && sameStrokes(last.strokes, strokes)) return this.takeBack(last);
    return undefined;
  }

  /** Learn a finished expression. The next one begins. */
  finish(strokes: Strokes, reading: Candidate): void {
    this.learn(strokes, reading);
    this.last = undefined;
  }

  private learn(strokes: Strokes, reading: Candidate): void {
    const { last } = this;
    if (!this.on || !reading.complete) return;
    if (last && last.reading.latex === reading.latex && sameStrokes(last.strokes, strokes)) return;
    // What was learnt from a part of the expression, or with another reading, is replaced.
    const outdated = last?.strokes.every((stroke) => strokes.includes(stroke)) ? last.formula : undefined;
    const formula = this.change(outdated, (memory) => memory.learn(strokes, reading.tokens));
    this.last = { strokes, reading, formula };
  }

  /** Forget a lesson, because its acceptance was undone. */
  private takeBack({ formula }: Lesson): Promise<unknown> {
    this.last = undefined;
    return this.change(formula, () => undefined);
  }

  private async change(
    outdated: Promise<Formula | undefined> | undefined,
    edit: (memory: WriterMemory) => Formula | undefined,
  ): Promise<Formula | undefined> {
    const gone = await outdated;
    try {
      return await this.store.change((memory) => {
        const found = gone && memory.formulas.find((formula) => sameInk(formula, gone));
        if (found) memory.forget(found);
        return edit(memory);
      });
    } catch (error) {
      this.failed(error as Error);
      return undefined;
    }
  }
}

function sameStrokes(one: Strokes, other: Strokes): boolean {
  return one.length === other.length && one.every((stroke, i) => stroke === other[i]);
}
