/** The session's states, with a recogniser whose model is a formula. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MAX_POINTS, MAX_STROKE_POINTS } from "../src/recognizer/limits.ts";
import { readMetadata } from "../src/recognizer/metadata.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { Recognizer } from "../src/recognizer/recognizer.ts";
import { Session } from "../src/recognizer/session.ts";
import { join } from "../src/recognizer/vocabulary.ts";
import { FormulaModel } from "./formula-model.ts";

const model = readFileSync(new URL("../../../tegashiki/assets/default.tflite", import.meta.url));
const { vocabulary } = readMetadata(model);

/** A model that counts its calls. */
class CountingModel extends FormulaModel {
  stems = 0;
  encodings = 0;
  steps = 0;

  override stem(points: Float32Array): Promise<Float32Array> {
    this.stems++;
    return super.stem(points);
  }

  override encode(stems: readonly Float32Array[]): ReturnType<FormulaModel["encode"]> {
    this.encodings++;
    return super.encode(stems);
  }

  override decodeStep(...given: Parameters<FormulaModel["decodeStep"]>): ReturnType<FormulaModel["decodeStep"]> {
    this.steps++;
    return super.decodeStep(...given);
  }
}

function begin(): { session: Session; backend: CountingModel } {
  const backend = new CountingModel(3 + vocabulary.length, 5, 24);
  return { session: new Session(new Recognizer(backend, vocabulary, { points: 32, epsilon: 0.02 })), backend };
}

const stroke = (x: number): Point[] => [
  [x, 0],
  [x + 3, 10],
  [x + 6, 2],
];

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

test("strokes are replaced as one edit, or not at all", () => {
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

test("a stroke that grows stays one stroke, and is undone as a whole", async () => {
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
  assert.ok(session.accepted, "its stroke still exists");
  assert.equal(session.acceptedForAll, undefined, "it was read from a shorter stroke");
  await session.candidates(1);
  session.undo();
  assert.deepEqual(session.strokes, [stroke(0)]);
  assert.ok(session.acceptedForAll);
  const { stems } = backend;
  session.extendStroke([[7, 7]]);
  session.extendStroke([[7, 8]]); // the same number of points as before, but different ones
  await session.candidates(1);
  assert.equal(backend.stems, stems + 1);
  session.erase(0);
  assert.equal(session.accepted, undefined);
});

test("the pin of a stroke that grew is kept, and an edit clears the redo steps", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const { candidates } = await session.candidates(5);
  session.extendStroke([[9, 9]]);
  session.accept(candidates[1]!); // read from the shorter stroke
  const later = await session.candidates(5);
  if (!later.pinReleased) for (const { tokens } of later.candidates) assert.ok(holds(tokens, candidates[1]!.tokens));
  session.undo();
  session.extendStroke([[8, 8]]);
  assert.equal(session.canRedo, false);
});

test("points that cannot extend a stroke are rejected and change nothing", () => {
  const { session } = begin();
  assert.throws(() => session.extendStroke([[0, 0]]), /no stroke to extend/);
  session.addStroke(stroke(0));
  for (const points of [[], [[0, NaN]], new Array<Point>(MAX_STROKE_POINTS).fill([0, 0])] as Point[][]) {
    assert.throws(() => session.extendStroke(points), RangeError);
  }
  assert.deepEqual(session.strokes, [stroke(0)]);
});

test("without strokes there are no readings, and invalid strokes are rejected", async () => {
  const { session } = begin();
  assert.deepEqual((await session.candidates(3)).candidates, []);
  assert.throws(() => session.addStroke([]), RangeError);
  assert.throws(() => session.addStroke([[0, NaN]]), /not finite/);
  assert.throws(
    () => session.addStroke([["1", 2]] as unknown as Point[]),
    /the point \(1, 2\) is not \[x, y\], two numbers/,
  );
  assert.throws(() => session.addStroke("text" as unknown as Point[]), /an array of points/);
  assert.throws(
    () => session.addStrokes(new Array<Point[]>(2).fill(new Array<Point>(MAX_STROKE_POINTS + 1).fill([0, 0]))),
    /10001 points/,
  );
  assert.throws(() => session.addStrokes(new Array<Point[]>(9).fill(stroke(0))), /at most 8/);
  assert.equal(session.strokes.length, 0);
  assert.equal(session.canUndo, false);
});

test("an edit supersedes a reading in progress", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const reading = session.candidates(5);
  session.addStroke(stroke(10));
  assert.deepEqual((await reading).candidates, (await session.candidates(5)).candidates);
  const streamed = [];
  for await (const { partial } of session.stream(5)) {
    streamed.push(partial);
    session.addStroke(stroke(20));
  }
  assert.deepEqual(streamed, [true]);
  for await (const { partial } of session.stream(5)) streamed.push(partial);
  assert.deepEqual(streamed, [true, true, false]);
});

test("an accepted reading stays first, and later readings contain its tokens", async () => {
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
  if (!later.pinReleased)
    for (const { tokens } of later.candidates) assert.ok(holds(tokens, chosen.tokens), tokens.join(" "));
  session.undo();
  assert.equal(session.acceptedForAll, chosen);
  session.erase(0);
  assert.equal(session.accepted, undefined);
  assert.throws(() => session.accept(chosen), /was read from strokes that are gone/);
});

function holds(tokens: readonly string[], pinned: readonly string[]): boolean {
  let held = 0;
  for (const token of tokens) if (token === pinned[held]) held++;
  return held === pinned.length;
}

test("a rejected reading is not returned again for the same strokes", async () => {
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
    assert.deepEqual(
      probabilities,
      [...probabilities].sort((a, b) => b - a),
    );
    for (const { tokens, latex, strokesOfToken } of others) {
      assert.deepEqual(
        tokens.flatMap((token, i) => (token === reading.tokens[i] ? [] : [i])),
        [index],
      );
      assert.equal(latex, join(tokens));
      assert.deepEqual(strokesOfToken, reading.strokesOfToken);
      const found = candidates.find((candidate) => candidate.latex === latex);
      if (found)
        assert.ok(
          Math.abs(Math.log(found.probability / others.find((one) => one.latex === latex)!.probability)) < 1e-6,
        );
    }
    if (!others.length) continue;
    session.accept(others[0]!);
    assert.equal(session.acceptedForAll, others[0]);
    session.undo();
  }
  const ofTheFirst = await session.alternatives(0);
  assert.deepEqual(ofTheFirst, await session.alternatives(0, candidates[0]));
});

test("alternatives without strokes are an error, and an edit supersedes alternatives", async () => {
  const { session } = begin();
  await assert.rejects(session.alternatives(0), /no token 0: the reading has 0/);
  session.addStroke(stroke(0));
  const [reading] = (await session.candidates(1)).candidates;
  await assert.rejects(session.alternatives(99), new RegExp(`no token 99: the reading has ${reading!.tokens.length}`));
  await assert.rejects(session.alternatives(0, { ...reading! }), /no candidate of this session/);
  const pending = session.alternatives(0, reading);
  session.addStroke(stroke(10));
  await assert.rejects(pending, /no reading of what is written now/);
  await assert.rejects(session.alternatives(0, reading), /no reading of what is written now/);
});

test("a moving pen does not stop readings of the earlier ink", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const pending = session.candidates(5);
  const alternatives = session.alternatives(0);
  session.extendStroke([[9, 9]]);
  const found = await pending;
  assert.ok(found.outdated && found.candidates.length === 5);
  assert.ok((await alternatives).length);
  session.accept(found.candidates[0]!); // pins a reading of a stroke that has grown since
  assert.equal(session.acceptedForAll, undefined);
  assert.equal((await session.candidates(5)).outdated, false);
});

test("an accepted reading outside of the restriction is ignored until the restriction is lifted", async () => {
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

test("after a rejection there is no partial reading", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  session.reject((await session.candidates(1)).candidates[0]!);
  const streamed = [];
  for await (const { partial } of session.stream(5)) streamed.push(partial);
  assert.deepEqual(streamed, [false]);
});

test("clearing an empty session is not an edit", () => {
  const { session } = begin();
  session.clear();
  assert.equal(session.canUndo, false);
});

test("a restriction allows its tokens and structure", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  session.restrict(["1", "2", "+", "{", "}", "_"]);
  const { candidates } = await session.candidates(5);
  assert.ok(candidates.length && candidates.every(({ latex }) => /^[12+{}_]+$/.test(latex)));
});

test("commit empties the session immediately, cannot be undone, and returns the reading", async () => {
  const { session } = begin();
  session.addStroke(stroke(0));
  const committed = session.commit();
  assert.deepEqual([session.strokes.length, session.canUndo, session.canRedo], [0, false, false]);
  session.extendStroke(stroke(10)); // the pen was still down
  session.addStroke(stroke(20));
  const { session: other } = begin();
  other.addStroke(stroke(0));
  assert.deepEqual(await committed, (await other.candidates(1)).candidates[0]);
  assert.deepEqual(session.strokes, [stroke(10), stroke(20)]);
  await assert.rejects(begin().session.commit(), /nothing is written/);
});

test("finished readings are reused", async () => {
  const { session, backend } = begin();
  session.addStroke(stroke(0));
  const { candidates } = await session.candidates(5);
  const steps = backend.steps;
  assert.deepEqual((await session.candidates(2)).candidates, candidates.slice(0, 2));
  assert.equal(await session.commit(), candidates[0]);
  assert.equal(backend.steps, steps);
});

test("too many points for one ink are rejected", () => {
  const session = new Session({ maxStrokes: 128, read: () => Promise.reject(new Error("nobody reads")) });
  const long = new Array<Point>(MAX_STROKE_POINTS).fill([0, 0]);
  session.addStrokes(new Array<Point[]>(MAX_POINTS / MAX_STROKE_POINTS).fill(long));
  for (const edit of [() => session.addStroke([[0, 0]]), () => session.addStrokes([[[0, 0]]])]) {
    assert.throws(edit, /200001 points, the limit is 200000: thin the strokes, or commit and go on/);
  }
  session.erase(0);
  session.addStroke(long.slice(1));
  session.extendStroke([[0, 0]]);
  session.erase(0);
  session.addStroke(long);
  assert.throws(() => session.extendStroke([[0, 0]]), /10001 points/);
});

test("a session keeps its own copy of the points", () => {
  const { session } = begin();
  const points: [number, number][] = [
    [0, 0],
    [3, 10],
  ];
  session.addStroke(points);
  points[1]![0] = 99;
  points.push([5, 5]);
  assert.deepEqual(session.strokes, [
    [
      [0, 0],
      [3, 10],
    ],
  ]);
});

test("a session works with a reader that does not state its limits", async () => {
  const recognizer = new Recognizer(new CountingModel(3 + vocabulary.length, 5, 24), vocabulary, {
    points: 32,
    epsilon: 0.02,
  });
  const session = new Session({ maxStrokes: 8, read: (request, signal) => recognizer.read(request, signal) });
  session.addStroke(stroke(0));
  await assert.rejects(session.candidates(0), /0 candidates asked for: this model gives 1 or more/);
  await assert.rejects(session.candidates(6), /6 candidates asked for: this model gives 1 to 5/);
  session.restrict(["1", "no token"]);
  assert.equal((await session.candidates(1)).candidates[0]!.latex.replace(/1/g, ""), "");
});
