/** The page reads the ink files in tests/fixtures/inkml like the Python reader, which is tested with the same files. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { build } from "esbuild";
import type { Point } from "../src/recognizer/preprocess.ts";
import { Browser, chromiumOptions } from "./chromium.ts";

interface Vector {
  file: string;
  about: string;
  strokes?: Point[][];
  /** A part of the error's message. */
  error?: string;
}

type Found = { strokes: Point[][] } | { error: string };

const root = new URL("../../../", import.meta.url);
const folder = new URL("tests/fixtures/inkml/", root);
const vectors = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Vector[];
const READ = `((base64) => {
  try {
    return { strokes: inkml.readInk(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))) };
  } catch (error) {
    return { error: error.message };
  }
})`;

test("the page reads ink files like Python", chromiumOptions(), async (context) => {
  const entry = new URL("web/src/page/inkml.ts", root).pathname;
  const options = { bundle: true, write: false, format: "iife", globalName: "inkml", logLevel: "error" } as const;
  const { outputFiles } = await build({ ...options, entryPoints: [entry] });
  const browser = new Browser();
  try {
    const tab = await browser.open("data:text/html,<title>ink</title>");
    await tab.evaluate(`${outputFiles[0]!.text}; undefined`);
    for (const vector of vectors) {
      const found = await tab.evaluate<Found>(`${READ}("${readFileSync(new URL(vector.file, folder), "base64")}")`);
      await context.test(`${vector.file}: ${vector.about}`, () => compare(found, vector));
    }
  } finally {
    await browser.close();
  }
});

function compare(found: Found, { strokes, error }: Vector): void {
  if ("error" in found) return assert.ok(error && found.error.includes(error), `${found.error}; expected ${error}`);
  assert.ok(strokes, `the file is accepted, expected the error ${error}`);
  assert.deepEqual(
    found.strokes.map(({ length }) => length),
    strokes.map(({ length }) => length),
  );
  const differences = strokes
    .flat(2)
    .map((value, i) => Math.abs(found.strokes.flat(2)[i]! - value) / Math.max(1, Math.abs(value)));
  assert.ok(Math.max(...differences) < 1e-9, JSON.stringify(found.strokes).slice(0, 200));
}
