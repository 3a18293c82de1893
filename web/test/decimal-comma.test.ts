/** Numbers are offered with a decimal comma where that is the custom, lists are left alone, and conversions know them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { answer } from "../src/answers/answer.ts";
import { withDecimalCommas } from "../src/convert/decimal-comma.ts";
import { convert, type Form } from "../src/convert/index.ts";
import { hasDecimalComma, written } from "../src/parts/decimal-commas.ts";
import { canonical } from "../src/recognizer/latex.ts";
import { join } from "../src/recognizer/vocabulary.ts";

/** A formula with decimal commas as LaTeX, undefined if nothing is offered. */
function offered(latex: string): string | undefined {
  const tokens = withDecimalCommas(canonical(latex));
  return tokens && join(tokens);
}

test("the custom is that of the language and its country", () => {
  for (const language of ["de", "de-AT", "fr", "es", "it", "ru"]) assert.ok(hasDecimalComma(language), language);
  for (const language of ["en", "en-GB", "ja", "de-CH", "", "no language"]) {
    assert.ok(!hasDecimalComma(language), language);
  }
});

test("a number with one point or comma can have a decimal comma", () => {
  assert.equal(offered("3.14"), "3{,}14");
  assert.equal(offered("3,14"), "3{,}14");
  assert.equal(offered("x=1,5^2+\\frac{0.5}{2,25}"), "x=1{,}5^{2}+\\frac{0{,}5}{2{,}25}");
  assert.equal(offered("\\sqrt[3]{2,5}"), "\\sqrt[3]{2{,}5}");
  assert.equal(offered("2(1.5+x_{0.5})"), "2(1{,}5+x_{0{,}5})");
  assert.equal(offered("3,14."), "3{,}14.");
  assert.equal(offered("x=2.5,y=3"), "x=2{,}5,y=3");
  assert.equal(offered("[0,1)+2,5"), "[0,1)+2{,}5");
});

test("lists and other numbers are left as they are", () => {
  const inside = "f(1,2)  \\{1,2,3\\}  (1,2)  [0,1)  ]0,1[  \\langle1,2\\rangle  (\\frac{1,2}{3})  a_{1,2}";
  const others = "1,2,3  x,1,2  1,2,x  12  1,x  x,1  .5  5.  1.2.3  1,234.5  1.5,2.5";
  for (const latex of [...inside.split("  "), ...others.split("  ")]) {
    assert.equal(offered(latex), undefined, latex);
  }
});

test("the reading keeps its tokens in their places", () => {
  const reading = { latex: "3.14", tokens: [..."3.14"], strokesOfToken: [[0], [1], [2], [3]] };
  assert.deepEqual(written(reading, true), { ...reading, latex: "3{,}14", tokens: ["3", "{,}", "1", "4"] });
  assert.equal(written(reading, false), reading);
  const list = { latex: "1,2,3", tokens: [..."1,2,3"] };
  assert.equal(written(list, true), list);
});

test("code has a point, and every other form a comma", () => {
  // As in tests/convert/test_decimal_comma.py.
  const ends: Partial<Record<Form, string>> = {
    latex: "x=3{,}14",
    mathml: "<mi>x</mi><mo>=</mo><mn>3,14</mn></math>",
    typst: 'x = 3class("normal", ",")14',
    asciimath: 'x = 3","14',
    unicode: "x=3,14",
    sympy: "Eq(x, 3.14)",
    python: "x == 3.14",
    omml: "<m:r><m:t>x=3,14</m:t></m:r></m:oMath>",
  };
  const tokens = ["x", "=", "3", "{,}", "1", "4"];
  for (const [form, end] of Object.entries(ends)) {
    const found = convert(tokens, form as Form);
    assert.ok(found.endsWith(end), `${form}: ${found}`);
  }
  assert.equal(convert(["3", "^", "{", "2", "}", "{,}", "5"], "unicode"), "3²,5"); // in no number
});

test("an answer to numbers with decimal commas has them too", () => {
  const answered = (latex: string) => answer(withDecimalCommas(canonical(latex))!);
  assert.equal(answered("2,5+1="), "3{,}5");
  assert.equal(answered("0.5x=2"), "x=4");
  assert.equal(answered("2,5="), undefined); // says nothing new
});
