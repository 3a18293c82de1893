/** The examples of the web component, in a headless Chromium. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Point } from "../src/recognizer/preprocess.ts";
import { Browser, serve } from "./chromium.ts";
import { options, Writer } from "./writer.ts";

const web = fileURLToPath(new URL("../../", import.meta.url));
const examples = `${web}examples/`;
const missing = !existsSync(`${examples}node_modules/mathlive`) && "run `npm ci` in web/examples first";
const chosen = { skip: missing || options.skip };
const PLUS: Point[][] = [
  [
    [100, 100],
    [150, 100],
    [200, 100],
  ],
  [
    [150, 50],
    [150, 100],
    [150, 150],
  ],
];

before(() => {
  if (chosen.skip) return;
  execFileSync(process.execPath, [`${web}pack.mjs`], { stdio: "inherit" });
  execFileSync(process.execPath, ["build.mjs"], { cwd: examples, stdio: "inherit" });
});

async function withExample(name: string, run: (tab: Writer["tab"]) => Promise<void>): Promise<void> {
  const { address, server } = await serve(examples);
  const browser = new Browser();
  try {
    const tab = await browser.open(`${address}${name}/`);
    await tab.until(`customElements.get("tegashiki-pad") && document.querySelector("tegashiki-pad")`);
    await run(tab);
    assert.deepEqual(tab.errors, []);
  } finally {
    await browser.close();
    server.close();
  }
}

/** Write a plus sign on the pad with a number, and wait until it is read. */
async function writePlus(tab: Writer["tab"], pad = 0): Promise<Writer> {
  const found = `document.querySelectorAll("tegashiki-pad")[${pad}]`;
  await tab.evaluate(`${found}.scrollIntoView()`);
  const writer = await Writer.on(tab, `${found}.shadowRoot.querySelector("canvas")`, "true");
  await writer.draw(PLUS);
  await tab.until(
    `${found}.value === "+" && ${found}.shadowRoot.querySelector(".readings").dataset.state === "complete"`,
  );
  return writer;
}

test("plain HTML: a form sends the formula", chosen, async () => {
  await withExample("plain", async (tab) => {
    const writer = await writePlus(tab);
    assert.equal(await tab.evaluate(`reading.textContent`), "+");
    await writer.picture("example-plain");
    await tab.evaluate(`form.requestSubmit()`);
    assert.equal(await tab.evaluate(`sent.textContent`), "answer=%2B");
    await tab.evaluate(`form.reset()`);
    assert.equal(await tab.evaluate(`form.checkValidity()`), false);
  });
});

test("the demo shows a formula in all forms, and the answer that is taken", chosen, async () => {
  await withExample("demo", async (tab) => {
    const writer = await writePlus(tab);
    await tab.until(`document.querySelectorAll("#forms tr").length === 7`);
    assert.equal(await tab.evaluate(`document.querySelector("#forms code").textContent`), "+");
    await tab.evaluate(`void (asked.strokes = [])`);
    await tab.evaluate(`void (asked.reader = {
      maxStrokes: 99,
      read: async ({ strokes }) => ({
        candidates: [{ latex: "1+2=", tokens: [..."1+2="], probability: 1, strokesOfToken: [[0], [], [], []], complete: true }],
        released: false,
      }),
    })`);
    await tab.evaluate(`void (asked.strokes = [[[0, 0], [1, 1]]])`);
    await tab.until(`asked.shadowRoot.querySelector(".answer button")?.dataset.latex === "3"`);
    await tab.evaluate(`asked.shadowRoot.querySelector(".answer button").click()`);
    assert.equal(await tab.evaluate(`taken.textContent`), "3");
    await tab.evaluate(`scrollTo(0, 0)`);
    await writer.picture("example-demo");
  });
});

test("React: a formula is the state of a component, and finished formulas become a list", chosen, async () => {
  await withExample("react", async (tab) => {
    await writePlus(tab);
    await tab.until(`document.getElementById("state").textContent === "+"`);
    assert.equal(await tab.evaluate(`document.querySelector("tegashiki-pad").strokes.length`), 2);
    await tab.evaluate(`document.querySelector("#state + button").click()`);
    await tab.until(`document.querySelector("tegashiki-pad").strokes.length === 0`);
    for (const count of [1, 2]) {
      const writer = await writePlus(tab, 1);
      await writer.press("Enter");
      await tab.until(`document.querySelectorAll("#list li").length === ${count}`);
    }
  });
});

test("MathLive: what is written goes into the field at its selection", chosen, async () => {
  await withExample("mathlive", async (tab) => {
    await tab.until(`customElements.get("math-field") && field.value`);
    await tab.evaluate(`void (field.selection = field.lastOffset)`);
    await tab.evaluate(`void pen.click()`);
    const writer = await writePlus(tab);
    await writer.picture("example-mathlive");
    await writer.press("Enter");
    await tab.until(`!dialog.open`);
    assert.equal(await tab.evaluate(`field.value`), "\\frac{a}{b}+1+");
  });
});

test("the React component has the right types", chosen, () => {
  execFileSync(process.execPath, [`${web}node_modules/typescript/bin/tsc`, "--project", `${examples}tsconfig.json`], {
    stdio: "inherit",
  });
});
