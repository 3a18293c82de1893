/** MathJax reads the AsciiMath of every formula, and sees the same structure as in its MathML. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { STATE } from "mathjax-full/js/core/MathItem.js";
import { SerializedMmlVisitor } from "mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import { AsciiMath } from "mathjax-full/js/input/asciimath.js";
import { mathjax } from "mathjax-full/js/mathjax.js";

RegisterHTMLHandler(liteAdaptor());
const page = mathjax.document("", { InputJax: new AsciiMath({}) });
const visitor = new SerializedMmlVisitor();
const root = new URL("../../../", import.meta.url); // relative to the bundle in web/build/test/
const { conversions } = JSON.parse(readFileSync(new URL("web/test/conversions.json", root), "utf8")) as {
  conversions: { forms: Record<string, string> }[];
};
/** Characters that look the same, after Unicode's compatibility forms are undone. */
const ALIKE: Readonly<Record<string, string>> = {
  ...{ "−": "-", "∗": "*", "⋆": "*", "∣": "|", "∥": "‖", "∶": ":", "⟨": "〈", "⟩": "〉", ɛ: "ε", ϵ: "ε", "⊧": "⊨" },
  ...{ "\u0307": ".", "\u0308": "..", _: "\u0332" },
};
/** Functions whose exponent AsciiMath draws behind their argument, so that the structure differs and the picture not. */
const FUNCTION =
  /\b(sin|cos|tan|log|ln|exp|sinh|cosh|tanh|arcsin|arccos|arctan|cot|sec|csc|coth|sech|csch|det|dim|lim)\b/;

/** An element with its parts, or a character. */
type Node = { tag: string; attributes: string; inside: Node[] } | string;

/**
 * Return the structure of MathML as text: fractions, scripts, tables and all characters. Left out is what makes no
 * difference on paper: groups, styles, the table around a single cell, and whether a prime is a script.
 */
function skeleton(mathml: string): string {
  const stack: Node[][] = [[]];
  const open: [string, string][] = [];
  for (const [, closing, tag, attributes, text] of mathml.matchAll(/<(\/?)(\w+)([^>]*)>|([^<]+)/g)) {
    if (text !== undefined) {
      stack.at(-1)!.push(...Array.from(decoded(text)).flatMap((character) => [...(ALIKE[character] ?? character)]));
    } else if (closing) {
      const inside = stack.pop()!;
      stack.at(-1)!.push({ tag: open.at(-1)![0], attributes: open.pop()![1], inside });
    } else if (!attributes!.endsWith("/")) {
      stack.push([]);
      open.push([tag!, attributes!]);
    }
  }
  return stack[0]!.flatMap(words).join(" ");
}

function words(node: Node): string[] {
  if (typeof node === "string") return [node];
  const { attributes, inside } = node;
  const parts = inside.map((part) => words(part));
  const tag = node.tag.replace("munderover", "msubsup").replace("munder", "msub").replace("mover", "msup");
  if (!/^m(frac|sqrt|root|sub|sup|subsup|table|tr|td)$/.test(tag)) return parts.flat();
  if (tag === "msup" && parts[1]!.every((word) => word === "′")) return parts.flat();
  if (tag === "mtable" && inside.length === 1 && (inside[0] as { inside: Node[] }).inside.length === 1) {
    return parts.flat().slice(2, -2);
  }
  if (attributes.includes('linethickness="0"')) {
    return ["mtable(", ...parts.flatMap((part) => ["mtr(", "mtd(", ...part, ")", ")"]), ")"];
  }
  const between = /^m(sqrt|tr|td|table)$/.test(tag) ? [] : ["|"];
  return [`${tag}(`, ...parts.flatMap((part, place) => (place ? [...between, ...part] : part)), ")"];
}

function decoded(text: string): string {
  return text
    .replace(/&#x([0-9A-F]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .normalize("NFKC")
    .replace(/[\u2061\s]/g, "");
}

test("MathJax sees the structure of the MathML in the AsciiMath", () => {
  let compared = 0;
  for (const { forms } of conversions) {
    if (forms.asciimath === undefined || FUNCTION.test(forms.asciimath)) continue;
    const read = visitor.visitTree(page.convert(forms.asciimath, { end: STATE.CONVERT }));
    assert.equal(skeleton(read), skeleton(forms.mathml!), forms.asciimath);
    compared++;
  }
  assert.ok(compared > conversions.length / 2, `only ${compared} formulas`);
});
