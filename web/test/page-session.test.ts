/** Lines, rows and page sessions agree with the vectors of tegashiki/kit/page_vectors.py. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Box, place } from "../src/recognizer/lines.ts";
import { type PageReading, PageSession } from "../src/recognizer/page-session.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { type Candidate, Recognizer } from "../src/recognizer/recognizer.ts";
import { joinRows, rowsToLatex } from "../src/recognizer/rows.ts";
import { NoReadingError } from "../src/recognizer/search.ts";
import { FormulaModel } from "./formula-model.ts";
import { frame, metadata } from "./player.ts";

type Corners = [number, number, number, number];

interface Arguments {
  points?: Point[];
  strokes?: Point[][];
  lines?: Point[][][];
  stroke_indices?: number[];
  n?: number;
  line?: number;
  candidate?: number;
  tokens?: string | string[];
  on?: boolean;
  dx?: number;
  dy?: number;
}

interface Step {
  call: string;
  arguments: Arguments;
  returns?: unknown;
  error?: { kind: string; message?: string };
  state: object;
}

interface Vectors {
  places: {
    lines: Corners[][];
    box: Corners;
    current: number | null;
    place: { line: number; new: boolean; moved: number; joined: number[] };
  }[];
  rows: { rows: string[][]; tokens: string[]; latex: string }[];
  pages: { name: string; seed: number; steps: Step[] }[];
}

const root = new URL("../../../", import.meta.url); // relative to the bundle in web/build/test/
const vectors = JSON.parse(readFileSync(new URL("web/test/pages.json", root), "utf8")) as Vectors;

const boxed = ([left, top, right, bottom]: Corners): Box => ({ left, top, right, bottom });

test("strokes find their lines", () => {
  for (const [i, { lines, box, current, place: wanted }] of vectors.places.entries()) {
    const boxes = lines.map((line) => line.map(boxed));
    const { line, isNew, moved, joined } = place(boxes, boxed(box), current ?? undefined);
    assert.deepEqual({ line, new: isNew, moved, joined }, wanted, `place ${i}`);
  }
});

test("rows are joined", () => {
  for (const { rows, tokens, latex } of vectors.rows) {
    assert.deepEqual(joinRows(rows), tokens);
    assert.equal(rowsToLatex(rows), latex);
  }
});

/** Makes the calls of a script. */
class PagePlayer {
  private readonly page: PageSession;
  private readings: Candidate[] = [];

  constructor(seed: number) {
    const model = new FormulaModel(3 + metadata.vocabulary.length, seed, 24);
    const calibration = { temperature: 1, bonus: 0, symbolCost: 0 };
    this.page = new PageSession(new Recognizer(model, metadata.vocabulary, frame, calibration));
  }

  async make({ call, arguments: given, returns, error: wanted, state }: Step, name: string): Promise<void> {
    try {
      const result = await this.perform(call, given);
      assert.ok(!wanted, `${name}: no error`);
      assert.deepEqual(described(result), returns, name);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok(wanted, `${name}: ${(error as Error).message}`);
      assert.equal(error instanceof NoReadingError, wanted.kind === "search", name);
      if (wanted.message) assert.equal((error as Error).message, wanted.message, name);
    }
    assert.deepEqual(this.state(), state, `${name}, state`);
  }

  private async perform(call: string, given: Arguments): Promise<unknown> {
    const { page } = this;
    const calls: Record<string, () => unknown> = {
      add_stroke: () => page.addStroke(given.points!),
      add_strokes: () => page.addStrokes(given.strokes!),
      replace_strokes: () => page.replaceStrokes(given.strokes!),
      replace_lines: () => page.replaceLines(given.lines!),
      erase: () => page.erase(...given.stroke_indices!),
      apply_gesture: () => page.applyGesture(),
      move_strokes: () => page.moveStrokes(given.stroke_indices!, given.dx!, given.dy!),
      clear: () => page.clear(),
      begin_line: () => page.beginLine(),
      go_to: () => page.goTo(given.line!),
      join_line: () => page.joinLine(),
      undo: () => page.undo(),
      redo: () => page.redo(),
      automatic: () => {
        page.automatic = given.on!;
      },
      candidates: async () => {
        this.readings = (await page.line.candidates(given.n)).candidates;
        return this.readings;
      },
      accept: () => page.accept(this.readings[given.candidate!]!),
      reject: () => page.reject(this.readings[given.candidate!]!),
      restrict: () => page.restrict(given.tokens),
      read: () => page.read(),
      commit: () => page.commit(),
    };
    return calls[call]!();
  }

  private state(): object {
    const { lines, current, canUndo, canRedo } = this.page;
    return {
      lines: lines.map(({ strokes }) => strokes),
      accepted: lines.map(({ accepted }) => accepted?.latex ?? null),
      current: current ?? null,
      can_undo: canUndo,
      can_redo: canRedo,
    };
  }
}

function described(result: unknown): unknown {
  if (Array.isArray(result))
    return (result as (Candidate | number)[]).map((each) => (typeof each === "number" ? each : each.latex));
  if (result === null || typeof result !== "object") return result ?? null;
  const { latex, lines } = result as PageReading;
  return { latex, lines: lines.map((reading) => reading.latex) };
}

for (const { name, seed, steps } of vectors.pages) {
  test(name, async () => {
    const player = new PagePlayer(seed);
    for (const [i, step] of steps.entries()) await player.make(step, `step ${i}, ${step.call}`);
  });
}
