/** Make the calls of a session's script and compare their results. tegashiki/kit/sessions.py describes the format. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Cache, Step as Decoded, Encoded } from "../src/recognizer/backend.ts";
import { readMetadata } from "../src/recognizer/metadata.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { type Candidate, Recognizer } from "../src/recognizer/recognizer.ts";
import { NoReadingError } from "../src/recognizer/search.ts";
import { type Candidates, Session } from "../src/recognizer/session.ts";
import { FormulaModel } from "./formula-model.ts";

export interface Arguments {
  points?: Point[];
  strokes?: Point[][];
  stroke_indices?: number[];
  dx?: number;
  dy?: number;
  n?: number;
  token_index?: number;
  candidate?: number[] | null;
  tokens?: string | string[] | null;
}

interface WantedReading {
  latex: string;
  log_probability: number;
  strokes_of_token: number[][];
  complete: boolean;
  doubtful: number[];
}

interface WantedCandidates {
  readings: WantedReading[];
  pin_released: boolean;
  partial: boolean;
  outdated: boolean;
}

export interface Step {
  call: string;
  arguments: Arguments;
  meanwhile?: { at: number; steps: Step[] };
  returns?: unknown;
  error?: { kind: "ink" | "recognizer" | "search"; message?: string };
  state: {
    strokes: Point[][];
    accepted: string | null;
    accepted_for_all: string | null;
    can_undo: boolean;
    can_redo: boolean;
  };
}

export interface Script {
  name: string;
  seed: number;
  max_tokens: number;
  calibration: [number, number, number] | null;
  steps: Step[];
}

const root = new URL("../../../", import.meta.url); // relative to the bundle in web/build/test/
export const metadata = readMetadata(readFileSync(new URL("tegashiki/assets/default.tflite", root)));
export const frame = { points: metadata.points_per_stroke, epsilon: metadata.rdp_epsilon };

/** A model that runs a function before one of its decoding steps. */
class Interrupted extends FormulaModel {
  private steps = 0;
  private at = 0;
  private during: () => Promise<void> = () => Promise.resolve();

  /** Restart counting, and run a function before step number `at`. */
  interrupt(at: number, during: () => Promise<void>): void {
    [this.steps, this.at, this.during] = [0, at, during];
  }

  override async decodeStep(encoded: Encoded, cache: Cache, tokens: Int32Array, position: number): Promise<Decoded> {
    if (++this.steps === this.at) await this.during();
    return super.decodeStep(encoded, cache as Parameters<FormulaModel["decodeStep"]>[1], tokens, position);
  }
}

/** Make the calls of one script and compare their results. */
export class Player {
  protected readonly recognizer: Recognizer;
  private readonly model: Interrupted;
  protected readonly session: Session;
  private readonly results: unknown[] = [];

  constructor({ seed, max_tokens, calibration }: Script) {
    this.model = new Interrupted(3 + metadata.vocabulary.length, seed, max_tokens);
    const [temperature, bonus, symbolCost] = calibration ?? [1, 0, 0];
    this.recognizer = new Recognizer(this.model, metadata.vocabulary, frame, { temperature, bonus, symbolCost });
    this.session = new Session(this.recognizer);
  }

  async make(step: Step, name: string): Promise<void> {
    let failed: unknown; // a superseded reading may catch errors thrown during its step
    const { at = 0, steps = [] } = step.meanwhile ?? {};
    this.model.interrupt(at, async () => {
      try {
        for (const [i, each] of steps.entries()) await this.call(each, `${name}, meanwhile ${i}, ${each.call}`);
      } catch (error) {
        failed = error;
      }
    });
    this.results.push(await this.call(step, name));
    if (failed) throw failed as Error;
  }

  private async call(step: Step, name: string): Promise<unknown> {
    let result: unknown;
    try {
      result = await this.perform(step);
    } catch (error) {
      assert.ok(step.error, `${name}: ${(error as Error).message}`);
      assert.equal(error instanceof RangeError, step.error.kind !== "search", name);
      assert.equal(error instanceof NoReadingError, step.error.kind === "search", name);
      if (step.error.message) assert.equal((error as Error).message, step.error.message, name);
      this.compareState(step, name);
      return undefined;
    }
    assert.ok(!step.error, `${name}: no error`);
    compare(result, step.returns, name);
    this.compareState(step, name);
    return result;
  }

  /** Further calls by their names. */
  protected calls(_: Arguments): Record<string, () => unknown> {
    return {};
  }

  /** Further entries of the state. */
  protected state(): object {
    return {};
  }

  private perform({ call, arguments: given }: Step): unknown {
    const { session } = this;
    const candidate = given.candidate ? this.reading(given.candidate) : undefined;
    const calls: Record<string, () => unknown> = {
      ...this.calls(given),
      add_stroke: () => session.addStroke(given.points!),
      add_strokes: () => session.addStrokes(given.strokes!),
      replace_strokes: () => session.replaceStrokes(given.strokes!),
      extend_stroke: () => session.extendStroke(given.points!),
      erase: () => session.erase(...given.stroke_indices!),
      apply_gesture: () => session.applyGesture(),
      move_strokes: () => session.moveStrokes(given.stroke_indices!, given.dx!, given.dy!),
      clear: () => session.clear(),
      undo: () => session.undo(),
      redo: () => session.redo(),
      candidates: () => session.candidates(given.n),
      stream: () => all(session.stream(given.n)),
      alternatives: () => session.alternatives(given.token_index!, candidate),
      restrict: () => session.restrict(given.tokens ?? undefined),
      accept: () => session.accept(candidate!),
      reject: () => session.reject(candidate!),
      commit: () => session.commit(),
    };
    return calls[call]!();
  }

  private reading([step, ...place]: number[]): Candidate {
    let result = this.results[step!];
    for (const index of place.reverse()) {
      const list = Array.isArray(result) ? (result as unknown[]) : (result as Candidates).candidates;
      result = list[index];
    }
    return result as Candidate;
  }

  private compareState({ state }: Step, name: string): void {
    const { strokes, accepted, acceptedForAll, canUndo, canRedo } = this.session;
    const found = { strokes, accepted: accepted?.latex ?? null, accepted_for_all: acceptedForAll?.latex ?? null };
    assert.deepEqual({ ...found, can_undo: canUndo, can_redo: canRedo, ...this.state() }, state, `${name}, state`);
  }
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const found = [];
  for await (const each of stream) found.push(each);
  return found;
}

function compare(found: unknown, wanted: unknown, name: string): void {
  if (wanted === null || typeof wanted !== "object") return assert.equal(found ?? null, wanted, name);
  if (Array.isArray(wanted)) {
    assert.equal((found as Candidates[]).length, wanted.length, name);
    return wanted.forEach((each, i) => compare((found as Candidates[])[i], each, `${name}, ${i}`));
  }
  if ("latex" in (wanted as object)) return compareReading(found as Candidate, wanted as WantedReading, name);
  const { readings, pin_released, partial, outdated } = wanted as WantedCandidates;
  if (!Array.isArray(found)) {
    const flags = found as Candidates;
    assert.deepEqual([flags.pinReleased, flags.partial, flags.outdated], [pin_released, partial, outdated], name);
  }
  const candidates = Array.isArray(found) ? (found as Candidate[]) : (found as Candidates).candidates;
  assert.deepEqual(
    candidates.map(({ latex }) => latex),
    readings.map(({ latex }) => latex),
    name,
  );
  readings.forEach((each, i) => compareReading(candidates[i]!, each, `${name}, reading ${i}`));
}

function compareReading(found: Candidate, wanted: WantedReading, name: string): void {
  assert.equal(found.latex, wanted.latex, name);
  assert.deepEqual(found.strokesOfToken, wanted.strokes_of_token, name);
  assert.equal(found.complete, wanted.complete, name);
  assert.deepEqual(found.doubtful ?? [], wanted.doubtful, name);
  const off = Math.abs(Math.log(found.probability) - wanted.log_probability);
  assert.ok(off <= 1e-6 * Math.max(1, Math.abs(wanted.log_probability)), `${name}: off by ${off}`);
}
