/** No text of the page is missing in any language, and the browser's language or the list chooses one. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { TEXTS } from "../src/page/languages.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import type { Tab } from "./chromium.ts";
import { NARROW, options, Writer, withPage } from "./writer.ts";

const root = new URL("../../../", import.meta.url);
const page = new URL("web/src/page/", root);
const html = readFileSync(new URL("index.html", page), "utf8");
const code = readdirSync(page)
  .filter((file) => file.endsWith(".ts") && file !== "languages.ts")
  .map((file) => readFileSync(new URL(file, page), "utf8"))
  .join("\n");
const command = readFileSync(new URL("tegashiki/commands/pad.py", root), "utf8");
/** Names that are the same in all languages. */
const NAMES = ["LaTeX", "MathML", "PNG"];
const PLUS: Point[][] = [
  [
    [100, 150],
    [150, 150],
    [200, 150],
  ],
  [
    [150, 100],
    [150, 150],
    [150, 200],
  ],
];
const language = "document.documentElement.lang";
const label = `document.getElementById("undo").textContent.trim()`;

/** The texts of the document: what is between tags, titles and labels. */
function documentTexts(): string[] {
  const body = html.slice(html.indexOf("<body>"));
  const found = [
    ...body.matchAll(/>([^<]*)</g),
    ...body.matchAll(/(?:title|aria-label)="([^"]*)"/g),
    ...html.matchAll(/<title>([^<]*)</g),
  ];
  return found.map(([, text]) => text!.trim()).filter((text) => /[a-z]{2}/i.test(text) && !NAMES.includes(text));
}

test("every text of the document and of the code is in the table", () => {
  const called = [...code.matchAll(/\bt\(\s*(?:\w+ \? )?"([^"]*)"(?: : "([^"]*)")?/g)].flatMap(([, one, other]) => [
    one!,
    other ?? "",
  ]);
  const used = [...documentTexts(), ...called.filter(Boolean)];
  assert.ok(used.length > 50, `${used.length} texts`);
  assert.deepEqual(
    used.filter((text) => !Object.hasOwn(TEXTS, text)),
    [],
  );
});

test("the code says nothing that cannot be translated", () => {
  const literals = [...code.matchAll(/\b(?:say|note)\((?:"([A-Z][^"]*)"|`([A-Z][^`]*)`)/g)].map(
    ([, one, other]) => one ?? other,
  );
  assert.deepEqual(literals, []);
});

test("every text of the table is used, and complete in every language", () => {
  const sources = [...documentTexts(), code, command].join("\n");
  for (const [english, others] of Object.entries(TEXTS)) {
    assert.ok(sources.includes(english), `nothing shows ${english}`);
    assert.equal(others.length, 2);
    for (const text of others) {
      assert.ok(text.trim() && text !== english, english);
      assert.equal(text.split("{}").length, english.split("{}").length, `the varying part of ${english}`);
    }
  }
});

/** What a user of the page can see or hear that is English and should not be. */
function untranslated(tab: Tab): Promise<string[]> {
  return tab.evaluate(`(() => {
    const english = ${JSON.stringify(Object.keys(TEXTS))};
    const texts = document.body.innerText.split("\\n").flatMap((line) => line.split("\\t"));
    for (const element of document.body.querySelectorAll("[title], [aria-label]")) texts.push(element.title, element.ariaLabel);
    return texts.filter((text) => english.includes((text ?? "").trim()));
  })()`);
}

test("the browser's language is used, and the list changes it without losing the ink", options, async () => {
  await withPage(async (english, _, browser) => {
    assert.deepEqual(await english.tab.evaluate(`[${language}, ${label}.slice(2)]`), ["en", "Undo"]);
    const address = await english.tab.evaluate<string>("location.href");
    const tab = await browser.open(address, 390, 844);
    const userAgent = await tab.evaluate<string>("navigator.userAgent");
    await tab.send("Emulation.setUserAgentOverride", { userAgent, acceptLanguage: "fr,de-AT,en" });
    await tab.goto(address);
    await tab.until(`${language} === "de"`);
    const writer = await Writer.on(tab);
    assert.deepEqual(await tab.evaluate(`[${language}, ${label}.slice(2)]`), ["de", "Rückgängig"]);
    assert.match(await tab.evaluate("document.title"), /Mathematik/);
    await writer.draw(PLUS);
    await writer.reads("+");
    assert.deepEqual(await untranslated(tab), []);
    assert.ok(await tab.evaluate(NARROW), "German fits a phone");
    const strokes = await writer.strokes();
    await tab.evaluate(`void (() => {
      const list = document.getElementById("language");
      list.value = "ja";
      list.dispatchEvent(new Event("change"));
    })()`);
    await tab.until(`${language} === "ja" && document.body.dataset.ready`);
    await writer.reads("+");
    assert.deepEqual(await writer.strokes(), strokes);
    assert.deepEqual(await untranslated(tab), []);
    assert.ok(await tab.evaluate(NARROW), "Japanese fits a phone");
    await writer.picture("japanese");
    await tab.goto(address);
    await tab.until(`${language} === "ja"`);
    assert.deepEqual(tab.errors, []);
  });
});
