/** The converter writes every formula as Python does, and refuses what Python refuses with the same message. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ConversionError, convert, type Form, forms, inkSvg, wordDocument } from "../src/convert/index.ts";
import { join } from "../src/recognizer/vocabulary.ts";

interface Conversion {
  tokens: string[];
  forms: Partial<Record<Form, string>>;
  errors: Partial<Record<Form, string>>;
  docx_sha256: string;
}

const root = new URL("../../../", import.meta.url); // relative to the bundle in web/build/test/
const { conversions } = JSON.parse(readFileSync(new URL("web/test/conversions.json", root), "utf8")) as {
  conversions: Conversion[];
};
const compared = forms.filter((form) => !["html", "latex-inline", "latex-display"].includes(form));

for (const form of compared) {
  test(`every formula as ${form}`, () => {
    for (const { tokens, forms, errors } of conversions) {
      if (form in forms) {
        assert.equal(convert(tokens, form), forms[form], join(tokens));
      } else {
        assert.throws(() => convert(tokens, form), { name: "ConversionError", message: errors[form]! }, join(tokens));
      }
    }
  });
}

test("every Word document has the same bytes", () => {
  for (const { tokens, docx_sha256 } of conversions) {
    assert.equal(createHash("sha256").update(wordDocument(tokens)).digest("hex"), docx_sha256, join(tokens));
  }
});

test("an ink is drawn stroke by stroke", () => {
  const svg = inkSvg([
    [
      [0, 0],
      [10, 60],
    ],
    [[5, 5]],
  ]);
  assert.match(svg, /width="28.00" height="128.00"/);
  assert.match(
    svg,
    /<polyline points="4.00,4.00 24.00,124.00 24.00,124.00"\/><polyline points="14.00,14.00 14.00,14.00"/,
  );
});

test("forms around others", () => {
  const half = ["\\frac", "{", "1", "}", "{", "2", "}"];
  assert.equal(convert(half, "latex-inline"), "$\\frac{1}{2}$");
  assert.equal(convert(half, "latex-display"), "\\[\\frac{1}{2}\\]");
  const html = convert(half, "html");
  for (const form of ["omml", "mathml"] as const) assert.ok(html.includes(convert(half, form)));
});

test("an unknown form is an error that names the forms", () => {
  assert.throws(() => convert(["x"], "toString" as Form), ConversionError);
  assert.throws(() => convert(["x"], "excel" as Form), /'excel' is no form of a formula; give one of latex, /);
});
