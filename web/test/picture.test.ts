/** Pictures in the page: dropped and pasted, their strokes erased and written, line by line. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point } from "../src/recognizer/preprocess.ts";
import { options, type Writer, withPage } from "./writer.ts";

const PLUS: Point[][] = [
  [
    [100, 100],
    [200, 100],
  ],
  [
    [150, 50],
    [150, 150],
  ],
];
const MINUS: Point[][] = [
  [
    [110, 300],
    [190, 300],
  ],
];
const SIZE = [300, 400] as const;
const status = `document.getElementById("status").textContent`;
const isShown = (id: string) => `!document.getElementById("${id}").hidden`;
const lines = `[...document.querySelectorAll("#lines button")].map(({ ariaPressed, textContent }) => ariaPressed + textContent).join()`;

/** Give a picture of strokes, on grey paper with a pen of 4 pixels, to the page. */
function give(writer: Writer, event: "drop" | "paste", strokes: readonly Point[][]): Promise<void> {
  return writer.tab.evaluate(`(async () => {
    const canvas = new OffscreenCanvas(${SIZE[0]}, ${SIZE[1]});
    const context = canvas.getContext("2d");
    context.fillStyle = "#ddd";
    context.fillRect(0, 0, ${SIZE[0]}, ${SIZE[1]});
    context.lineWidth = 4;
    for (const [from, to] of ${JSON.stringify(strokes)}) {
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
    }
    const file = new File([await canvas.convertToBlob()], "formula.png", { type: "image/png" });
    (${handOver})("${event}", file);
  })()`);
}

/** Code of a function that drops or pastes a file. */
const handOver = `(event, file) => {
  const data = new DataTransfer();
  data.items.add(file);
  document.dispatchEvent(event === "drop" ? new DragEvent("drop", { dataTransfer: data, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: data }));
}`;

test("pictures are dropped and pasted; their strokes are read, erased, written and cleared", options, async () => {
  await withPage(async (writer, requests) => {
    await dropped(writer, requests);
    await pasted(writer);
    await refused(writer);
  });
});

/** A dropped picture is read, and its strokes are changed. */
async function dropped(writer: Writer, requests: string[]): Promise<void> {
  const before = requests.length;
  await give(writer, "drop", PLUS);
  await writer.reads("+");
  assert.equal(await writer.tab.evaluate(status), "2 strokes found. Erase wrong ones, and write missing ones.");
  assert.deepEqual(requests.slice(before), ["/web/pictures.js"], "only the tracer is fetched, and nothing is sent");
  await liesUnderInk(writer);
  const [x, y] = [writer.box.width / 2, writer.box.height / 2];
  const across: Point[] = [
    [x - 15, y + 40],
    [x + 15, y + 40],
  ];
  const upright: Point[] = [
    [x, y - 60],
    [x, y + 60],
  ];
  await writer.click("eraser");
  await writer.draw([across]);
  await writer.reads("-");
  await writer.click("eraser");
  await writer.draw([upright]);
  await writer.reads("+");
  assert.ok(await writer.tab.evaluate(isShown("photo")));
  await writer.picture("picture");
  await writer.click("clear");
  await writer.tab.until(`!${isShown("photo")}`);
  await writer.click("undo");
  await writer.tab.until(isShown("photo"));
  await writer.reads("+");
}

/** The lines of a pasted picture are read one after the other. */
async function pasted(writer: Writer): Promise<void> {
  const { tab } = writer;
  await give(writer, "paste", [...PLUS, ...MINUS]);
  await tab.until(`${status} === "2 lines found. Done goes on to the next one."`);
  await writer.reads("+");
  assert.equal(await tab.evaluate(lines), "true,false");
  await writer.press("Enter");
  await tab.until(`${lines} === "false✓,true"`);
  await writer.reads("-");
  for (const [place, latex] of ["+", "-"].entries()) {
    await tab.evaluate(`document.querySelectorAll("#lines button")[${place}].click()`);
    await writer.reads(latex);
  }
  await writer.press("Enter");
  await tab.until(`!${isShown("photo")} && !${isShown("lines")}`);
  const titles = `[...document.querySelectorAll("#history button")].map(({ title }) => title).join()`;
  await tab.until(`${titles} === "Copy -,Copy +"`);
}

/** The page says what is wrong with a picture. */
async function refused(writer: Writer): Promise<void> {
  const drop = (content: string, name: string, type: string) =>
    writer.tab.evaluate(`(${handOver})("drop", new File(['${content}'], "${name}", { type: "${type}" }))`);
  await give(writer, "drop", []);
  await writer.tab.until(`${status}.startsWith("formula.png: no handwriting found")`);
  await drop("no picture", "a.png", "image/png");
  await writer.tab.until(`${status} === "a.png: not a picture that this browser can read: save it as PNG or JPEG."`);
  await drop('<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>', "b.svg", "image/svg+xml");
  const large = "b.svg: 20000 × 20000 pixels, the limit is 50000000 pixels: save it smaller.";
  await writer.tab.until(`${status} === "${large}"`);
}

/** The strokes lie on their pixels in the picture. */
async function liesUnderInk(writer: Writer): Promise<void> {
  assert.ok(await writer.tab.evaluate(isShown("photo")));
  const [left, top, width] = await writer.tab.evaluate<[number, number, number]>(`(() => {
    const [sheet, photo] = ["sheet", "photo"].map((id) => document.getElementById(id).getBoundingClientRect());
    const { clientLeft, clientTop } = document.getElementById("sheet");
    return [photo.x - sheet.x - clientLeft, photo.y - sheet.y - clientTop, photo.width];
  })()`);
  const scale = width / SIZE[0];
  const drawn = [100, 50, 200, 150].map((value, i) => (i % 2 ? top : left) + value * scale);
  const painted = (await writer.painted())!;
  const apart = painted.map((value, i) => Math.abs(value - drawn[i]!));
  assert.ok(Math.max(...apart) < 4 * scale, `${painted} on ${drawn}`);
}
