/** No text of the page and the component is missing in any language, and a change of the language changes all of them. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { LANGUAGES, type Texts, textsOf } from "../src/parts/texts.ts";
import type { Tab } from "./chromium.ts";
import { NARROW, options, PLUS, Writer, withPage } from "./writer.ts";

const root = new URL("../../../web/src/", import.meta.url);
const html = readFileSync(new URL("page/index.html", root), "utf8");
const body = html.slice(html.indexOf("<body>"));
const [en, ...others] = LANGUAGES as [Texts, ...Texts[]];
/** Names that are the same in all languages. */
const NAMES = ["LaTeX", "MathML", "PNG"];
/** Files whose errors are English: they are about files of ink, or for developers. */
const ENGLISH = [
  ...["page/context.ts", "page/encoding.ts", "page/inkml.ts", "page/json-ink.ts", "page/trace.ts"],
  ...["page/service-worker.ts", "pad/spans.ts"],
];
/** Strings of several words that users do not read. */
const UNREAD = [
  ...["clear save", "copy-latex copy-mathml copy-png copy-as correct done", "readings alternatives", "readings answer"],
  "readings comma",
  ...["(prefers-color-scheme: dark)", "first reading"],
  ...["The page does not work offline:", "the pad is in no document: nothing reads its ink"], // for developers
];
/** HTML, styles, and names of shortcuts. */
const MADE = /[<;]|^control /;
/** Texts that the code names in parts: the title of a pad's button is `${action}Title`. */
const NAMED_IN_PARTS = ["doneTitle"];
/** Places in the code whose strings users read, even if they are single words. */
const SHOWN = [
  /\b(?:title|textContent|placeholder|ariaLabel|ariaDescription) = (["`])(.*?)\1/g,
  /setAttribute\("(?:title|aria-label|aria-description)", (["`])(.*?)\1/g,
  /\b(?:say|refuse|UserError)\((?:\(\w*\) => )?(["`])(.*?)\1/g,
  /\bmade\("\w+", (["`])(.*?)\1/g,
];
const language = "document.documentElement.lang";
const text = (id: string) => `document.getElementById("${id}").textContent`;

/** The code by its file, without comments. */
const code = new Map(
  ["page", "parts", "pad"].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root))
      .filter((file) => file.endsWith(".ts"))
      .map((file): [string, string] => {
        const source = readFileSync(new URL(`${folder}/${file}`, root), "utf8");
        return [`${folder}/${file}`, source.replace(/\/\*.*?\*\//gs, "").replace(/(^|\s)\/\/ .*/g, "")];
      }),
  ),
);
/** A string of the code without the values that it includes. */
function withoutValues(source: string): string {
  return source.replace(/\$\{.*?\}/g, "…");
}

const named = [...html.matchAll(/ data-(?:text|title|label)="(\w*)"/g)].map(([, key]) => key!);

test("the document says nothing itself, and all that it names exists", () => {
  const said = [...body.matchAll(/>([^<]*)</g), ...html.matchAll(/ (?:title|aria-label|placeholder)="([^"]*)"/g)];
  assert.deepEqual(
    said.map(([, found]) => found!.trim()).filter((found) => /[a-z]{2}/i.test(found) && !NAMES.includes(found)),
    [],
  );
  assert.ok(named.length > 50);
  assert.deepEqual(
    named.filter((key) => typeof en[key as keyof Texts] !== "string"),
    [],
  );
  assert.equal(/<title>(.*)<\/title>/.exec(html)![1], en.title, "what search engines find");
});

test("the code says nothing that cannot be translated", () => {
  const left: string[] = [];
  for (const [file, source] of code) {
    if (ENGLISH.includes(file)) continue;
    const strings = [...source.matchAll(/(["`])(.*?)\1/g)].map(([, , found]) => withoutValues(found!));
    const words = strings.filter((found) => /[a-z][,:.]? [a-z]/i.test(found) && !MADE.test(found));
    const shown = SHOWN.flatMap((place) => [...source.matchAll(place)].map(([, , found]) => withoutValues(found!)));
    const read = shown.filter((found) => /[a-z]{2}/i.test(found) && !NAMES.includes(found));
    left.push(...[...words, ...read].filter((found) => !UNREAD.includes(found)).map((found) => `${file}: ${found}`));
  }
  assert.ok(code.size > 30, `${code.size} files`);
  assert.deepEqual(left, []);
});

test("every text is used, and translated into every language", () => {
  const sources = [...code.values()].join("\n");
  for (const key of Object.keys(en) as (keyof Texts)[]) {
    const use = new RegExp(`\\.${key}\\b|[{,] ${key}\\b[^(=]*\\}\\)? (=>|of|=)|"${key}"`);
    assert.ok(named.includes(key) || NAMED_IN_PARTS.includes(key) || use.test(sources), `nothing shows ${key}`);
    for (const texts of others) {
      assert.notEqual(String(texts[key]), String(en[key]), `${key} in ${texts.name}`);
      assert.ok(texts[key], `${key} in ${texts.name}`);
    }
  }
});

test("the first known language is taken, else English", () => {
  assert.equal(textsOf("fr", "de-AT", "en").code, "de");
  assert.equal(textsOf("JA").code, "ja");
  assert.equal(textsOf("", "fr").code, "en");
  assert.equal(textsOf().code, "en");
});

/** What a user of the page can see or hear that is English and should not be. */
function untranslated(tab: Tab): Promise<string[]> {
  const english = Object.entries(en).filter(([key, value]) => key !== "name" && typeof value === "string");
  const beginnings = ["Accept", "Copy ", "Learnt", "Forgotten", "in doubt"];
  return tab.evaluate(`(() => {
    const texts = document.body.innerText.split(/[\\n\\t]/);
    for (const element of document.body.querySelectorAll("*")) {
      texts.push(element.title, element.ariaLabel, element.ariaDescription, element.textContent);
    }
    const said = texts.map((text) => (text ?? "").trim());
    return said.filter((text) => ${JSON.stringify(english.map(([, value]) => value))}.includes(text) ||
      ${JSON.stringify(beginnings)}.some((start) => text.startsWith(start)));
  })()`);
}

function choose(tab: Tab, code: string): Promise<void> {
  return tab.evaluate(`void (() => {
    const list = document.getElementById("language");
    list.value = ${JSON.stringify(code)};
    list.dispatchEvent(new Event("change"));
  })()`);
}

/** Open the page of another tab on a phone whose user prefers some languages. */
async function onPhone(tab: Tab, address: string, acceptLanguage: string): Promise<Writer> {
  const userAgent = await tab.evaluate<string>("navigator.userAgent");
  await tab.send("Emulation.setUserAgentOverride", { userAgent, acceptLanguage });
  await tab.goto(`${address}?phone`);
  await tab.until(`location.search === "?phone"`);
  return Writer.on(tab);
}

test("the browser's language is used, and the list changes all that is on the screen", options, async () => {
  await withPage(async (english, _, browser) => {
    assert.deepEqual(await english.tab.evaluate(`[${language}, ${text("undo")}.trim()]`), ["en", "↶ Undo"]);
    const address = await english.tab.evaluate<string>("location.href");
    const tab = await browser.open(address, 390, 844);
    const writer = await onPhone(tab, address, "fr,de-AT,en");
    assert.deepEqual(await tab.evaluate(`[${language}, ${text("undo")}.trim()]`), ["de", "↶ Rückgängig"]);
    assert.match(await tab.evaluate("document.title"), /Mathematik/);
    await writer.draw(PLUS);
    await writer.reads("+");
    await writer.press("1");
    await tab.until(`${text("learnt")} === "Aus 1 Formel gelernt."`);
    await writer.press("Enter");
    await tab.until(`document.querySelector("#history button")?.title === "+ kopieren"`);
    await writer.draw(PLUS);
    await writer.reads("+");
    await writer.click("memory-show");
    await tab.until(`document.querySelector("#symbols ul button")`);
    await tab.evaluate(`document.querySelector("#symbols ul button").click()`);
    await tab.until(`document.querySelector("#symbols .details")`);
    await writer.press("ArrowRight");
    const other = `document.querySelector("#alternatives:not([hidden]) li:last-child button")?.textContent`;
    await tab.until(`${other} === "Anderes …"`);
    await writer.press("c");
    await tab.until(`${text("status")} === "LaTeX ist kopiert."`);
    assert.deepEqual(await untranslated(tab), []);
    assert.ok(await tab.evaluate(NARROW), "German fits a phone");
    await writer.picture("german");
    await tab.evaluate("window.same = true");
    const strokes = await writer.strokes();
    await choose(tab, "ja");
    await tab.until(
      `${other} === "その他…" && document.querySelector("#symbols .details button").textContent.includes("忘れる")`,
    );
    assert.deepEqual(
      await tab.evaluate(
        `[${language}, document.querySelector("#candidates button").title, ${text("learnt")}, ${text("status")}]`,
      ),
      ["ja", "確定 (1)", "1 個の数式から学習しました。", "LaTeX をコピーしました。"],
    );
    assert.ok(await tab.evaluate("window.same"), "the page is not loaded anew");
    assert.deepEqual(await writer.strokes(), strokes);
    assert.deepEqual(await untranslated(tab), []);
    assert.ok(await tab.evaluate(NARROW), "Japanese fits a phone");
    await writer.picture("japanese");
    await tab.goto(address);
    await tab.until(`${language} === "ja" && document.body.dataset.ready`);
    assert.deepEqual(tab.errors, []);
  });
});

test("what is said changes its language with the page, as long as it is shown", options, async () => {
  await withPage(async ({ tab, ...rest }) => {
    const writer = Object.assign(Object.create(Writer.prototype) as Writer, { tab, ...rest });
    await writer.draw(PLUS);
    await writer.reads("+");
    await writer.press("c");
    await tab.until(`${text("status")} === "LaTeX is copied."`);
    await choose(tab, "de");
    assert.equal(await tab.evaluate(text("status")), "LaTeX ist kopiert.");
    await tab.evaluateInWorker(`void (self.onmessage = () => { throw new Error("no ink"); })`);
    await writer.press("z", 2);
    await tab.until(`${text("status")}.startsWith("Die Erkennung wurde beendet (")`);
    await choose(tab, "en");
    assert.match(await tab.evaluate(text("status")), /^The recogniser stopped \(.*no ink\) and restarts/);
    tab.errors.length = 0;
  });
});
