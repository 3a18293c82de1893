/**
 * The page in a headless Chromium: ink replayed as pointer events, undo, acceptance, copies, files, history.
 *
 * Leaves screenshots in web/build/pictures/.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { convert } from "../src/convert/index.ts";
import { fit } from "../src/page/inkml.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import {
  complete,
  first,
  MADE_UP,
  NARROW,
  options,
  type Pointer,
  type Reading,
  readInks,
  rightlyRead,
  Writer,
  withPage,
} from "./writer.ts";

const root = new URL("../../../", import.meta.url);
const fixture = readFileSync(new URL("tests/fixtures/crohme/RIT_2014_15.inkml", root), "utf8");
/** Whether the picture's promise is passed to the clipboard before the click on the button returns. */
const GIVEN_AT_ONCE = `(() => {
  const Item = ClipboardItem;
  let picture;
  window.ClipboardItem = class extends Item {
    constructor(items) {
      super(items);
      picture = items["image/png"];
    }
  };
  document.getElementById("copy-png").click();
  window.ClipboardItem = Item;
  return picture instanceof Promise;
})()`;
/** An ink with more strokes than the model can read. */
const TOO_MUCH = `<ink xmlns="http://www.w3.org/2003/InkML">${"<trace>0 0, 5 5</trace>".repeat(1000)}</ink>`;
const PEOPLE = ["512_", "518_", "RIT_", "UN_"];

/** Inks that Python reads correctly, longest last: generated ones, or those of people among the fixtures. */
function longestLast(...names: string[]): Reading[] {
  return rightlyRead(...names).sort((a, b) => a.strokes.length - b.strokes.length);
}

test("an ink is written, read, undone, accepted, copied and finished", options, async (context) => {
  await withPage(async (writer, requests) => {
    const ink = longestLast(MADE_UP).at(-1)!;
    const strokes = fit(ink.strokes, writer.box.width, writer.box.height);
    const loaded = requests.length;
    await replay(writer, strokes, ink.label, context);
    await takeBack(writer, strokes.length, ink.label);
    await writer.press("1");
    await writer.tab.until(
      `document.querySelector("#candidates button").getAttribute("aria-pressed") === "true" && ${complete}`,
    );
    await copies(writer, ink.label);
    await copiesAs(writer, ink.label);
    await highlights(writer);
    await alternatives(writer, ink.label);
    await writer.press("Enter");
    await writer.tab.until(
      `!${first} && document.querySelector("#history button").title === ${JSON.stringify(`Copy ${ink.label}`)}`,
    );
    // The script of answers is loaded with the first reading that may expect one.
    const later = requests.slice(loaded).filter((path) => !path.endsWith("/answers.js"));
    assert.deepEqual(later, [], "requests once the page is loaded");
  });
});

test("people's inks are written with pen, mouse and finger, and read", options, async () => {
  await withPage(async (writer) => {
    await writer.tab.send("Emulation.setTouchEmulationEnabled", { enabled: true });
    for (const [i, ink] of longestLast(...PEOPLE).entries()) {
      const pointers: Pointer[] = ["pen", "mouse", "touch"];
      await writer.draw(fit(ink.strokes, writer.box.width, writer.box.height), pointers[i % 3]);
      await writer.reads(ink.label);
      await writer.click("done");
    }
  });
});

/** Write stroke by stroke, waiting for each to be read. */
async function replay(writer: Writer, strokes: Point[][], label: string, context: TestContext): Promise<void> {
  for (const [i, stroke] of strokes.entries()) {
    await writer.draw([stroke]);
    await writer.tab.until(`performance.getEntriesByName("candidates").length === ${i + 1}`);
    await writer.picture(`writing-${i + 1}`);
  }
  await writer.reads(label);
  const measured = await writer.tab.evaluate<[string, number[]][]>(`["first reading", "candidates"].map(
    (name) => [name, performance.getEntriesByName(name).map(({ duration }) => duration)])`);
  for (const [name, times] of measured) {
    const sorted = times.sort((a, b) => a - b).map((time) => time.toFixed(1));
    context.diagnostic(`${name} after a stroke: ${sorted.join(", ")} ms`);
  }
}

async function takeBack(writer: Writer, strokes: number, label: string): Promise<void> {
  const control = 2;
  for (let i = 0; i < strokes; i++) await writer.press("z", control);
  await writer.tab.until(`!${first} && document.getElementById("undo").disabled`);
  for (let i = 0; i < strokes; i++) await writer.click("redo");
  await writer.reads(label);
}

async function copies(writer: Writer, label: string): Promise<void> {
  const clipboard = `navigator.clipboard.readText()`;
  // Consecutive copies show different messages, so the test can wait for each. The clipboard gets the content after the
  // button is released, and reading it before that fails (`InvalidStateError`).
  const copied = (what: string) =>
    writer.tab.until(`document.getElementById("status").textContent === "${what} is copied."`);
  assert.ok(
    await writer.tab.evaluate(GIVEN_AT_ONCE),
    "Safari copies only what it is given while the button is pressed",
  );
  await copied("The picture");
  await writer.press("c");
  await copied("LaTeX");
  assert.equal(await writer.tab.evaluate(clipboard), label);
  await writer.press("m");
  await copied("MathML");
  assert.match(await writer.tab.evaluate(clipboard), /^<math .*<\/math>$/s);
  await writer.press("p");
  await copied("The picture");
  const dark = await writer.tab.evaluate<number>(`(async () => {
    const [item] = await navigator.clipboard.read();
    const image = await createImageBitmap(await item.getType("image/png"));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return data.filter((value, i) => i % 4 === 0 && value < 64).length / (data.length / 4);
  })()`);
  assert.ok(dark > 0.005 && dark < 0.5, `${dark} of the picture is dark`);
}

/** The menu copies other forms, and for Word HTML that keeps its comments. */
async function copiesAs(writer: Writer, label: string): Promise<void> {
  const { tab } = writer;
  const tokens = label.match(/\\[A-Za-z]+|\S/g)!;
  const choose = async (name: string) => {
    await writer.click("copy-as");
    assert.ok(await tab.evaluate(`document.getElementById("copies").matches(":popover-open")`));
    if (name === "Typst") await writer.picture("copy-as");
    await tab.evaluate(`[...document.querySelectorAll("#copies button")]
      .find(({ textContent }) => textContent === ${JSON.stringify(name)}).click()`);
    assert.ok(!(await tab.evaluate(`document.getElementById("copies").matches(":popover-open")`)));
  };
  await choose("Typst");
  await tab.until(`document.getElementById("status").textContent === "Typst is copied."`);
  assert.equal(await tab.evaluate(`navigator.clipboard.readText()`), convert(tokens, "typst"));
  await choose("Word equation");
  await tab.until(`document.getElementById("status").textContent === "The Word equation is copied."`);
  const [html, text] = await tab.evaluate<[string, string]>(`(async () => {
    const [item] = await navigator.clipboard.read({ unsanitized: ["text/html"] });
    return Promise.all(["text/html", "text/plain"].map(async (type) => (await item.getType(type)).text()));
  })()`);
  assert.ok(
    html.includes(`<!--[if gte msEquation 12]><m:oMathPara>${convert(tokens, "omml")}</m:oMathPara><![endif]-->`),
  );
  assert.equal(text, convert(tokens, "unicode"));
  await choose("Ink as SVG");
  await tab.until(`document.getElementById("status").textContent === "The ink is copied as SVG."`);
  assert.match(await tab.evaluate(`navigator.clipboard.readText()`), /^<svg .*<polyline .*<\/svg>$/s);
  await writer.click("copy-as");
  await writer.press("Escape");
  assert.ok(!(await tab.evaluate(`document.getElementById("copies").matches(":popover-open")`)));
}

/** The middle of the first symbol of the first candidate. */
function symbol(writer: Writer): Promise<{ x: number; y: number }> {
  return writer.tab.evaluate(`(() => {
    const symbols = [...document.querySelectorAll("#candidates [data-t]")].filter((one) => !one.querySelector("[data-t]"));
    const { x, y, width, height } = symbols[0].getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  })()`);
}

/** A click on a symbol of the accepted reading shows its alternatives, and so do the arrow keys. */
async function alternatives(writer: Writer, label: string): Promise<void> {
  const { tab } = writer;
  const there = `document.querySelectorAll("#alternatives:not([hidden]) button").length`;
  const place = await symbol(writer);
  for (const type of ["mousePressed", "mouseReleased"]) {
    await tab.send("Input.dispatchMouseEvent", { type, ...place, button: "left", clickCount: 1 });
  }
  await tab.until(there);
  await writer.picture("alternatives");
  await writer.press("Escape");
  await tab.until(`!${there}`);
  await writer.press("ArrowRight");
  await tab.until(
    `${there} && document.querySelector("#candidates button .lit") && document.querySelector("#alternatives .lit")`,
  );
  await writer.press("ArrowDown");
  const other = await tab.evaluate<string>(`document.activeElement.dataset.latex`);
  assert.notEqual(other, label);
  await tab.evaluate(`document.activeElement.click()`);
  await writer.reads(other);
  assert.ok(await tab.evaluate(`!${there} && document.querySelector("#candidates button").ariaPressed === "true"`));
  await writer.press("z", 2);
  await writer.reads(label);
}

/** Hovering over a symbol highlights its strokes, and hovering over a stroke highlights its symbol. */
async function highlights(writer: Writer): Promise<void> {
  const place = await symbol(writer);
  await writer.tab.send("Input.dispatchMouseEvent", { type: "mouseMoved", ...place });
  await writer.tab.until(`document.querySelector("#candidates .lit")`);
  await writer.picture("highlight");
  await writer.tab.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: 2, y: 2 });
  await writer.tab.until(`!document.querySelector("#candidates .lit")`);
}

test("files are opened and saved, strokes are erased", options, async () => {
  await withPage(async ({ tab, ...rest }) => {
    const writer = Object.assign(Object.create(Writer.prototype) as Writer, { tab, ...rest });
    await drop(writer, fixture, "a.inkml");
    await tab.until(`${complete} && ${first}`);
    const latex = await tab.evaluate<string>(first);
    assert.equal(latex, readInks().find(({ name }) => name === "RIT_2014_15")!.candidates[0]);
    await writer.press("1");
    const saved = await writer.saved();
    assert.match(saved, /<annotation type="truth">/);
    await rubOut(writer, latex);
    await drop(writer, saved, "b.inkml");
    await writer.reads(latex);
    for (const [name, content] of [
      ["c.inkml", "no ink"],
      ["d.inkml", TOO_MUCH],
    ] as const) {
      await drop(writer, content, name);
      await tab.until(`document.querySelector("#status.wrong")?.textContent.startsWith("${name}: ")`);
      await writer.reads(latex);
    }
    await writer.press("1"); // the strokes are unchanged, and their reading can be accepted
    await tab.until(`document.querySelector("#candidates button").ariaPressed === "true"`);
    await answered(writer);
  });
});

/** Correct the reading to a formula that expects an answer, and take the answer. */
async function answered(writer: Writer): Promise<void> {
  const { tab } = writer;
  assert.equal(await tab.evaluate(`document.getElementById("answer").hidden`), true);
  await writer.press("l");
  await tab.evaluate(`void (document.getElementById("typed").value = "2+3\\\\cdot4=")`);
  await tab.evaluate(`document.getElementById("spelling").requestSubmit()`);
  await tab.until(`document.querySelector("#answer button")?.dataset.latex === "14"`);
  await hasParts(writer);
  await tab.evaluate(`document.querySelector("#answer button").click()`);
  await tab.until(`document.getElementById("status").textContent === "Answer is copied."`);
  await writer.click("undo");
  await tab.until(`document.getElementById("answer").hidden`);
  await offersCommas(writer);
}

/** Correct the reading to one with a comma, switch the offer of decimal commas on, and take it. */
async function offersCommas(writer: Writer): Promise<void> {
  const { tab } = writer;
  const offer = `document.querySelector("#comma button")`;
  await writer.press("l");
  await tab.evaluate(`void (document.getElementById("typed").value = "2,5+1=")`);
  await tab.evaluate(`document.getElementById("spelling").requestSubmit()`);
  await writer.reads("2,5+1=");
  assert.deepEqual(await tab.evaluate(`[document.getElementById("decimal-comma").checked, ${offer}]`), [false, null]);
  await writer.click("decimal-comma");
  await tab.evaluate(`${offer}.click()`);
  const shown = `document.getElementById("latex").textContent`;
  assert.deepEqual(await tab.evaluate(`[${shown}, ${first}]`), ["2{,}5+1=", "2,5+1="]);
  await tab.until(`document.querySelector("#answer button")?.dataset.latex === "3{,}5"`);
  await writer.click("done");
  await tab.until(`document.querySelector("#history button")?.title === "Copy 2{,}5+1="`);
  assert.ok(await tab.evaluate(`document.getElementById("comma").hidden`));
}

/** Whether screen readers find the parts of the page, by the browser's accessibility tree. */
async function hasParts({ tab }: Writer): Promise<void> {
  const { nodes } = (await tab.send("Accessibility.getFullAXTree")) as unknown as {
    nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
  };
  const seen = nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => `${role?.value}: ${name?.value}`);
  for (const part of [
    "toolbar: Ink",
    "button: Undo",
    "list: Readings, likeliest first",
    "button: 2+3\\cdot4=",
    "button: Answer: 14",
    "button: Done",
    "heading: History",
  ]) {
    assert.ok(seen.includes(part), `no ${part} in ${seen.join("\n")}`);
  }
}

function drop(writer: Writer, content: string, name: string): Promise<unknown> {
  return writer.tab.evaluate(`(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}));
    document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
  })()`);
}

async function rubOut(writer: Writer, latex: string): Promise<void> {
  await writer.press("e");
  const { width, height } = writer.box;
  await writer.draw([
    [
      [0, height / 2],
      [width / 4, height / 2],
      [width / 2, height / 2],
      [width - 1, height / 2],
    ],
  ]);
  await writer.tab.until(`${first} !== ${JSON.stringify(latex)}`);
  await writer.press("Escape");
}

test("the page fits a phone, also in the dark theme", options, async () => {
  await withPage(async (wide, _, browser) => {
    const tab = await browser.open(await wide.tab.evaluate(`location.href`), 390, 844);
    const writer = await Writer.on(tab);
    const ink = longestLast(MADE_UP).at(-1)!;
    await writer.draw(fit(ink.strokes, writer.box.width, writer.box.height));
    await writer.reads(ink.label);
    await writer.click("done");
    await writer.draw(fit(ink.strokes, writer.box.width, writer.box.height));
    await writer.reads(ink.label);
    assert.ok(await tab.evaluate<boolean>(NARROW), "it scrolls sideways");
    await writer.picture("phone");
    await tab.evaluate(`document.documentElement.dataset.theme !== "dark" && document.getElementById("theme").click()`);
    assert.equal(await tab.evaluate(`getComputedStyle(document.body).colorScheme`), "dark");
    await writer.picture("phone-dark");
  });
});
