/** Several lines on the page: they are told apart, listed, gone back to, corrected, joined, copied and finished. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, first, half, options, twoInks, type Writer, withPage } from "./writer.ts";

const current = `[...document.querySelectorAll("#rows [aria-current=true]")].map(({ title }) => title).join()`;
const rows = `[...document.querySelectorAll("#rows:not([hidden]) button")].map(({ dataset }) => dataset.latex).join(" / ")`;
const latex = `document.getElementById("latex").textContent`;

const until = (writer: Writer, expression: string, wanted: string): Promise<void> =>
  writer.tab.until(`${expression} === ${JSON.stringify(wanted)}`);

test("lines are told apart, read, gone back to, joined and finished", options, async () => {
  await withPage(async (writer) => {
    const [one, two] = twoInks();
    await writer.draw(half(one, writer.box, 0));
    await writer.reads(one.label);
    await until(writer, rows, "");
    await writer.draw(half(two, writer.box, 1));
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
    await writer.draw(half(one, writer.box, 0));
    await writer.draw(half(two, writer.box, 1));
    await writer.tab.until(`${complete} && ${first}`);
    await until(writer, rows, "");
  });
});
