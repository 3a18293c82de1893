/** The module's preprocessing, grammar and search agree with vectors that the Python package wrote. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assign, strokeDistances } from "../src/recognizer/assignment.ts";
import { Constraint, type Rules } from "../src/recognizer/constraint.ts";
import { doubtfulTokens } from "../src/recognizer/doubt.ts";
import { toLatex } from "../src/recognizer/environments.ts";
import { struck } from "../src/recognizer/gestures.ts";
import grammarTable from "../src/recognizer/grammar.json";
import { Grammar, type Table } from "../src/recognizer/grammar.ts";
import { canonical, LatexError } from "../src/recognizer/latex.ts";
import { FORMAT, readMetadata, readOutputs } from "../src/recognizer/metadata.ts";
import { Pin } from "../src/recognizer/pin.ts";
import { frameStroke, normalizeBoxes, type Point } from "../src/recognizer/preprocess.ts";
import { type Candidate, Recognizer } from "../src/recognizer/recognizer.ts";
import { differentSymbols, NoReadingError, search, weigh } from "../src/recognizer/search.ts";
import { Session } from "../src/recognizer/session.ts";
import { Vocabulary } from "../src/recognizer/vocabulary.ts";
import { FormulaModel, formula } from "./formula-model.ts";

interface Golden {
  preprocessing: { name: string; strokes: Point[][]; points: number[][]; boxes: number[][] }[];
  tables: { tokens: string[]; latex: string }[];
  walks: { ids: number[]; allowed: number[]; closing: number[]; visible: number[]; latex: string }[];
  searches: {
    seed: number;
    beams: number;
    max_tokens: number;
    restrict: string[] | null;
    pin: { tokens: string[]; stroke_tokens: number[] } | null;
    refused: number[][];
    calibration: [number, number] | null;
    results: { ids: number[]; log_probability: number; token_log_probabilities: number[] }[];
  }[];
  weighed: {
    calibration: [number, number, number];
    readings: { ids: number[]; log_probability: number }[];
    log_probabilities: number[];
  }[];
  doubts: { visible: number[]; log_probabilities: number[]; doubtful: number[] }[];
  alternatives: {
    seed: number;
    calibration: [number, number, number] | null;
    tokens: string[];
    complete: boolean;
    restrict: [string[], string[]];
    rejected: string[];
    others: [[string, number][][], [string, number][][]];
  }[];
  typed: { latex: string; tokens: string[] | null }[];
  gestures: { ink: number; stroke: Point[]; struck: number[] }[];
  assignments: { ink: number; seed: number; tokens: number; stroke_tokens: number[] }[];
}

interface Frames {
  epsilon: number;
  points_per_stroke: number;
  strokes: { name: string; stroke: Point[]; points: number[][]; box: number[] }[];
  ink_boxes: number[][];
}

const root = new URL("../../../", import.meta.url); // relative to the bundle in web/build/test/
const model = readFileSync(new URL("tegashiki/assets/default.tflite", root));
const golden = JSON.parse(readFileSync(new URL("web/test/golden.json", root), "utf8")) as Golden;
const frames = JSON.parse(readFileSync(new URL("tegashiki/kit/mobile/frames.json", root), "utf8")) as Frames;
const metadata = readMetadata(model);
const settings = { points: metadata.points_per_stroke, epsilon: metadata.rdp_epsilon };
const vocabulary = new Vocabulary(metadata.vocabulary);
const grammar = new Grammar(grammarTable as unknown as Table, vocabulary);

function close(found: ArrayLike<number>, wanted: readonly number[], tolerance: number, name: string): void {
  assert.equal(found.length, wanted.length, name);
  const worst = Math.max(...wanted.map((value, i) => Math.abs(found[i]! - value) / Math.max(1, Math.abs(value))));
  assert.ok(worst <= tolerance, `${name}: off by ${worst}`);
}

test("the metadata of the model file is read", () => {
  assert.equal(metadata.format, FORMAT);
  assert.deepEqual(settings, { points: frames.points_per_stroke, epsilon: frames.epsilon });
  assert.deepEqual(Object.keys(readOutputs(model).stem!), ["stem"]);
  assert.throws(() => readMetadata(model.subarray(0, 1000)), /damaged/);
  assert.throws(() => readMetadata(new TextEncoder().encode("no model at all")), /no .tflite/);
});

for (const { name, stroke, points, box } of frames.strokes) {
  test(`frame ${name}`, () => {
    const framed = frameStroke(stroke, settings);
    close(framed.points, points.flat(), 1e-6, "points");
    close(framed.box, box, 1e-12, "box");
  });
}

test("boxes of all frames together", () => {
  const boxes = frames.strokes.map(({ stroke }) => frameStroke(stroke, settings).box);
  close(normalizeBoxes(boxes), frames.ink_boxes.flat(), 1e-6, "boxes");
  assert.equal(normalizeBoxes([]).length, 0);
});

for (const { name, strokes, points, boxes } of golden.preprocessing) {
  test(`preprocess ${name}`, () => {
    const framed = strokes.map((stroke) => frameStroke(stroke, settings));
    framed.forEach((own, i) => close(own.points, points[i]!, 2e-6, `stroke ${i}`));
    close(normalizeBoxes(framed.map(({ box }) => box)), boxes.flat(), 1e-5, "boxes");
  });
}

/** The checksum of a sequence, the same as in tegashiki/kit/vectors.py. */
function checksum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => (31 * total + number) % 1_000_003, 7);
}

golden.walks.forEach(({ ids, allowed, closing, visible, latex }, walk) => {
  test(`walk ${walk} through the grammar`, () => {
    let state = grammar.start;
    ids.forEach((id, i) => {
      const admitted = [...grammar.allowed(state).entries()].filter(([, may]) => may).map(([other]) => other);
      assert.equal(checksum(admitted), allowed[i], `token ${i}`);
      assert.equal(state.closing, closing[i], `token ${i}`);
      const after = grammar.closingAfter(state, id);
      state = grammar.advance(state, id);
      assert.equal(state.closing, after);
    });
    assert.equal(grammar.allowed(state)[2], 1);
    assert.deepEqual(grammar.visible(ids), visible);
    assert.equal(toLatex(vocabulary.decode(ids)), latex);
    assert.deepEqual(canonical(latex), vocabulary.decode(ids));
  });
});

for (const { latex, tokens } of golden.typed) {
  test(`LaTeX ${latex}`, () => {
    if (tokens) assert.deepEqual(canonical(latex), tokens);
    else assert.throws(() => canonical(latex), LatexError);
  });
}

golden.tables.forEach(({ tokens, latex }) => {
  test(`the environments of ${latex}`, () => {
    assert.equal(toLatex(tokens), latex);
    assert.deepEqual(canonical(latex), tokens);
  });
});

golden.searches.forEach((wanted, index) => {
  test(`search ${index}: beam ${wanted.beams}`, async () => {
    const backend = new FormulaModel(vocabulary.size, wanted.seed, wanted.max_tokens);
    const rules: Rules = { refused: wanted.refused };
    if (wanted.restrict) rules.restrict = vocabulary.only(wanted.restrict);
    if (wanted.pin)
      rules.pin = new Pin(vocabulary.encode(wanted.pin.tokens), wanted.pin.stroke_tokens, grammar.visibleAlone());
    const constraint = new Constraint(wanted.max_tokens, grammar, rules);
    const [temperature, bonus] = wanted.calibration ?? [1, 0];
    const options = { beams: wanted.beams, results: wanted.beams, calibration: { temperature, bonus } };
    const searched = search(backend, await backend.encode([]), constraint, options);
    if (!wanted.results.length) return assert.rejects(searched, NoReadingError);
    const found = await searched;
    assert.deepEqual(
      found.map(({ ids }) => ids),
      wanted.results.map(({ ids }) => ids),
    );
    const scores = wanted.results.map((one) => one.log_probability);
    found.forEach((one, i) =>
      close(one.tokenLogProbabilities, wanted.results[i]!.token_log_probabilities, 1e-6, "log probabilities of tokens"),
    );
    return close(
      found.map((one) => one.logProbability),
      scores,
      1e-6,
      "log probabilities",
    );
  });
});

golden.doubts.forEach(({ visible, log_probabilities, doubtful }, index) => {
  test(`tokens in doubt ${index}`, () => assert.deepEqual(doubtfulTokens(visible, log_probabilities), doubtful));
});

golden.weighed.forEach(({ calibration, readings, log_probabilities }, index) => {
  test(`readings weighed against each other ${index}`, () => {
    const [temperature, bonus, symbolCost] = calibration;
    const symbols = readings.map(({ ids }) => differentSymbols(ids, grammar.visibleAlone()));
    const weighed = weigh(
      readings.map((one) => one.log_probability),
      symbols,
      { temperature, bonus, symbolCost },
    );
    close(weighed, log_probabilities, 1e-6, "log probabilities");
  });
});

for (const { seed, calibration, tokens, complete, restrict, rejected, others } of golden.alternatives) {
  test(`alternatives for the tokens of ${toLatex(tokens)}, ${calibration ? "" : "not "}calibrated`, async () => {
    const backend = new FormulaModel(vocabulary.size, seed, 24);
    const [temperature, bonus, symbolCost] = calibration ?? [1, 0, 0];
    const recognizer = new Recognizer(backend, metadata.vocabulary, settings, { temperature, bonus, symbolCost });
    const session = new Session(recognizer);
    session.addStroke([
      [0, 0],
      [3, 10],
      [6, 2],
    ]);
    session.restrict(restrict[0]);
    const { candidates } = await session.candidates(5);
    const reading = candidates.find((candidate) => toLatex(candidate.tokens) === toLatex(tokens))!;
    const found = await everyAlternative(session, reading);
    compareAlternatives(found, others[0]);
    assert.ok(found.flat().every((other) => other.complete === complete));
    session.reject(found.flat().find((other) => toLatex(other.tokens) === toLatex(rejected))!);
    session.restrict(restrict[1]);
    compareAlternatives(await everyAlternative(session, reading), others[1]);
  });
}

function everyAlternative(session: Session, reading: Candidate): Promise<Candidate[][]> {
  return Promise.all(reading.tokens.map((_, index) => session.alternatives(index, reading)));
}

function compareAlternatives(found: readonly Candidate[][], wanted: readonly [string, number][][]): void {
  assert.deepEqual(
    found.map((others, i) => others.map(({ tokens }) => tokens[i])),
    wanted.map((others) => others.map(([token]) => token)),
  );
  const scores = found.flat().map(({ probability }) => Math.log(probability));
  close(
    scores,
    wanted.flat().map(([, score]) => score),
    1e-6,
    "log probabilities",
  );
}

test("strokes that gestures take away", () => {
  golden.gestures.forEach(({ ink, stroke, struck: wanted }, index) => {
    assert.deepEqual(struck(golden.preprocessing[ink]!.strokes, stroke), wanted, `gesture ${index}`);
  });
});

for (const { ink, seed, tokens, stroke_tokens } of golden.assignments) {
  test(`strokes of the tokens of ${golden.preprocessing[ink]!.name}, attention ${seed}`, () => {
    const framed = golden.preprocessing[ink]!.strokes.map((stroke) => frameStroke(stroke, settings));
    const boxes = normalizeBoxes(framed.map(({ box }) => box));
    const attention = Array.from({ length: tokens }, (_, token) =>
      Float32Array.from(framed, (_, stroke) => formula(seed * 1000 + token, stroke)),
    );
    assert.deepEqual(assign(attention, strokeDistances({ framed, boxes })), stroke_tokens);
  });
}
