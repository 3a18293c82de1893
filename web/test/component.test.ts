/** The web component in a headless Chromium: as a field of a form, by keyboard, several of them, and taken away. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fit } from "../src/page/inkml.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { Browser, serve } from "./chromium.ts";
import { half, options, type Pointer, readInks, twoInks, Writer } from "./writer.ts";

const web = fileURLToPath(new URL("../../", import.meta.url));
const folder = `${web}build/pad/`;
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
const MINUS = PLUS.slice(0, 1);
/** Seven sweeps over the plus. */
const ZIGZAG = Array.from({ length: 8 }, (_, i): Point => [i % 2 ? 205 : 95, 55 + 13 * i]);
const CONTROL = 2;

before(() => execFileSync(process.execPath, [`${web}pack.mjs`], { stdio: "inherit" }));

/** Write a page with some elements, open it, and run a test on it. `pad` is its first pad, `events` what pads fire. */
async function withPads(body: string, run: (tab: PadTab) => Promise<void>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}index.html`,
    `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Pads</title>
    <script>
      const events = [];
      for (const name of ["reading", "accept", "commit", "input", "change"])
        addEventListener(name, ({ type, detail }) => events.push({ type, detail }));
      const { Worker: Right } = window;
      let workers = 0;
      window.Worker = class extends Right { constructor(...all) { super(...all); workers++; } };
    </script>
    <body>${body}<script type="module" src="../../dist/pad.js"></script></body></html>`,
  );
  const { address, server, requests } = await serve(web);
  const browser = new Browser();
  try {
    const tab = await browser.open(`${address}build/pad/`);
    await tab.until(`customElements.get("tegashiki-pad")`);
    await tab.evaluate(`void (window.pad = document.querySelector("tegashiki-pad"))`);
    const writer = await Writer.on(tab, SHEET, "true");
    await run({ tab, writer, requests });
    assert.deepEqual(tab.errors, []);
  } finally {
    await browser.close();
    server.close();
  }
}

interface PadTab {
  tab: Writer["tab"];
  /** Writes on the first pad. */
  writer: Writer;
  requests: string[];
}

const SHEET = `document.querySelector("tegashiki-pad").shadowRoot.querySelector("canvas")`;
const complete = `pad.shadowRoot.querySelector(".readings").dataset.state === "complete"`;
const reads = (latex: string): string => `${complete} && pad.value === ${JSON.stringify(latex)}`;

test("what is written is the field's value in its form", options, async () => {
  const form = `<form id="form"><tegashiki-pad name="formula" value="x" required></tegashiki-pad></form>`;
  await withPads(form, async ({ tab, writer }) => {
    const sent = `new FormData(form).get("formula")`;
    assert.equal(await tab.evaluate(sent), "x");
    await strikesOut(tab, writer);
    await selects(tab, writer);
    for (const by of ["pen", "mouse", "touch"] satisfies Pointer[]) {
      if (by === "touch") await tab.send("Emulation.setTouchEmulationEnabled", { enabled: true });
      await writer.draw(PLUS, by);
      await tab.until(reads("+"));
      assert.equal(await tab.evaluate(sent), "+");
      await tab.evaluate(`pad.clear()`);
      assert.equal(await tab.evaluate(`pad.value`), "x");
    }
    await tab.evaluate(`pad.clear()`);
    assert.deepEqual(await tab.evaluate(`[${sent}, pad.validity.valueMissing, form.checkValidity()]`), [
      "",
      true,
      false,
    ]);
    assert.equal(await tab.evaluate(`pad.validationMessage`), "Write a formula.");
    await tab.evaluate(`form.reset()`);
    assert.deepEqual(await tab.evaluate(`[${sent}, form.checkValidity(), pad.form === form]`), ["x", true, true]);
  });
});

/** A zigzag over ink takes it away, unless gestures are switched off. Leaves an empty sheet. */
async function strikesOut(tab: Writer["tab"], writer: Writer): Promise<void> {
  const count = "pad.strokes.length";
  await writer.draw([...PLUS, ZIGZAG]);
  assert.equal(await tab.evaluate(count), 0);
  const said = `pad.shadowRoot.querySelector("[role=status]").textContent.startsWith("Struck out: 2 strokes.")`;
  await tab.until(said);
  await tab.evaluate(`pad.undo()`);
  assert.equal(await tab.evaluate(count), 2);
  await tab.evaluate(`pad.gestures = false`);
  await writer.draw([ZIGZAG]);
  assert.equal(await tab.evaluate(count), 3);
  await tab.evaluate(`void ((pad.gestures = true), pad.clear())`);
}

/** Strokes are selected, copied, moved and deleted by buttons and keys. Leaves an empty sheet. */
async function selects(tab: Writer["tab"], writer: Writer): Promise<void> {
  const count = "pad.strokes.length";
  const button = (name: string): string => `pad.shadowRoot.querySelector(".${name}")`;
  await writer.draw(PLUS);
  await tab.evaluate(`${button("select")}.click()`);
  assert.ok(!(await tab.evaluate(`${button("delete")}.checkVisibility()`)));
  await writer.draw([[[150, 60]]]);
  await tab.evaluate(`${button("duplicate")}.click()`);
  assert.deepEqual(await tab.evaluate(`pad.strokes[2][0]`), [174, 74]);
  await writer.press("ArrowRight");
  assert.deepEqual(await tab.evaluate(`pad.strokes[2][0]`), [182, 74]);
  await tab.evaluate(`${button("delete")}.click()`);
  assert.equal(await tab.evaluate(count), 2);
  await writer.press("a", CONTROL);
  await writer.press("Delete");
  assert.equal(await tab.evaluate(count), 0);
  await writer.press("Escape");
  assert.equal(await tab.evaluate(`${button("select")}.ariaPressed`), "false");
}

test("readings, an acceptance and the end of a formula are told in this order", options, async () => {
  await withPads("<tegashiki-pad></tegashiki-pad>", async ({ tab, writer }) => {
    await writer.draw(PLUS);
    await tab.until(reads("+"));
    await writer.press("2");
    const second = await tab.evaluate<string>(`events.find(({ type }) => type === "accept").detail.candidate.latex`);
    await tab.until(reads(second));
    await writer.press("Enter");
    await tab.until(`events.at(-1).type === "change"`);
    assert.equal(await tab.evaluate(`pad.value`), second);
    const told = await tab.evaluate<string[]>(`events.map(({ type }) => type)`);
    const order = ["input", "reading", "accept", "commit", "change"];
    const firsts = order.map((name) => told.indexOf(name));
    assert.ok(
      firsts.every((place, i) => place > (firsts[i - 1] ?? -1)),
      told.join(" "),
    );
    const { latex, candidate, strokes } = await tab.evaluate<{
      latex: string;
      candidate: { latex: string };
      strokes: Point[][];
    }>(`events.find(({ type }) => type === "commit").detail`);
    assert.deepEqual([latex, candidate.latex, strokes], [second, second, PLUS]);
    assert.equal(await tab.evaluate(`pad.strokes.length`), 0);
    await writer.draw(MINUS);
    await tab.until(reads("-"));
  });
});

test("lines under each other are told apart, gone back to, joined and finished", options, async () => {
  const page = `<tegashiki-pad several-lines style="--tegashiki-height: 300px"></tegashiki-pad>`;
  await withPads(page, async ({ tab, writer }) => {
    const [one, two] = twoInks();
    const rows = `[...pad.shadowRoot.querySelectorAll(".rows:not([hidden]) button")]`;
    const listed = `${rows}.map(({ dataset }) => dataset.latex).join(" / ")`;
    const isListed = `${complete} && ${listed} === ${JSON.stringify(`${one.label} / ${two.label}`)}`;
    await writer.draw(half(one, writer.box, 0));
    await tab.until(reads(one.label));
    await writer.draw(half(two, writer.box, 1));
    await tab.until(isListed);
    const both = await tab.evaluate<string>(`pad.value`);
    assert.match(both, /^\\begin\{(aligned|gathered|cases)\}.*\\\\.*\\end/);
    await tab.resize(760, 670);
    await writer.picture("component-lines");
    await tab.evaluate(`${rows}[0].click()`);
    await tab.until(`${rows}[0]?.ariaCurrent === "true" && pad.shown[0].latex === ${JSON.stringify(one.label)}`);
    assert.equal(await tab.evaluate(`pad.value`), both);
    await tab.evaluate(`${rows}[1].click()`);
    await tab.evaluate(`pad.shadowRoot.querySelector(".joinLine").click()`);
    await tab.until(`${complete} && ${listed} === "" && pad.value !== ${JSON.stringify(both)}`);
    await writer.press("z", CONTROL);
    await tab.until(`${isListed} && pad.value === ${JSON.stringify(both)}`);
    await writer.press("Enter");
    await tab.until(`events.at(-1).type === "change"`);
    const last = `events.findLast(({ type }) => type === "commit").detail`;
    const read = `${last}.lines.map(({ candidate, strokes }) => [candidate.latex, strokes.length])`;
    assert.deepEqual(await tab.evaluate(`[${last}.latex, ...${read}]`), [
      both,
      [one.label, one.strokes.length],
      [two.label, two.strokes.length],
    ]);
  });
});

test(
  "several pads share one worker and one model, and one that is taken away hears nothing more",
  options,
  async () => {
    const three = "<tegashiki-pad></tegashiki-pad>".repeat(3);
    await withPads(three, async ({ tab, writer, requests }) => {
      await tab.evaluate(`void (pads = [...document.querySelectorAll("tegashiki-pad")])`);
      for (const pad of [1, 2]) await tab.evaluate(`void (pads[${pad}].strokes = ${JSON.stringify(MINUS)})`);
      await writer.draw(PLUS);
      await tab.until(`${reads("+")} && pads.slice(1).every(({ value }) => value === "-")`);
      assert.equal(await tab.evaluate(`workers`), 1);
      for (const file of ["default.tflite", "worker.js", ".wasm"]) {
        assert.equal(requests.filter((path) => path.endsWith(file)).length, 1, file);
      }
      await tab.evaluate(`void pad.remove()`);
      const pointer = JSON.stringify({ pointerId: 5, pointerType: "pen", isPrimary: true, button: 0, buttons: 1 });
      await tab.evaluate(
        `void pad.shadowRoot.querySelector("canvas").dispatchEvent(new PointerEvent("pointerdown", ${pointer}))`,
      );
      await tab.evaluate(`void window.dispatchEvent(new PointerEvent("pointerup", ${pointer}))`);
      assert.equal(await tab.evaluate(`pad.strokes.length`), 2);
      await tab.evaluate(`void document.body.prepend(pad)`);
      await tab.until(reads("+"));
      await writer.draw(MINUS);
      await tab.until(`pad.strokes.length === 3 && ${complete}`);
      assert.equal(await tab.evaluate(`workers`), 1);
    });
  },
);

test("an answer is offered where the attribute asks for it, and taken by an event", options, async () => {
  await withPads("<tegashiki-pad></tegashiki-pad>", async ({ tab, writer, requests }) => {
    await tab.evaluate(`void (pad.reader = {
      maxStrokes: 99,
      read: async ({ strokes }) => {
        const tokens = [...(strokes.length > 1 ? "1+2=" : "1+2")];
        const strokesOfToken = tokens.map((_, i) => (i ? [] : strokes.map((_, stroke) => stroke)));
        return {
          candidates: [{ latex: tokens.join(""), tokens, probability: 1, strokesOfToken, complete: true }],
          released: false,
        };
      },
    })`);
    const offer = `pad.shadowRoot.querySelector(".answer button")`;
    await writer.draw(PLUS);
    await tab.until(reads("1+2="));
    assert.equal(await tab.evaluate(offer), null);
    assert.ok(!requests.some((path) => path.endsWith("/answers.js")), "loaded without the attribute");
    await tab.evaluate(`void (pad.answers = true)`);
    await tab.until(`${offer}?.dataset.latex === "3"`);
    assert.equal(await tab.evaluate(`pad.value`), "1+2=");
    await tab.evaluate(`void addEventListener("answer", ({ detail }) => (window.taken = detail))`);
    await tab.evaluate(`${offer}.click()`);
    assert.deepEqual(await tab.evaluate(`[taken.latex, taken.candidate.latex]`), ["3", "1+2="]);
    await tab.evaluate(`pad.undo()`);
    await tab.until(`${reads("1+2")} && ${offer} === null`);
    await offersCommas(tab, writer);
  });
});

/** Decimal commas are offered in German, or if the attribute asks for them, and what is taken is the value. */
async function offersCommas(tab: Writer["tab"], writer: Writer): Promise<void> {
  const offer = `pad.shadowRoot.querySelector(".comma button")`;
  await tab.evaluate(`void (pad.clear(), pad.reader = {
    maxStrokes: 99,
    read: async ({ strokes }) => {
      const tokens = [..."2,5+1="];
      const strokesOfToken = tokens.map((_, i) => (i ? [] : strokes.map((_, stroke) => stroke)));
      return {
        candidates: [{ latex: tokens.join(""), tokens, probability: 1, strokesOfToken, complete: true }],
        released: false,
      };
    },
  })`);
  await writer.draw(MINUS);
  await tab.until(reads("2,5+1="));
  assert.equal(await tab.evaluate(offer), null);
  await tab.evaluate(`void (pad.lang = "de")`);
  assert.deepEqual(await tab.evaluate(`[${offer}.dataset.latex, ${offer}.ariaPressed, pad.value]`), [
    "2{,}5+1=",
    "false",
    "2,5+1=",
  ]);
  await tab.evaluate(`${offer}.click()`);
  assert.deepEqual(await tab.evaluate(`[${offer}.ariaPressed, pad.value, pad.shown[0].latex]`), [
    "true",
    "2{,}5+1=",
    "2,5+1=",
  ]);
  await tab.until(`pad.shadowRoot.querySelector(".answer button")?.dataset.latex === "3{,}5"`);
  await tab.evaluate(`void (pad.decimalComma = "off")`);
  assert.deepEqual(await tab.evaluate(`[${offer}, pad.value]`), [null, "2,5+1="]);
  await tab.evaluate(`void ((pad.lang = "en"), (pad.decimalComma = "on"))`);
  await tab.evaluate(`${offer}.click()`);
  await writer.press("Enter");
  await tab.until(`events.at(-1).type === "change" && pad.value === "2{,}5+1="`);
  const last = `events.findLast(({ type }) => type === "commit").detail`;
  assert.deepEqual(await tab.evaluate(`[${last}.latex, ${last}.candidate.latex]`), ["2{,}5+1=", "2,5+1="]);
}

test("it is used by keyboard, and screen readers know its parts", options, async () => {
  const page = `<label for="p">Root</label><tegashiki-pad id="p"></tegashiki-pad><button id="after">After</button>`;
  await withPads(page, async ({ tab, writer }) => {
    const focused = `pad.shadowRoot.activeElement?.classList[0]`;
    await tab.evaluate(`document.querySelector("label").click()`);
    assert.equal(await tab.evaluate(focused), "sheet");
    await writer.draw(PLUS);
    await tab.until(reads("+"));
    await writer.press("z", CONTROL);
    await tab.until(reads("-"));
    await writer.press("y", CONTROL);
    await tab.until(reads("+"));
    await writer.press("1");
    await tab.until(`${reads("+")} && pad.shadowRoot.querySelector(".readings button").ariaPressed === "true"`);
    await writer.press("ArrowRight");
    await tab.until(`!pad.shadowRoot.querySelector(".alternatives").hidden`);
    await writer.press("Escape");
    const { nodes } = (await tab.send("Accessibility.getFullAXTree")) as unknown as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    const seen = nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => `${role?.value}: ${name?.value}`);
    for (const part of [
      "group: Root",
      "application: Write here with a pen, a finger or the mouse",
      "button: Undo",
      "button: Done",
      "list: Readings, likeliest first",
      "button: +",
      "textbox: LaTeX of the formula",
    ]) {
      assert.ok(seen.includes(part), `no ${part} in ${seen.join("\n")}`);
    }
    assert.ok(
      seen.some((part) => part.startsWith("MathMLMath")),
      "no MathML",
    );
    await tab.evaluate(`pad.shadowRoot.querySelector(".latex").focus()`);
    await tab.send("Input.insertText", { text: "\\sqrt{e1}" });
    await writer.press("Tab");
    assert.equal(await tab.evaluate(`document.activeElement.id`), "after");
    assert.equal(await tab.evaluate(`pad.value`), "+\\sqrt{e1}"); // "e" and "1" are no shortcuts while one types
  });
});

test(
  "attributes limit readings, set the language and the theme, and parts and properties can be styled",
  options,
  async () => {
    const page = `<style>tegashiki-pad { --tegashiki-ink: rgb(1, 2, 3) } tegashiki-pad::part(sheet) { height: 333px }</style>
    <fieldset id="set"><tegashiki-pad candidates="2" restrict="1 -" lang="de-AT" theme="dark"></tegashiki-pad></fieldset>`;
    await withPads(page, async ({ tab, writer }) => {
      const inside = (selector: string): string => `pad.shadowRoot.querySelector(${JSON.stringify(selector)})`;
      await writer.draw(PLUS);
      await tab.until(`${complete} && pad.shown.length`);
      assert.ok(
        await tab.evaluate(
          `pad.shown.length <= 2 && pad.shown.every(({ tokens }) => tokens.every((one) => "1-".includes(one)))`,
        ),
      );
      await tab.evaluate(`pad.removeAttribute("restrict")`);
      await tab.until(reads("+"));
      const texts = `[${inside(".done")}.title, ${inside(".readings button")}.title]`;
      assert.deepEqual(await tab.evaluate(texts), ["Fertig (Eingabe)", "Annehmen (1)"]);
      await tab.evaluate(`void (pad.lang = "ja")`);
      assert.deepEqual(await tab.evaluate(texts), ["完了 (Enter)", "確定 (1)"]);
      assert.equal(await tab.evaluate(`${inside(".sheet")}.getBoundingClientRect().height`), 333);
      assert.equal(await tab.evaluate(`getComputedStyle(${inside(".pad")}).color`), "rgb(1, 2, 3)");
      assert.equal(await tab.evaluate(`getComputedStyle(${inside(".pad")}).colorScheme`), "dark");
      await tab.until(
        `document.fonts.check("20px KaTeX_Main") && [...document.fonts].some(({ status }) => status === "loaded")`,
      );
      await tab.evaluate(`void (set.disabled = true)`);
      await writer.draw(MINUS);
      assert.equal(await tab.evaluate(`pad.strokes.length`), 2);
      await tab.evaluate(`void (set.disabled = false, pad.restrict = "nothing")`);
      await tab.until(`${inside(".status.wrong")}?.textContent.startsWith("no restriction 'nothing'")`);
    });
  },
);

test("a part of an existing formula is selected, and what is written takes its place", options, async () => {
  const page = `<tegashiki-pad value="\\frac{a}{b}+c^{2}"></tegashiki-pad>`;
  await withPads(page, async ({ tab, writer }) => {
    const part = (text: string): string =>
      `[...pad.shadowRoot.querySelectorAll(".formula [data-t]")].findLast((one) => one.textContent === "${text}")`;
    const press = async (type: string, text: string) => {
      const place = await tab.evaluate<{ x: number; y: number }>(`(() => {
        const { x, y, width, height } = ${part(text)}.getBoundingClientRect();
        return { x: x + width / 2, y: y + height / 2 };
      })()`);
      await tab.send("Input.dispatchMouseEvent", { type, ...place, button: "left", buttons: 1, clickCount: 1 });
    };
    const tap = async (text: string) => {
      await press("mousePressed", text);
      await press("mouseReleased", text);
    };
    await tab.resize(760, 480);
    const selected = `pad.value.slice(pad.selectionStart, pad.selectionEnd)`;
    await tap("b");
    assert.equal(await tab.evaluate(selected), "b");
    await writer.draw(MINUS);
    await tab.until(reads("\\frac{a}{-}+c^{2}"));
    await writer.picture("correction");
    await writer.press("z", CONTROL);
    await tab.until(reads("\\frac{a}{b}+c^{2}"));
    assert.equal(await tab.evaluate(selected), "b");
    await tap("b");
    assert.equal(await tab.evaluate(selected), "\\frac{a}{b}"); // a second tap takes more
    await press("mousePressed", "+");
    await press("mouseMoved", "2");
    await press("mouseReleased", "2");
    assert.equal(await tab.evaluate(selected), "+c^{2}");
    await writer.press("End");
    await writer.draw(PLUS);
    await tab.until(reads("\\frac{a}{b}+c^{2}+"));
    await writer.press("Enter");
    await tab.until(`events.at(-1).type === "change"`);
    await writer.draw(MINUS); // goes on behind what was finished
    await tab.until(reads("\\frac{a}{b}+c^{2}+-"));
    await tab.evaluate(`void pad.select(0)`);
    assert.equal(await tab.evaluate(`pad.strokes.length`), 0);
    await tab.evaluate(`void pad.shadowRoot.querySelector(".formula").focus()`);
    const shift = 8;
    await writer.press("ArrowRight", shift);
    await writer.press("Delete");
    assert.equal(await tab.evaluate(`pad.value`), "+c^{2}+-");
    await tab.evaluate(`void pad.select(0, 8)`);
    await writer.draw(PLUS);
    await tab.until(reads("+"));
  });
});

test("a formula of some symbols is written, also on a phone", options, async () => {
  const [ink] = readInks();
  await withPads("<tegashiki-pad></tegashiki-pad>", async ({ tab, writer }) => {
    await tab.resize(760, 480);
    await writer.draw(fit(ink!.strokes, 740, writer.box.height));
    await tab.until(reads(ink!.label));
    await writer.picture("component");
    await tab.resize(390, 844, 2);
    assert.ok(await tab.evaluate(`document.documentElement.scrollWidth <= 390`), "it scrolls sideways");
    await writer.picture("component-phone");
  });
});
