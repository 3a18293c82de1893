/** The memory of a writer agrees with the vectors of tegashiki/kit/memory_vectors.py, which describes their format. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LatexError } from "../src/recognizer/latex.ts";
import { MemoryFileError, readFormulas, writeFormulas } from "../src/recognizer/memory/file.ts";
import { type Formula, LearningError, placeOnGrid } from "../src/recognizer/memory/formula.ts";
import { WriterMemory } from "../src/recognizer/memory/memory.ts";
import { KeySet, unitLength } from "../src/recognizer/memory/neighbours.ts";
import { Outlines } from "../src/recognizer/memory/outlines.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { Recognizer } from "../src/recognizer/recognizer.ts";
import { logSoftmax } from "../src/recognizer/search.ts";
import { join, Vocabulary } from "../src/recognizer/vocabulary.ts";
import { FormulaModel, formula } from "./formula-model.ts";
import { type Arguments, frame, metadata, Player, type Script } from "./player.ts";

interface Described {
  latex: string;
  tokens: string[];
  learnt: number;
  strokes: Point[][];
  allowed: string[] | null;
  keys: { model: string; missed: number; vectors: number[][] } | null;
}

interface Edit {
  call: "learn" | "forget" | "clear" | "merge";
  arguments: MemoryArguments;
  returns?: unknown;
  error?: { kind: string; message?: string };
  formulas: string[];
}

interface MemoryArguments {
  strokes?: Point[][];
  latex?: string;
  learnt?: number;
  allowed?: string[] | null;
  which?: number | string;
  content?: string;
}

interface Golden {
  grids: { ink: number; strokes: Point[][] }[];
  files: { content?: string; base64?: string; formulas?: Described[]; written?: string; error?: string }[];
  edits: { name: string; most_tokens: number; steps: Edit[]; written: string }[];
  keys: { seed: number; max_tokens: number; content: string; written: string }[];
  mixtures: {
    width: number;
    formulas: { vectors: string; ids: number[]; allowed: number[] | null }[];
    logits: number[][];
    hidden: number[][];
    neighbours: [number, number][][];
    log_probabilities: number[][];
  }[];
  sessions: (Script & { learning: boolean })[];
}

const root = new URL("../../../", import.meta.url); // relative to the bundle in web/build/test/
const load = (name: string) => JSON.parse(readFileSync(new URL(`web/test/${name}.json`, root), "utf8")) as unknown;
const golden = load("memory") as Golden;
const { preprocessing } = load("golden") as { preprocessing: { name: string; strokes: Point[][] }[] };
const NAME = "me.json";

function pairs(stroke: Int32Array): Point[] {
  return Array.from({ length: stroke.length / 2 }, (_, i) => [stroke[2 * i]!, stroke[2 * i + 1]!]);
}

for (const { ink, strokes } of golden.grids) {
  test(`${preprocessing[ink]!.name} on the grid`, () => {
    assert.deepEqual(placeOnGrid(preprocessing[ink]!.strokes).map(pairs), strokes);
  });
}

function described({ tokens, learnt, strokes, allowed, keys }: Formula): Described {
  const rows = (vectors: Int8Array, width: number) =>
    Array.from({ length: vectors.length / width }, (_, i) => [...vectors.subarray(i * width, (i + 1) * width)]);
  return {
    latex: join(tokens),
    tokens: [...tokens],
    learnt,
    strokes: strokes.map(pairs),
    allowed: allowed ? [...allowed] : null,
    keys: keys ? { model: keys.model, missed: keys.missed, vectors: rows(keys.vectors, keys.width) } : null,
  };
}

golden.files.forEach(({ content, base64, formulas, written, error }, index) => {
  test(`file ${index}, ${error ?? "read and written"}`, () => {
    const file = content ?? new Uint8Array(Buffer.from(base64!, "base64"));
    if (error !== undefined) {
      return assert.throws(
        () => readFormulas(file, NAME),
        (thrown: Error) => thrown instanceof MemoryFileError && sameMistake(thrown.message, error),
      );
    }
    const found = readFormulas(file, NAME);
    assert.deepEqual(found.map(described), formulas);
    return assert.equal(writeFormulas(found), written);
  });
});

/** Whether a message begins like Python's. Details that only Python words like this may differ. */
function sameMistake(found: string, wanted: string): boolean {
  return found.startsWith(wanted) && !found.includes("\n");
}

for (const { name, most_tokens, steps, written } of golden.edits) {
  test(`edits: ${name}`, () => {
    const memory = new WriterMemory([], most_tokens);
    for (const [i, step] of steps.entries()) {
      compareEdit(memory, step, `step ${i}, ${step.call}`);
      assert.deepEqual(
        memory.formulas.map(({ tokens }) => join(tokens)),
        step.formulas,
        `step ${i}`,
      );
    }
    assert.equal(writeFormulas(memory.formulas), written);
  });
}

function compareEdit(memory: WriterMemory, { call, arguments: given, returns, error }: Edit, name: string): void {
  const calls = {
    learn: () => learn(memory, given),
    forget: () => memory.forget(given.which!),
    clear: () => memory.clear(),
    merge: () => memory.merge(readFormulas(given.content!, NAME)),
  };
  if (!error) return assert.deepEqual(calls[call]() ?? null, returns, name);
  return assert.throws(
    calls[call],
    (thrown: Error) => {
      assert.ok(thrown instanceof RangeError, name);
      if (error.kind === "latex") assert.ok(thrown instanceof LatexError, name);
      if (error.kind === "learning") assert.ok(thrown instanceof LearningError, name);
      if (error.message) assert.equal(thrown.message, error.message, name);
      return true;
    },
    name,
  );
}

/** Learn like the vectors, where `learn` returns nothing. */
function learn(memory: WriterMemory, { strokes, latex, learnt, allowed }: MemoryArguments): void {
  memory.learn(strokes!, latex!, { learnt: learnt!, allowed: allowed ?? undefined });
}

for (const { seed, max_tokens, content, written } of golden.keys) {
  test(`keys of model ${seed}`, async () => {
    const recognizer = new Recognizer(
      new FormulaModel(3 + metadata.vocabulary.length, seed, max_tokens),
      metadata.vocabulary,
      frame,
    );
    const memory = new WriterMemory(readFormulas(content, NAME));
    recognizer.remember(memory);
    await recognizer.refresh();
    assert.equal(writeFormulas(memory.formulas), written);
  });
}

golden.mixtures.forEach(({ width, formulas, logits, hidden, log_probabilities }, index) => {
  test(`mixture ${index}`, () => {
    const size = logits[0]!.length;
    const learnt = formulas.map(({ vectors, ids, allowed }) => ({
      vectors: new Int8Array(Buffer.from(vectors, "base64")),
      ids,
      allowed: allowed ? Uint8Array.from({ length: size }, (_, id) => (allowed.includes(id) ? 1 : 0)) : undefined,
    }));
    const keys = new KeySet(learnt, width);
    hidden.forEach((row, i) => {
      const mixed = logSoftmax(keys.mix(Float32Array.from(logits[i]!), Float32Array.from(row)));
      mixed.forEach((value, id) => {
        const wanted = log_probabilities[i]![id]!;
        assert.ok(Math.abs(value - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted)), `row ${i}, id ${id}: ${value}`);
      });
    });
  });
});

for (const width of [8, 40]) {
  test(`outlines rule out no near key of ${width} components`, () => {
    const unit = (seed: number) => unitLength(Float64Array.from({ length: width }, (_, i) => formula(seed, i) - 0.3));
    const units = Array.from({ length: 500 }, (_, key) => unit(key));
    const outlines = new Outlines(Float32Array.from(units.flatMap((each) => [...each])), width);
    let [far, near] = [0, 0];
    for (let row = 0; row < 20; row++) {
      const own = unit(1000 + row);
      const found = new Set(outlines.near(own, 0.77));
      units.forEach((other, key) => {
        const cosine = other.reduce((sum, value, i) => sum + value * own[i]!, 0);
        if (cosine >= 0.77) assert.ok(found.has(key), `row ${row}, key ${key}`);
        near += cosine >= 0.77 ? 1 : 0;
        far += found.has(key) ? 0 : 1;
      });
    }
    assert.ok(near > 0 && far > 1000, `${near} near, ${far} ruled out`);
  });
}

/** Make the calls of a session and of its memory. */
class MemoryPlayer extends Player {
  constructor(script: Script & { learning: boolean }) {
    super(script);
    this.recognizer.remember(new WriterMemory());
    this.recognizer.learning = script.learning;
  }

  protected override calls(given: Arguments & MemoryArguments): Record<string, () => unknown> {
    const memory = this.recognizer.memory!;
    return { learn: () => learn(memory, given), forget: () => memory.forget(given.which!) };
  }

  protected override state(): object {
    const learnt = this.recognizer.memory!.formulas.map(({ tokens, keys, allowed }) => [
      join(tokens),
      keys?.missed ?? null,
      allowed !== undefined,
    ]);
    return { learnt };
  }
}

for (const script of golden.sessions) {
  test(`session with a memory: ${script.name}`, async () => {
    const player = new MemoryPlayer(script);
    for (const [i, step] of script.steps.entries()) await player.make(step, `step ${i}, ${step.call}`);
  });
}

test("a model without hidden vectors cannot learn", async () => {
  const model = Object.assign(new FormulaModel(3 + metadata.vocabulary.length, 0, 24), { hidden: undefined });
  const recognizer = new Recognizer(model, metadata.vocabulary, frame);
  assert.throws(() => recognizer.remember(new WriterMemory()), /^RangeError: this model cannot learn: .*format 2/);
  assert.ok((await recognizer.recognize([[[0, 0]]])).length);
});

test("the vocabulary knows what can be written", () => {
  const vocabulary = new Vocabulary(["x"]);
  assert.deepEqual(
    ["x", "y", "<eos>"].map((token) => vocabulary.has(token)),
    [true, false, false],
  );
});
