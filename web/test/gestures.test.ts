/** Ink that is struck out, selected, moved, copied and deleted on the page. Each is undone in one step. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point } from "../src/recognizer/preprocess.ts";
import { options, type Writer, withPage } from "./writer.ts";

const CONTROL = 2;
const level = (y: number): Point[] => Array.from({ length: 11 }, (_, i) => [100 + 10 * i, y]);
const PLUS: Point[][] = [level(100), Array.from({ length: 11 }, (_, i) => [150, 50 + 10 * i])];
const BAR: Point[] = PLUS[1]!.map(([x, y]) => [x + 150, y]);
/** Seven sweeps over the plus. */
const ZIGZAG: Point[] = Array.from({ length: 36 }, (_, i) => {
  const [sweep, share] = [Math.floor(i / 5), (i % 5) / 5];
  return [sweep % 2 ? 205 - 110 * share : 95 + 110 * share, 60 + (80 * i) / 35];
});
const LASSO: Point[] = [
  [80, 40],
  [220, 40],
  [220, 165],
  [80, 165],
  [80, 45],
];
const SPACE: Point[] = [
  [230, 20],
  [260, 20],
  [290, 20],
];

const moved = (strokes: readonly Point[][], dx: number, dy: number): Point[][] =>
  strokes.map((stroke) => stroke.map(([x, y]) => [x + dx, y + dy]));

test("ink is struck out and comes back, and is selected, moved, copied and deleted", options, async () => {
  await withPage(async (writer) => {
    await writer.draw([...PLUS, BAR]);
    await strikesOut(writer);
    await selects(writer);
    await opensSpace(writer);
    await usesKeys(writer);
  });
});

/** Check the strokes on the sheet. Edits take effect at once, so nothing is waited for. */
async function has(writer: Writer, strokes: readonly Point[][], what: string): Promise<void> {
  const found = await writer.strokes();
  assert.deepEqual(found, strokes, what);
}

async function strikesOut(writer: Writer): Promise<void> {
  const { tab } = writer;
  await writer.draw([ZIGZAG]);
  await has(writer, [BAR], "struck out");
  await tab.until(`document.getElementById("status").textContent.startsWith("Struck out: 2 strokes.")`);
  await writer.click("undo");
  await has(writer, [...PLUS, BAR], "undone in one step");
  await writer.click("gestures");
  await writer.draw([ZIGZAG]);
  assert.equal((await writer.strokes()).length, 4, "it is ink while gestures are switched off");
  assert.equal(await tab.evaluate(`localStorage.getItem("tegashiki.gestures")`), "off");
  await writer.click("gestures");
  await writer.click("undo");
}

async function selects(writer: Writer): Promise<void> {
  await writer.press("s");
  await writer.draw([LASSO]);
  await writer.picture("selection");
  const drag: Point[] = [
    [150, 100],
    [160, 120],
    [170, 140],
  ];
  await writer.draw([drag]);
  await has(writer, [...moved(PLUS, 20, 40), BAR], "moved");
  await writer.click("undo");
  await has(writer, [...PLUS, BAR], "moved back");
  await writer.draw([LASSO]);
  await writer.click("selection-copy");
  await has(writer, [...PLUS, BAR, ...moved(PLUS, 24, 24)], "copied");
  await writer.click("selection-delete");
  await has(writer, [...PLUS, BAR], "the copy is deleted");
  await writer.draw([LASSO, [[150, 60]]]);
  await writer.press("d");
  await has(writer, [...PLUS, BAR, ...moved(PLUS.slice(1), 24, 24)], "a tap on a selection selects one stroke of it");
  await writer.click("undo");
  await writer.draw([[[300, 100]]]);
  await writer.press("Delete");
  await has(writer, PLUS, "a tapped stroke is deleted");
  await writer.click("undo");
}

async function opensSpace(writer: Writer): Promise<void> {
  await writer.draw([SPACE]);
  await has(writer, [...PLUS, ...moved([BAR], 60, 0)], "a space is opened");
  await writer.press("z", CONTROL);
  await has(writer, [...PLUS, BAR], "and closed by undo");
}

async function usesKeys(writer: Writer): Promise<void> {
  await writer.press("a", CONTROL);
  await writer.press("ArrowRight");
  await writer.press("ArrowDown");
  await has(writer, moved([...PLUS, BAR], 8, 8), "arrow keys move what is selected");
  await writer.press("Escape");
  assert.ok(!(await writer.tab.evaluate(`document.getElementById("selection").checkVisibility()`)));
  await writer.draw([level(180)]);
  assert.equal((await writer.strokes()).length, 4, "after Escape the pen writes again");
}
