/** The page learns the hand that writes: corrections, the panel, forgetting, files, two tabs, and trouble with storage. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readFormulas } from "../src/recognizer/memory/file.ts";
import { readMetadata } from "../src/recognizer/metadata.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { complete, first, NARROW, options, Writer, withPage } from "./writer.ts";

/** A made-up sign, which the model does not know. `bend` distorts it a little, as a hand does. */
function sign(left: number, top: number, size = 1, bend = 0): Point[][] {
  const zigzag = [
    [0, 0],
    [60, 10],
    [5, 45],
    [62, 60],
    [0, 100],
    [70, 110],
    [30, 60],
  ].map(([x, y], i) => [x! + bend * (i % 3), y! - bend * (i % 2)]);
  const points = zigzag.flatMap(([x, y], i) => {
    const [u, v] = zigzag[i + 1] ?? [x!, y!];
    return [0, 0.25, 0.5, 0.75].map(
      (share): Point => [left + size * (x! + share * (u! - x!)), top + size * (y! + share * (v! - y!))],
    );
  });
  return [points];
}

const MODEL = new URL("../../../tegashiki/assets/default.tflite", import.meta.url); // relative to the bundle
const SIGN = sign(200, 80);
const learnt = `document.getElementById("learnt").textContent`;
const status = `document.getElementById("status").textContent`;
const isWrong = `document.getElementById("status").classList.contains("wrong")`;

/** Code that waits until each formula in the browser's storage has keys. */
const KEYED = `new Promise((resolve) => {
  const opening = indexedDB.open("tegashiki");
  const ask = () => {
    const asked = opening.result.transaction("memory").objectStore("memory").get("formulas");
    asked.onsuccess = () => (asked.result.every(({ keys }) => keys) ? resolve() : setTimeout(ask, 20));
  };
  opening.onsuccess = ask;
})`;
/** Code with which the page gets a model whose file has no metadata about hidden vectors. */
const WITHOUT_HIDDEN = `{
  const Right = Worker;
  const patch = \`const get = fetch;
    fetch = async (...request) => {
      const response = await get(...request);
      if (!response.url.endsWith(".tflite")) return response;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const name = new TextEncoder().encode('"hidden":');
      const start = bytes.findIndex((_, i) => name.every((byte, j) => bytes[i + j] === byte));
      bytes[start + 1] = 72;
      return new Response(bytes);
    };\`;
  window.Worker = class extends Right {
    constructor(script) {
      const parts = [patch, "importScripts(" + JSON.stringify(script) + ");"];
      super(URL.createObjectURL(new Blob(parts, { type: "text/javascript" })));
    }
  };
}`;

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

/** Load the page again, in the same tab, with nothing on the sheet. */
async function reload(writer: Writer): Promise<Writer> {
  await writer.tab.evaluate(`document.getElementById("clear").click()`); // otherwise the page keeps the ink
  await writer.tab.goto(`${await writer.tab.evaluate("location.href.split('?')[0]")}?${Math.random()}`);
  return Writer.on(writer.tab);
}

const symbols = `[...document.querySelectorAll("#symbols h3")].map((name) => name.getAttribute("aria-label"))`;
const details = `document.querySelector("#symbols .details")`;

/** Write the sign and another formula, and teach both. */
async function teach(writer: Writer): Promise<void> {
  await writer.draw(SIGN);
  await correct(writer, "\\xi");
  await knows(writer, 1);
  await writer.click("done");
  await writer.draw([...sign(150, 80), ...sign(300, 60, 0.6)]);
  await correct(writer, "\\xi^2");
  await writer.reads("\\xi^{2}");
  await knows(writer, 2);
  await writer.click("done");
  await writer.tab.until(`!${first}`);
}

function choose(writer: Writer, content: string, name: string): Promise<unknown> {
  return writer.tab.evaluate(`(() => {
    const { files } = (() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}));
      return transfer;
    })();
    const input = document.getElementById("memory-file");
    input.files = files;
    input.dispatchEvent(new Event("change"));
  })()`);
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
    await again.draw(sign(400, 60, 1.3, 3));
    await again.reads("\\xi");
    await again.tab.evaluateInWorker(`void (self.onmessage = () => { throw new Error("out of ink"); })`);
    await again.draw(sign(600, 60, 1.3, -3));
    await again.reads("\\xi\\xi"); // a new worker remembers it too
    again.tab.errors.length = 0;
  });
});

test("an alternative that is chosen, or typed in its place, is learnt; what is undone is not", options, async () => {
  await withPage(async (writer) => {
    const { tab } = writer;
    await writer.draw(SIGN);
    await writer.tab.until(`${complete} && ${first}`);
    await writer.press("ArrowRight");
    await tab.until(`document.querySelectorAll("#alternatives button").length > 1`);
    const other = await tab.evaluate<string>(`document.querySelector("#alternatives button").dataset.latex`);
    await tab.evaluate(`document.querySelector("#alternatives button").click()`);
    await writer.reads(other);
    await knows(writer, 1);
    await writer.press("z", 2);
    await knows(writer, 0);
    await tab.until(`${complete} && ${first} !== ${JSON.stringify(other)}`);
    await writer.press("ArrowRight");
    await tab.until(`document.querySelectorAll("#alternatives button").length > 1`);
    await tab.evaluate(`document.querySelector("#alternatives li:last-child button").click()`);
    await tab.until(`document.activeElement.id === "typed"`);
    await tab.send("Input.insertText", { text: "\\over" });
    await tab.evaluate(`document.getElementById("spelling").requestSubmit()`);
    await tab.until(`${isWrong} && ${status} === "\\\\over cannot be read here"`);
    await tab.evaluate(`document.getElementById("typed").select()`);
    await tab.send("Input.insertText", { text: "\\zeta" });
    await tab.evaluate(`document.getElementById("spelling").requestSubmit()`);
    await writer.reads("\\zeta");
    await knows(writer, 1);
    await writer.draw(sign(400, 80)); // the formula grows, and what it teaches with it
    await correct(writer, "\\zeta\\zeta");
    await writer.reads("\\zeta\\zeta");
    await writer.click("done");
    await tab.until(`!${first}`);
    await knows(writer, 1);
  });
});

test("the panel shows drawings by symbol, forgets one formula or all, and takes it back", options, async () => {
  await withPage(async (writer) => {
    const { tab } = writer;
    await teach(writer);
    await writer.click("memory-show");
    await tab.until(`${symbols}.join() === "\\\\xi,2"`);
    assert.equal(await tab.evaluate(`document.querySelectorAll("#symbols > li:first-child svg").length`), 2);
    const button = `document.querySelector("#symbols ul button")`;
    assert.match(await tab.evaluate(`${button}.getAttribute("aria-label")`), /^\\xi in \\xi\^\{2\}, learnt on /);
    await tab.evaluate(`${button}.focus(), ${button}.click()`);
    await tab.until(details);
    assert.equal(await tab.evaluate(`${details}.querySelectorAll("path.lit").length`), 1);
    assert.ok(await tab.evaluate(`document.activeElement === ${button}`), "the focus stays on the drawing");
    await writer.picture("memory-panel");
    await tab.evaluate(`${details}.querySelector("button").click()`);
    await knows(writer, 1);
    await tab.until(`${symbols}.join() === "\\\\xi" && ${status} === "Forgotten: \\\\xi^{2}."`);
    assert.equal(await tab.evaluate(`document.activeElement.id`), "memory-undo");
    await writer.click("memory-undo");
    await knows(writer, 2);
    await writer.click("memory-clear");
    await knows(writer, 0);
    assert.ok(await tab.evaluate(`document.getElementById("memory-panel").hidden`));
    const again = await reload(writer);
    await knows(again, 0);
    await again.draw(SIGN);
    await again.tab.until(`${complete} && ${first} && ${first} !== "\\\\xi"`);
  });
});

test("the memory is exported, imported and merged; damaged and foreign files are refused", options, async () => {
  await withPage(async (writer) => {
    const { tab } = writer;
    await teach(writer);
    await tab.evaluate(KEYED);
    const exported = await writer.saved("memory-export");
    const width = readMetadata(readFileSync(MODEL)).hidden!.mean.length;
    assert.deepEqual(
      readFormulas(exported, "exported").map(({ tokens, keys }) => [tokens.join(" "), keys?.width]),
      [
        ["\\xi", width],
        ["\\xi ^ { 2 }", width],
      ],
    );
    await writer.click("memory-clear");
    await knows(writer, 0);
    await choose(writer, exported, "me.json");
    await knows(writer, 2);
    await tab.until(`${status} === "me.json: 2 new formulas of 2."`);
    await tab.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([${JSON.stringify(exported)}], "dropped.json"));
      document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
    })()`);
    await tab.until(`${status} === "dropped.json: no new formulas of 2."`);
    for (const [name, content, reason] of [
      ["cut.json", exported.slice(0, -40), "cut.json is damaged, or not a writer's memory"],
      ["bent.json", exported.replace('"latex":"\\\\xi"', '"latex":"{"'), "bent.json is damaged: formula 0: "],
      ["ink.json", `{"strokes":[[[0,0],[1,1]]]}`, "ink.json is not a writer's memory: it lacks the kind "],
      [
        "new.json",
        exported.replace('"format":1', '"format":2'),
        "new.json has format 2, this version of tegashiki reads up to 1: ",
      ],
    ] as const) {
      await choose(writer, content, name);
      await tab.until(`${isWrong} && ${status}.startsWith(${JSON.stringify(reason)})`);
      await knows(writer, 2);
    }
  });
});

test("nothing is learnt while learning is switched off", options, async () => {
  await withPage(async (writer) => {
    await writer.click("learning");
    await writer.draw(SIGN);
    await correct(writer, "\\xi");
    await writer.reads("\\xi");
    await writer.click("done");
    await writer.tab.until(`!${first}`);
    await knows(writer, 0);
    const again = await reload(writer);
    assert.equal(await again.tab.evaluate(`document.getElementById("learning").checked`), false);
    await again.click("learning");
    await again.draw(SIGN);
    await correct(again, "\\xi");
    await knows(again, 1);
  });
});

test("two tabs share what either learns or forgets", options, async () => {
  await withPage(async (one, _, browser) => {
    const other = await Writer.on(await browser.open(await one.tab.evaluate(`location.href`)));
    await other.draw(SIGN);
    await correct(other, "\\xi");
    await knows(one, 1);
    await one.tab.send("Page.bringToFront"); // the browser draws only the page in front
    await one.draw(sign(150, 60, 1.4, 2));
    await correct(one, "\\zeta");
    await knows(other, 2);
    await knows(one, 2);
    await one.click("memory-clear");
    await knows(other, 0);
    await one.click("memory-undo");
    await knows(other, 2);
    assert.deepEqual(other.tab.errors, []);
  });
});

test("if the browser stores nothing, the page says so, learns and reads", options, async () => {
  for (const [name, source, said] of [
    [
      "private",
      `IDBFactory.prototype.open = () => { throw new DOMException("it is private", "SecurityError"); }`,
      "it is private",
    ],
    [
      "full",
      `IDBObjectStore.prototype.put = () => { throw new DOMException("", "QuotaExceededError"); }`,
      "storage is full",
    ],
  ] as const) {
    await withPage(async (writer) => {
      await writer.tab.send("Page.addScriptToEvaluateOnNewDocument", { source });
      const again = await reload(writer);
      await again.draw(SIGN);
      await correct(again, "\\xi");
      await again.tab.until(
        `${learnt}.includes("Learnt from 1 formula.") && ${learnt}.includes(${JSON.stringify(said)})`,
      );
      assert.match(await again.tab.evaluate(learnt), /lasts until the page is closed\. Export it to keep it\.$/, name);
      await again.click("done");
      await again.draw(sign(400, 60, 1.3, 3));
      await again.reads("\\xi");
    });
  }
});

test("a model without hidden vectors is read, and the page says that it cannot learn", options, async () => {
  await withPage(async (writer) => {
    await writer.tab.send("Page.addScriptToEvaluateOnNewDocument", { source: WITHOUT_HIDDEN });
    const again = await reload(writer);
    await again.tab.until(`${learnt}.includes("This model cannot learn")`);
    assert.ok(await again.tab.evaluate(`document.getElementById("learning").disabled`));
    await again.draw(SIGN);
    await correct(again, "\\xi");
    await again.reads("\\xi");
    await again.click("done");
    await again.tab.until(`!${first}`);
    await knows(again, 0);
  });
});

test("the panel fits a phone, in the dark theme too, with targets for fingers", options, async () => {
  await withPage(async (wide, _, browser) => {
    const tab = await browser.open(await wide.tab.evaluate(`location.href`), 390, 844);
    const writer = await Writer.on(tab);
    await teach(writer);
    await writer.click("memory-show");
    await tab.until(`document.querySelector("#symbols ul button")`);
    await tab.evaluate(`document.querySelector("#symbols ul button").click()`);
    await tab.until(details);
    assert.ok(await tab.evaluate<boolean>(NARROW), "it scrolls sideways");
    const small = `[...document.querySelectorAll("#memory button, #memory label")].filter((each) => !each.hidden)
      .map((each) => each.getBoundingClientRect()).filter(({ width, height }) => width < 38 || height < 38).length`;
    assert.equal(await tab.evaluate(small), 0);
    await tab.evaluate(`document.documentElement.dataset.theme !== "dark" && document.getElementById("theme").click()`);
    await tab.evaluate(`document.getElementById("memory").scrollIntoView()`);
    await writer.picture("memory-phone-dark");
  });
});
