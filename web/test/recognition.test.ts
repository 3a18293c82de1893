/**
 * The recogniser in a browser returns the same tokens as the Python recogniser, candidate by candidate.
 *
 * `python -m tests.web.readings` writes the inks and Python's readings into web/build/readings.json.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Point } from "../src/recognizer/preprocess.ts";
import { Browser, chromiumOptions, serve } from "./chromium.ts";

interface Reading {
  name: string;
  strokes: Point[][];
  /** The reading of greedy search, as LaTeX. */
  greedy: string;
  /** Smallest margin between the best and the second best token of greedy search, in nats. */
  narrowest: number;
  /** Five candidates, as LaTeX, best first. */
  candidates: string[];
  strokes_of_token: number[][];
  /** Index of a token of the first candidate, and its alternatives as LaTeX. */
  token: number;
  alternatives: string[];
}

interface Found {
  greedy: string;
  candidates: string[];
  strokes: number[][];
  alternatives: string[];
}

const root = new URL("../../../", import.meta.url);
const readings = new URL("web/build/readings.json", root);

test("the readings are the same as in Python", chromiumOptions(), async (context) => {
  assert.ok(existsSync(readings), "no web/build/readings.json: run `make test-web`, which writes it");
  const inks = JSON.parse(readFileSync(readings, "utf8")) as Reading[];
  const { address, server } = await serve(new URL("tegashiki/assets", root).pathname);
  const browser = new Browser();
  try {
    const tab = await browser.open(`${address}web/LICENSES.txt`);
    await tab.evaluate(`(async () => {
      const { loadRecognizer, Session } = await import("/web/recognizer.js");
      window.Session = Session;
      window.recognizer = await loadRecognizer("../default.tflite", "./litert/litert_wasm_compat_internal.js");
    })()`);
    const found: Found[] = [];
    for (const { strokes, token } of inks) {
      found.push(
        await tab.evaluate(`(async () => {
        const strokes = ${JSON.stringify(strokes)};
        const [greedy] = await recognizer.recognize(strokes, 1, 1);
        const candidates = await recognizer.recognize(strokes, 5);
        const session = new Session(recognizer);
        session.addStrokes(strokes);
        const [first] = (await session.candidates(5)).candidates;
        const alternatives = ${token} < first.tokens.length ? await session.alternatives(${token}, first) : [];
        const latex = (readings) => readings.map((reading) => reading.latex);
        return {
          greedy: greedy.latex,
          strokes: greedy.strokesOfToken,
          candidates: latex(candidates),
          alternatives: latex(alternatives),
        };
      })()`),
      );
    }
    compare(inks, found, (line) => context.diagnostic(line));
  } finally {
    await browser.close();
    server.close();
  }
});

/** In nats. Processors round differently, which can move an int8 activation to the next step. */
const TOSS_UP = 0.5;

/** Compare the readings. Greedy readings may differ only where Python's own decision was close. */
function compare(inks: readonly Reading[], found: readonly Found[], say: (line: string) => void): void {
  const same = (of: (ink: Reading, i: number) => boolean) => inks.filter(of).length;
  const greedy = same(({ greedy }, i) => greedy === found[i]!.greedy);
  const first = same(({ candidates }, i) => candidates[0] === found[i]!.candidates[0]);
  const all = same(({ candidates }, i) => candidates.join("\n") === found[i]!.candidates.join("\n"));
  const strokes = same(
    (ink, i) => ink.greedy !== found[i]!.greedy || `${ink.strokes_of_token}` === `${found[i]!.strokes}`,
  );
  say(
    `same readings of ${inks.length} inks: greedy ${greedy}, first of five ${first}, all five ${all}; strokes ${strokes}`,
  );
  const likeliest = same(({ alternatives }, i) => alternatives[0] === found[i]!.alternatives[0]);
  const every = same(({ alternatives }, i) => alternatives.join("\n") === found[i]!.alternatives.join("\n"));
  say(`same alternatives for a token: likeliest ${likeliest}, all in order ${every}`);
  inks.forEach(({ name, greedy, narrowest }, i) => {
    if (greedy === found[i]!.greedy) return;
    say(`${name}: ${greedy} in Python by ${narrowest} nats, ${found[i]!.greedy} in the browser`);
    assert.ok(narrowest < TOSS_UP, `${name} reads otherwise, and that was no toss-up`);
  });
  // A beam has more near ties than a single reading.
  assert.ok(greedy >= Math.floor(0.98 * inks.length), "greedy readings");
  assert.ok(first >= Math.floor(0.98 * inks.length), "first candidates");
  assert.ok(likeliest >= 0.9 * inks.length, "alternatives"); // their probabilities are low and thus close to each other
  assert.ok(strokes >= 0.99 * inks.length, "strokes of the tokens");
}
