/** Several lines on the page: they are told apart, listed, gone back to, corrected, joined, copied and finished. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fit } from "../src/page/inkml.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { complete, first, options, type Writer, withPage } from "./writer.ts";

interface Reading {
  name: string;
  label: string;
  strokes: Point[][];
  candidates: string[];
}

const root = new URL("../../../", import.meta.url);
const current = `[...document.querySelectorAll("#rows [aria-current=true]")].map(({ title }) => title).join()`;
const rows = `[...document.querySelectorAll("#rows:not([hidden]) button")].map(({ dataset }) => dataset.latex).join(" / ")`;
const latex = `document.getElementById("latex").textContent`;

/** Two short inks that Python reads correctly. */
function twoInks(): Reading[] {
  const inks = JSON.parse(readFileSync(new URL("web/build/readings.json", root), "utf8")) as Reading[];
  const right = inks.filter(({ name, label, candidates }) => name.startsWith("easy/") && candidates[0] === label);
  return right.filter(({ strokes }) => strokes.length >= 5).slice(0, 2);
}

/** Put an ink on the upper or lower half of the sheet, at its left. */
function placed({ strokes }: Reading, { width, height }: Writer["box"], half: 0 | 1): Point[][] {
  const left = Math.min(...strokes.flat().map(([x]) => x));
  const fitted = fit(strokes, width / 2, height / 3);
  const from = Math.min(...fitted.flat().map(([x]) => x));
  assert.ok(Number.isFinite(left));
  return fitted.map((stroke) => stroke.map(([x, y]) => [x - from + 20, y + half * 0.6 * height] as const));
}

const until = (writer: Writer, expression: string, wanted: string): Promise<void> =>
  writer.tab.until(`${expression} === ${JSON.stringify(wanted)}`);

test("lines are told apart, read, gone back to, joined and finished", options, async () => {
  await withPage(async (writer) => {
    const [one, two] = twoInks() as [Reading, Reading];
    await writer.draw(placed(one, writer.box, 0));
    await writer.reads(one.label);
    await until(writer, rows, "");
    await writer.draw(placed(two, writer.box, 1));
    await writer.reads(two.label);
    await until(writer, rows, `${one.label} / ${two.label}`);
    await until(writer, current, "Line 2");
    await writer.picture("lines");
    const whole = await writer.tab.evaluate<string>(latex);
    assert.match(whole, /^\\begin\{(aligned|gathered|cases)\}.*\\\\.*\\end/);

    await writer.tab.evaluate(`document.querySelector("#rows button").click()`);
    await writer.reads(one.label);
    await until(writer, current, "Line 1");
    await writer.press("2"); // accept another reading of the first line
    await writer.tab.until(`document.querySelector("#candidates button").ariaPressed === "true" && ${complete}`);
    const other = await writer.tab.evaluate<string>(first);
    await until(writer, rows, `${other} / ${two.label}`);
    await writer.press("z", 2);
    await until(writer, latex, whole);

    await writer.tab.evaluate(`document.querySelectorAll("#rows button")[1].click()`);
    await writer.reads(two.label);
    await writer.click("join-line");
    await until(writer, rows, "");
    await writer.press("z", 2);
    await until(writer, latex, whole);

    await writer.press("c");
    await until(writer, `document.getElementById("status").textContent`, "LaTeX is copied.");
    assert.equal(await writer.tab.evaluate(`navigator.clipboard.readText()`), whole);
    await writer.press("Enter");
    await until(writer, `document.querySelector("#history button")?.title`, `Copy ${whole}`);

    await writer.click("several-lines"); // off: one formula
    await writer.draw(placed(one, writer.box, 0));
    await writer.draw(placed(two, writer.box, 1));
    await writer.tab.until(`${complete} && ${first}`);
    await until(writer, rows, "");
  });
});
