/** The page's worker: how the page recovers when the worker stops, and what it prints on the console. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, first, options, PLUS, type Writer, withPage } from "./writer.ts";

const status = `document.getElementById("status").textContent`;
const isWrong = `document.getElementById("status").classList.contains("wrong")`;
/** Code that makes a worker stop at the next reading. */
const STOPS = {
  "an error of its script": `void (self.onmessage = () => { throw new Error("out of ink"); })`,
  "a rejection that nobody handles": `void (self.onmessage = () => Promise.reject(new Error("out of ink")))`,
  "an answer that cannot be given": `void (self.postMessage = () => { throw new Error("out of ink"); })`,
  "a fault of WebAssembly": `void (Promise.prototype.then = () => { throw new WebAssembly.RuntimeError("out of ink"); })`,
};

test("a stopped worker is reported, and a new one reads the same ink", options, async (context) => {
  for (const [name, stop] of Object.entries(STOPS)) {
    await context.test(name, () =>
      withPage(async (writer) => {
        await writer.draw(PLUS.slice(0, 1));
        await writer.tab.until(complete);
        await writer.tab.evaluateInWorker(stop);
        await writer.draw(PLUS.slice(1));
        await writer.reads("+");
        assert.match(await writer.tab.evaluate(status), /^The recogniser stopped \(.*out of ink\)/);
        assert.ok(await writer.tab.evaluate(isWrong));
        assert.deepEqual(await writer.strokes(), PLUS);
        takeErrors(writer);
        await writer.draw([PLUS[0]!.map(([x, y]) => [x + 150, y])]);
        await writer.tab.until(`${complete} && ${first}.startsWith("+") && !${status}`);
      }),
    );
  }
});

test("if every worker stops, the ink is kept, and the next stroke tries again", options, async () => {
  await withPage(async (writer) => {
    await writer.tab.evaluate(`{
      const Right = Worker;
      let stops = 1;
      window.Worker = class extends Right {
        postMessage(order) {
          if (order.kind !== "read" || stops-- <= 0) return super.postMessage(order);
          setTimeout(() => this.dispatchEvent(new ErrorEvent("error", { message: "out of ink" })));
        }
      };
    }`);
    await writer.tab.evaluateInWorker(STOPS["an error of its script"]);
    await writer.draw(PLUS.slice(0, 1));
    await writer.tab.until(`${status}.includes("undo a stroke, or save the ink")`);
    assert.deepEqual(await writer.strokes(), PLUS.slice(0, 1));
    takeErrors(writer);
    await writer.draw(PLUS.slice(1));
    await writer.reads("+");
  });
});

test("if the model cannot be loaded, the next stroke tries again", options, async () => {
  await withPage(async (writer) => {
    await writer.tab.send("Page.addScriptToEvaluateOnNewDocument", {
      source: `{
      const Right = Worker;
      let loads = 0;
      window.Worker = class extends Right {
        postMessage(order) {
          super.postMessage(order.kind === "load" && !loads++ ? { ...order, model: order.model + ".missing" } : order);
        }
      };
    }`,
    });
    await writer.tab.goto(`${await writer.tab.evaluate("location.href")}?again`);
    await writer.tab.until(`/cannot be loaded.* 404 .*the next stroke tries again/.test(${status})`);
    await writer.draw(PLUS);
    await writer.reads("+");
    assert.equal(await writer.tab.evaluate(status), "");
  });
});

test("LiteRT's INFO lines are not printed on the console, its errors are", options, async () => {
  await withPage(async ({ tab }) => {
    const said = await tab.evaluate<string[]>(`(async () => {
      const said = [];
      for (const level of ["log", "info", "warn", "error"]) console[level] = (...words) => said.push(level + " " + words.join(" "));
      let module, settings;
      Object.defineProperty(window, "Module", { get: () => module, set: (value) => (settings ??= module = value), configurable: true });
      const { loadRecognizer } = await import("./recognizer.js");
      const recognizer = await loadRecognizer("../default.tflite", "litert/litert_wasm_compat_internal.js");
      await recognizer.recognize([[[0, 5], [10, 5]], [[5, 0], [5, 10]]], 5);
      for (const line of ["INFO: out of ink", "WARNING: out of ink", "ERROR: out of ink", "out of ink"]) settings.printErr(line);
      return said;
    })()`);
    assert.deepEqual(
      said.filter((line) => line.includes("INFO")),
      [],
    );
    assert.deepEqual(
      said.filter((line) => line.includes("ink")),
      ["warn WARNING: out of ink", "error ERROR: out of ink", "error out of ink"],
    );
  });
});

/** Clear the expected errors. */
function takeErrors(writer: Writer): void {
  assert.ok(writer.tab.errors.splice(0).every((error) => error.includes("out of ink")));
}
