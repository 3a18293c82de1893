/** The page shows what the recogniser doubts: an ink that can be read in several ways, and a scribble. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point } from "../src/recognizer/preprocess.ts";
import { complete, options, PLUS, withPage } from "./writer.ts";

/** A circle, which may be a zero or an o, small or large. */
const CIRCLE: Point[] = Array.from({ length: 25 }, (_, i) => {
  const angle = (2 * Math.PI * i) / 24 - Math.PI / 2;
  return [200 + 40 * Math.cos(angle), 150 + 45 * Math.sin(angle)];
});
/** Zigzags beside each other, which are no formula. */
const SCRIBBLE: Point[][] = [0, 1, 2, 3, 4, 5].map((line) =>
  Array.from({ length: 7 }, (_, i) => [
    120 + 60 * line + 30 * Math.sin(3 * line + 2 * i),
    150 + 60 * Math.cos(i * 2.1 + line),
  ]),
);
const best = `document.querySelector("#candidates button")`;
const status = `document.getElementById("status").textContent`;

test("a symbol in doubt is underlined, and a click on it offers the alternatives", options, async () => {
  await withPage(async (writer) => {
    const { tab } = writer;
    await writer.draw([CIRCLE]);
    await tab.until(`${complete} && ${best}.querySelector(".doubt")`);
    assert.match(await tab.evaluate(`${best}.getAttribute("aria-description")`), /in doubt: \S/);
    await writer.picture("doubt");
    const { x, y } = await tab.evaluate<{ x: number; y: number }>(`(() => {
      const { x, y, width, height } = ${best}.querySelector(".doubt").getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    for (const type of ["mousePressed", "mouseReleased"]) {
      await tab.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    }
    await tab.until(`document.querySelectorAll("#alternatives:not([hidden]) button").length`);
    assert.equal(await tab.evaluate(`${best}.ariaPressed`), "false", "the click does not accept the reading");
    const other = await tab.evaluate<string>(`document.querySelector("#alternatives button").dataset.latex`);
    await tab.evaluate(`document.querySelector("#alternatives button").click()`);
    await writer.reads(other);
    assert.equal(
      await tab.evaluate(`document.querySelectorAll(".doubt").length`),
      0,
      "what is accepted is not in doubt",
    );
    assert.equal(await tab.evaluate(`${best}.ariaPressed`), "true");
  });
});

test("an unlikely reading is not shown as an answer", options, async () => {
  await withPage(async (writer) => {
    const { tab } = writer;
    await writer.draw(SCRIBBLE);
    // The status belongs to the reading of all strokes; candidates of the strokes before stay until it is there.
    await tab.until(
      `${complete} && ${best}.classList.contains("unsure") && ${status}.startsWith("Not sure of this reading")`,
    );
    assert.equal(await tab.evaluate(`${best}.querySelector(".percent").textContent`), "not sure");
    assert.match(await tab.evaluate(`${best}.getAttribute("aria-description")`), /^not sure/);
    await writer.picture("not-sure");
    await writer.press("1");
    await tab.until(`${complete} && ${best}.ariaPressed === "true"`);
    assert.equal(await tab.evaluate(status), "");
    assert.ok(!(await tab.evaluate(`${best}.classList.contains("unsure")`)), "the writer is sure");
  });
});

test("a sure reading has no marks", options, async () => {
  await withPage(async (writer) => {
    const { tab } = writer;
    await writer.draw(PLUS);
    await writer.reads("+");
    assert.equal(await tab.evaluate(`document.querySelectorAll(".doubt, .unsure").length`), 0);
    assert.equal(await tab.evaluate(`${best}.hasAttribute("aria-description")`), false);
  });
});
