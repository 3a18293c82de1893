/** Answers are those of Python, or none; nothing that is written stops them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { answer } from "../src/answers/answer.ts";
import { evaluate, integral, tends } from "../src/answers/evaluate.ts";
import { question } from "../src/answers/question.ts";
import { hasOtherRoots } from "../src/answers/roots.ts";
import { treeOf } from "../src/convert/formula.ts";
import { meaning, type Term } from "../src/convert/meaning.ts";
import { canonical } from "../src/recognizer/latex.ts";
import { join } from "../src/recognizer/vocabulary.ts";

interface Answered {
  latex: string;
  tokens: string[];
  answer: string | null;
}

const root = new URL("../../../", import.meta.url); // relative to the bundle in web/build/test/
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`web/test/${file}`, root), "utf8"));
const { answers } = read("answers.json") as { answers: Answered[] };
const { conversions } = read("conversions.json") as { conversions: { tokens: string[] }[] };
/** Formulas whose answer here is none, though SymPy has one. */
const UNANSWERED = ["\\sum_{k=1}^{\\infty}\\frac{1}{2^k}"];
const termOf = (latex: string): Term => meaning(treeOf(canonical(latex)));

test("every answer is that of Python", () => {
  for (const { latex, tokens, answer: expected } of answers) {
    assert.equal(answer(tokens) ?? null, UNANSWERED.includes(latex) ? null : expected, latex);
  }
});

test("other forms of an answer have the same value", () => {
  const said = (latex: string) => answer(canonical(latex));
  assert.equal(said("\\int xe^xdx"), "x e^{x} - e^{x}"); // SymPy: (x-1)e^x
  assert.equal(said("\\int\\sin x\\cos xdx"), "- \\frac{\\cos^{2}{\\left(x \\right)}}{2}"); // sin^2 x / 2
  assert.equal(said("\\sqrt{x^2}="), "\\left|{x}\\right|");
});

test("all kinds of formulas are answered or not, without an error", () => {
  for (const { tokens } of conversions) {
    for (const asked of [tokens, [...tokens, "="]]) {
      const found = answer(asked);
      if (found !== undefined)
        assert.doesNotThrow(() => canonical(found.replaceAll("operatorname", "mathrm")), join(asked));
    }
  }
});

test("a formula that is too large has no answer, and an error leaves nothing behind", () => {
  assert.equal(answer(canonical("(x+1)^{1000}=")), undefined);
  assert.equal(answer(canonical("1000000!=")), undefined);
  assert.equal(answer(canonical("x^6-x^5+x-7=0")), undefined);
  assert.equal(answer(canonical("\\frac{1}{\\sqrt{2}}=")), "\\frac{\\sqrt{2}}{2}\\approx 0.70710678");
});

test("values are those of the formula", () => {
  assert.equal(evaluate(termOf("2+3\\cdot4")), 14);
  assert.ok(Math.abs(evaluate(termOf("\\int_0^1\\frac{1}{\\sqrt{x}}dx")) - 2) < 1e-9);
  assert.ok(Math.abs(integral((x) => Math.exp(-x * x), -Infinity, Infinity) - Math.sqrt(Math.PI)) < 1e-9);
  assert.ok(Number.isNaN(evaluate(termOf("\\int_{-1}^{1}\\frac{1}{x^2}dx"))));
  assert.ok(Number.isNaN(evaluate(termOf("\\frac{1}{0}"))));
  assert.equal(tends(termOf("\\lim_{x\\to0}\\frac{\\sin x}{x}"), 1), true);
  assert.equal(tends(termOf("\\lim_{x\\to0}\\frac{1}{x}"), Infinity), false);
  assert.equal(question(treeOf(canonical("x=3"))), undefined);
});

test("a list of roots that lacks one is seen", () => {
  const f = (x: number) => (x - 1) * (x * x * x - 3 * x + 1);
  assert.equal(hasOtherRoots(f, [1]), true);
  assert.equal(
    hasOtherRoots((x) => (x - 3) ** 2 * (x - 1), [1]),
    true,
  ); // touches 0
  assert.equal(
    hasOtherRoots((x) => 1 / x - 4, [0.25]),
    false,
  ); // a pole is no root
  assert.equal(
    hasOtherRoots((x) => 2 ** x - 8, [3]),
    false,
  );
});
