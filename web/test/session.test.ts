/** The session's states, over a recogniser whose model is a formula of what is written. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Encoded } from "../src/recognizer/backend.ts";
import { readMetadata } from "../src/recognizer/metadata.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { MAX_STROKE_POINTS, Recognizer } from "../src/recognizer/recognizer.ts";
import { Session } from "../src/recognizer/session.ts";
import { join } from "../src/recognizer/vocabulary.ts";
import { FormulaModel } from "./formula-model.ts";

const model = readFileSync(new URL("../../../tegashiki/assets/default.tflite", import.meta.url));
const { vocabulary } = readMetadata(model);

/** Counts what is computed. */
class CountingModel extends FormulaModel {
  stems = 0;
  encodings = 0;

  override stem(): Promise<Float32Array> {
    this.stems++;
    return super.stem();
  }

  override encode(): Promise<Encoded> {
    this.encodings++;
    return super.encode();
  }
}

function begin(): { session: Session; backend: CountingModel } {
  const backend = new CountingModel(3 + vocabulary.length, 5, 24);
  return { session: new Session(new Recognizer(backend, vocabulary, { points: 32, epsilon: 0.02 })), backend };
}

const stroke = (x: number): Point[] => [[x, 0], [x + 3, 10], [x + 6, 2]];

test("each stroke's stem is computed once", async () => {
  const { session, backend } = begin();
  for (const x of [0, 10, 20]) {
    session.addStroke(stroke(x));
    await session.candidates(1);
  }
  session.undo();
  await session.candidates(1);
  session.redo();
  await session.candidates(5);
  assert.equal(backend.stems, 3);
  assert.equal(backend.encodings, 5);
});

test("strokes are replaced in one edit, or not at all", () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  assert.throws(() => session.replaceStrokes(new Array<Point[]>(9).fill(stroke(0))), /at most 8/);
  assert.throws(() => session.replaceStrokes([[]]), RangeError);
  assert.deepEqual(session.strokes, [stroke(0)]);
  session.replaceStrokes(new Array<Point[]>(8).fill(stroke(10)));
  assert.equal(session.strokes.length, 8);
  session.undo();
  assert.deepEqual(session.strokes, [stroke(0)]);
});

test("undo and redo go through every edit", () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  session.addStrokes([stroke(10), stroke(20)]);
  session.erase(0, 2);
  assert.deepEqual(session.strokes, [stroke(10)]);
  session.clear();
  const counts = [session.strokes.length];
  while (session.undo()) counts.push(session.strokes.length);
  assert.deepEqual(counts, [0, 1, 3, 1, 0]);
  while (session.redo()) counts.push(session.strokes.length);
  assert.deepEqual(counts.slice(5), [1, 3, 1, 0]);
  session.undo();
  session.addStroke(stroke(30));
  assert.equal(session.canRedo, false);
});

test("a stroke that grows is the stroke, and is taken back as a whole", async () => {
  const { session, backend } = begin();
  session.addStroke(stroke(0));
  session.addStroke(stroke(10).slice(0, 1));
  await session.candidates(1);
  session.extendStroke(stroke(10).slice(1, 2));
  session.extendStroke(stroke(10).slice(2));
  assert.deepEqual(session.strokes, [stroke(0), stroke(10)]);
  await session.candidates(1);
  assert.equal(backend.stems, 3);
  session.undo();
  assert.deepEqual(session.strokes, [stroke(0)]);
  session.redo();
  assert.deepEqual(session.strokes, [stroke(0), stroke(10)]);
});

test("a stroke that grows after another edit can be shortened again", async () => {
  const { session, backend } = begin();
  session.addStroke(stroke(0));
  session.accept((await session.candidates(1)).candidates[0]!);
  session.extendStroke([[9, 9]]);
  session.extendStroke([[9, 8]]);
  assert.equal(session.strokes[0]!.length, 5);
  assert.ok(session.accepted, "its stroke is there still");
  assert.equal(session.acceptedForAll, undefined, "it was read from less");
  await session.candidates(1);
  session.undo();
  assert.deepEqual(session.strokes, [stroke(0)]);
  assert.ok(session.acceptedForAll);
  const { stems } = backend;
  session.extendStroke([[7, 7]]);
  session.extendStroke([[7, 8]]); // as many points as before, but not the same
  await session.candidates(1);
  assert.equal(backend.stems, stems + 1);
  session.erase(0);
  assert.equal(session.accepted, undefined);
});

test("the pin of a stroke that grew holds, and an edit ends redoing", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const { candidates } = await session.candidates(5);
  session.extendStroke([[9, 9]]);
  session.accept(candidates[1]!); // read from the stroke as it was
  const later = await session.candidates(5);
  if (!later.pinReleased) for (const { tokens } of later.candidates) assert.ok(holds(tokens, candidates[1]!.tokens));
  session.undo();
  session.extendStroke([[8, 8]]);
  assert.equal(session.canRedo, false);
});

test("what cannot extend a stroke is refused and changes nothing", () => {
  const { session } = begin();
  assert.throws(() => session.extendStroke([[0, 0]]), /no stroke to extend/);
  session.addStroke(stroke(0));
  for (const points of [[], [[0, NaN]], new Array<Point>(MAX_STROKE_POINTS).fill([0, 0])] as Point[][]) {
    assert.throws(() => session.extendStroke(points), RangeError);
  }
  assert.deepEqual(session.strokes, [stroke(0)]);
});

test("nothing is read where nothing is written, and what is no stroke is refused", async () => {
  const { session } = begin();
  assert.deepEqual((await session.candidates(3)).candidates, []);
  assert.throws(() => session.addStroke([]), RangeError);
  assert.throws(() => session.addStroke([[0, NaN]]), /not finite/);
  assert.throws(() => session.addStrokes(new Array<Point[]>(9).fill(stroke(0))), /at most 8/);
  assert.equal(session.strokes.length, 0);
  assert.equal(session.canUndo, false);
});

test("an edit ends the reading that is under way", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const reading = session.candidates(5);
  session.addStroke(stroke(10));
  await assert.rejects(reading, { name: "AbortError" });
  const streamed = [];
  for await (const { partial } of session.stream(5)) {
    streamed.push(partial);
    session.addStroke(stroke(20));
  }
  assert.deepEqual(streamed, [true]);
  for await (const { partial } of session.stream(5)) streamed.push(partial);
  assert.deepEqual(streamed, [true, true, false]);
});

test("an accepted reading stays first, and its tokens are in later ones", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const { candidates } = await session.candidates(5);
  const chosen = candidates[2]!;
  session.accept(chosen);
  assert.equal(session.acceptedForAll, chosen);
  assert.equal((await session.candidates(5)).candidates[0], chosen);
  session.addStroke(stroke(10));
  assert.equal(session.acceptedForAll, undefined);
  const later = await session.candidates(5);
  assert.equal(session.accepted, chosen);
  if (!later.pinReleased) for (const { tokens } of later.candidates) assert.ok(holds(tokens, chosen.tokens), tokens.join(" "));
  session.undo();
  assert.equal(session.acceptedForAll, chosen);
  session.erase(0);
  assert.equal(session.accepted, undefined);
  assert.throws(() => session.accept(chosen), /no reading of what is written/);
});

function holds(tokens: readonly string[], pinned: readonly string[]): boolean {
  let held = 0;
  for (const token of tokens) if (token === pinned[held]) held++;
  return held === pinned.length;
}

test("a rejected reading does not come back for the same strokes", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const [first] = (await session.candidates(2)).candidates;
  session.reject(first!);
  const { candidates } = await session.candidates(5);
  assert.ok(candidates.length && !candidates.some(({ latex }) => latex === first!.latex));
  session.undo();
  assert.equal((await session.candidates(2)).candidates[0]!.latex, first!.latex);
});

test("alternatives differ in one token and can be accepted", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  session.addStroke(stroke(10));
  const { candidates } = await session.candidates(5);
  const reading = candidates[1]!;
  for (const index of reading.tokens.keys()) {
    const others = await session.alternatives(index, reading);
    const probabilities = others.map(({ probability }) => probability);
    assert.deepEqual(probabilities, [...probabilities].sort((a, b) => b - a));
    for (const { tokens, latex, strokesOfToken } of others) {
      assert.deepEqual(tokens.flatMap((token, i) => (token === reading.tokens[i] ? [] : [i])), [index]);
      assert.equal(latex, join(tokens));
      assert.deepEqual(strokesOfToken, reading.strokesOfToken);
      const found = candidates.find((candidate) => candidate.latex === latex);
      if (found) assert.ok(Math.abs(Math.log(found.probability / others.find((one) => one.latex === latex)!.probability)) < 1e-6);
    }
    if (!others.length) continue;
    session.accept(others[0]!);
    assert.equal(session.acceptedForAll, others[0]);
    session.undo();
  }
  const ofTheFirst = await session.alternatives(0);
  assert.deepEqual(ofTheFirst, await session.alternatives(0, candidates[0]));
});

test("alternatives of nothing are refused, and an edit ends them", async () => {
  const { session } = begin();
  await assert.rejects(session.alternatives(0), /no token 0: the reading has 0/);
  session.addStroke(stroke(0));
  const [reading] = (await session.candidates(1)).candidates;
  await assert.rejects(session.alternatives(99), new RegExp(`no token 99: the reading has ${reading!.tokens.length}`));
  await assert.rejects(session.alternatives(0, { ...reading! }), /no reading of what is written now/);
  const pending = session.alternatives(0, reading);
  session.addStroke(stroke(10));
  await assert.rejects(pending, { name: "AbortError" });
  await assert.rejects(session.alternatives(0, reading), /no reading of what is written now/);
});

test("a pen that moves does not keep from reading the ink as it was", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const pending = session.candidates(5);
  const alternatives = session.alternatives(0);
  session.extendStroke([[9, 9]]);
  const found = await pending;
  assert.ok(found.outdated && found.candidates.length === 5);
  assert.ok((await alternatives).length);
  session.accept(found.candidates[0]!); // a pin of what has grown
  assert.equal(session.acceptedForAll, undefined);
  assert.equal((await session.candidates(5)).outdated, false);
});

test("an accepted reading that a restriction excludes is passed over until it is lifted", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const chosen = (await session.candidates(5)).candidates[1]!;
  session.accept(chosen);
  session.restrict(["1", "2", "+"]);
  const { candidates, pinReleased } = await session.candidates(5);
  assert.ok(pinReleased && candidates.every(({ latex }) => /^[12+]+$/.test(latex)));
  assert.deepEqual([session.acceptedForAll, session.accepted], [undefined, chosen]);
  session.restrict(undefined);
  assert.equal((await session.candidates(5)).candidates[0], chosen);
});

test("behind a rejection there is no partial reading", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  session.reject((await session.candidates(1)).candidates[0]!);
  const streamed = [];
  for await (const { partial } of session.stream(5)) streamed.push(partial);
  assert.deepEqual(streamed, [false]);
});

test("clearing nothing is no edit", () => {
  const { session } = begin();
  session.clear();
  assert.equal(session.canUndo, false);
});

test("a restriction leaves its tokens and structure", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  session.restrict(["1", "2", "+", "{", "}", "_"]);
  const { candidates } = await session.candidates(5);
  assert.ok(candidates.length && candidates.every(({ latex }) => /^[12+{}_]+$/.test(latex)));
});

test("committing empties the session for good", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  session.commit();
  assert.deepEqual([session.strokes.length, session.canUndo, session.canRedo], [0, false, false]);
});
