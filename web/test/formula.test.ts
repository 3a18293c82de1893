/** A formula's parts can be selected, and other LaTeX takes the place of a selection or is put at a cursor. */

import assert from "node:assert/strict";
import { test } from "node:test";
import katex from "katex";
import { Formula } from "../src/pad/formula.ts";
import { spansOf } from "../src/pad/spans.ts";

/** A formula whose selection, or whose cursor, is in square brackets. */
function at(text: string): Formula {
  const start = text.indexOf("«");
  const end = text.indexOf("»") - 1;
  return new Formula(text.replace(/[«»]/g, ""), start, end);
}

function shown({ latex, start, end }: Formula): string {
  return `${latex.slice(0, start)}«${latex.slice(start, end)}»${latex.slice(end)}`;
}

function partsOf(latex: string): string[] {
  return spansOf(latex)
    .filter(({ kind }) => kind !== "row")
    .map(({ start, end }) => latex.slice(start, end));
}

const PARTS: Record<string, string[]> = {
  "a+b": ["a", "+", "b"],
  "x_1^{n+1} y": ["x_1^{n+1}", "x", "n", "+", "1", "y"],
  "\\frac{a}2": ["\\frac{a}2", "a"],
  "\\sqrt[3]{\\alpha}": ["\\sqrt[3]{\\alpha}", "3", "\\alpha"],
  "\\left(a\\right)^2": ["\\left(a\\right)^2", "a"],
  "\\begin{matrix}1&2\\\\3&4\\end{matrix}": ["\\begin{matrix}1&2\\\\3&4\\end{matrix}", "1", "2", "3", "4"],
  "\\text{if }x'": ["\\text{if }", "x'", "x"],
  "\\sum\\limits_{i=0}^n i": ["\\sum\\limits_{i=0}^n", "i", "=", "0", "i"],
};

for (const [latex, parts] of Object.entries(PARTS)) {
  test(`the parts of ${latex}`, () => {
    assert.deepEqual(partsOf(latex).sort(), [...parts].sort());
    for (const place of [undefined, 0, latex.length]) {
      const marked = new Formula(latex, place, place).marked();
      katex.renderToString(marked, { throwOnError: true, strict: "ignore", trust: true });
    }
  });
}

test("LaTeX whose parts cannot be told apart is selected as a whole", () => {
  for (const latex of ["\\frac{a", "a}", "\\left(a", "\\begin{matrix}1", "x^"]) {
    assert.throws(() => spansOf(latex), /partner|missing/);
    assert.equal(shown(new Formula(latex).select(1, 1)), `«${latex}»`);
    assert.equal(new Formula(latex).with("1").latex, "1");
  }
});

test("what is written takes the place of the selection, or is put at the cursor", () => {
  assert.equal(shown(at("«a+b»").with("x")), "x«»");
  assert.equal(shown(at("\\frac{«a»}{b}").with("x+1")), "\\frac{x+1«»}{b}");
  assert.equal(shown(at("\\alpha«»+1").with("x")), "\\alpha x«»+1");
  assert.equal(shown(at("«»x").with("\\alpha")), "\\alpha«» x");
  assert.equal(shown(at("«x»^{2}").with("y")), "y«»^{2}");
  assert.equal(at("«x»^{2}").with("x+1").latex, "{x+1}^{2}");
  assert.equal(at("«x»^{2}").with("\\alpha").latex, "\\alpha^{2}");
});

test("a range selects whole parts, and a selection grows to the part around it", () => {
  assert.equal(shown(new Formula("ab+c").select(1, 2)), "a«b»+c");
  assert.equal(shown(new Formula("ab+c").select(1, 4)), "a«b+c»");
  assert.equal(shown(new Formula("1+\\frac{a}{b}").select(0, 9)), "«1+\\frac{a}{b}»");
  assert.equal(shown(new Formula("1+\\frac{a}{b}").select(8, 11)), "1+«\\frac{a}{b}»");
  assert.equal(shown(new Formula("1+\\frac{a}{b}").select(8, 8)), "1+\\frac{«»a}{b}");
  const wider = [at("1+\\frac{«a»+2}{b}")];
  for (let i = 0; i < 3; i++) wider.push(wider.at(-1)!.widened());
  assert.deepEqual(wider.slice(1).map(shown), ["1+\\frac{«a+2»}{b}", "1+«\\frac{a+2}{b}»", "«1+\\frac{a+2}{b}»"]);
});

test("the cursor moves from item to item, and extends the selection", () => {
  const walk = [at("«»x^{2}+1")];
  for (let i = 0; i < 5; i++) walk.push(walk.at(-1)!.moved(1, false));
  const seen = walk.slice(1).map(shown);
  assert.deepEqual(seen, ["x^{«»2}+1", "x^{2«»}+1", "x^{2}«»+1", "x^{2}+«»1", "x^{2}+1«»"]);
  assert.equal(shown(walk.at(-1)!.moved(-1, true).moved(-1, true)), "x^{2}«+1»");
  assert.equal(shown(at("«x^{2}+1»").moved(-1, false)), "«»x^{2}+1");
});
