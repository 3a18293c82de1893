/** The page learns the hand that writes: corrections, the panel, forgetting, files, two tabs, and trouble with storage. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point } from "../src/recognizer/preprocess.ts";
import type { Browser } from "./chromium.ts";
import { complete, first, NARROW, options, Writer, withPage } from "./writer.ts";

/** A made-up sign, which the model does not know. */
function sign(left: number, top: number, size = 1): Point[][] {
  const zigzag = [
    [0, 0],
    [60, 10],
    [5, 45],
    [62, 60],
    [0, 100],
    [70, 110],
    [30, 60],
  ];
  const points = zigzag.flatMap(([x, y], i) => {
    const [u, v] = zigzag[i + 1] ?? [x!, y!];
    return [0, 0.25, 0.5, 0.75].map((share): Point => [
      left + size * (x! + share * (u! - x!)),
      top + size * (y! + share * (v! - y!)),
    ]);
  });
  return [points];
}

const SIGN = sign(200, 80);
const learnt = `document.getElementById("learnt").textContent`;
const status = `document.getElementById("status").textContent`;
const isWrong = `document.getElementById("status").classList.contains("wrong")`;

/** Type the LaTeX of what is written. */
async function correct(writer: Writer, latex: string): Promise<void> {
  await writer.tab.until(`${complete} && ${first}`);
  await writer.press("l");
  await writer.tab.until(`document.activeElement.id === "typed"`);
  await writer.tab.send("Input.insertText", { text: latex });
  await writer.tab.evaluate(`document.getElementById("spelling").requestSubmit()`);
}

function knows(writer: Writer, count: number): Promise<void> {
  return writer.tab.until(`${learnt}.startsWith("Learnt from ${count} formula${count === 1 ? "" : "s"}.")`);
}

/** Load the page again, in the same tab. */
async function reload(writer: Writer): Promise<Writer> {
  await writer.tab.goto(`${await writer.tab.evaluate("location.href.split('?')[0]")}?${Math.random()}`);
  return Writer.on(writer.tab);
}

test("a corrected symbol is read as corrected, also after the page is loaded again", options, async () => {
  await withPage(async (writer) => {
    await writer.draw(SIGN);
    await writer.tab.until(`${complete} && ${first}`);
    assert.notEqual(await writer.tab.evaluate(first), "\\xi");
    await correct(writer, "\\xi");
    await writer.reads("\\xi");
    await knows(writer, 1);
    const again = await reload(writer);
    await knows(again, 1);
    await again.draw(sign(400, 60, 1.3));
    await again.reads("\\xi");
  });
});
