/** Every formula that can be read can be typeset, and each of its symbols can be found again. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import katex from "katex";
import { marked } from "../src/page/marked.ts";
import { formulaHtml } from "../src/page/typeset.ts";
import { readMetadata } from "../src/recognizer/metadata.ts";
import { join, Vocabulary } from "../src/recognizer/vocabulary.ts";

const root = new URL("../../../", import.meta.url);
const { vocabulary } = readMetadata(readFileSync(new URL("tegashiki/assets/default.tflite", root)));
const golden = JSON.parse(readFileSync(new URL("web/test/golden.json", root), "utf8")) as {
  walks: { ids: number[]; visible: number[] }[];
};
const structure = new Set(["{", "}", "_", "^", "&", "\\\\", "\\begin{matrix}", "\\end{matrix}"]);
const arguments_: Record<string, string> = {
  "\\frac": "{a}{b}",
  "\\binom": "{a}{b}",
  "\\overset": "{a}{b}",
  "\\underset": "{a}{b}",
};
const accents =
  /^\\(overline|underline|(wide)?(hat|tilde|check)|vec|d*dot|breve|acute|grave|mathring|over(left|right)arrow|(over|under)brace|boxed|cancel|bar|sqrt)$/;

test("KaTeX knows every token", () => {
  for (const token of vocabulary) {
    if (structure.has(token)) continue;
    const latex = token + (arguments_[token] ?? (accents.test(token) ? "{a}" : ""));
    assert.doesNotThrow(() => katex.renderToString(latex, { strict: "ignore" }), token);
  }
});

golden.walks.forEach(({ ids, visible }, walk) => {
  test(`walk ${walk} is typeset, each symbol marked`, () => {
    const tokens = new Vocabulary(vocabulary).decode(ids);
    const strokesOfToken = tokens.map((_, i) => (visible.includes(i) ? [0] : []));
    const html = formulaHtml({ latex: join(tokens), tokens, strokesOfToken, probability: 1, complete: true });
    const found = new Set([...html.matchAll(/data-t="(\d+)"/g)].map(([, index]) => Number(index)));
    assert.deepEqual(
      [...found].sort((a, b) => a - b),
      visible,
    );
    assert.doesNotMatch(html, /katex-error/);
  });
});

test("marks do not change the formula", () => {
  const tokens = "\\sqrt [ 3 ] { x _ { 1 } ^ { 2 } } { } ^ { a }".split(" ");
  const strokes = tokens.map((token) => (/^[a-z0-9]$|sqrt/.test(token) ? [0] : []));
  const plain = marked(tokens, []);
  assert.equal(plain.replaceAll(" ", ""), tokens.join(""));
  assert.equal(
    marked(tokens, strokes)
      .replace(/\\htmlData\{t=\d+\}/g, "")
      .replace(/[{} ]/g, ""),
    plain.replace(/[{} ]/g, ""),
  );
});
