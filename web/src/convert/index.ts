/**
 * Formulas in the forms that people paste: LaTeX, MathML, Typst, AsciiMath, Unicode text, Word, SymPy, Python.
 *
 *     import { convert } from "./convert.js";
 *
 *     convert(candidate.tokens, "typst"); // frac(1, 2)
 *
 * See docs/convert.md.
 */

import { pythonCode, sympyCode } from "./code.ts";
import { docx } from "./docx.ts";
import { type Row, treeOf } from "./formula.ts";
import { ConversionError, tables } from "./tables.ts";
import { unicodeText } from "./unicode-text.ts";
import { Writer } from "./writer.ts";

export { withDecimalCommas } from "./decimal-comma.ts";
export { inkSvg } from "./ink-svg.ts";
export { ConversionError } from "./tables.ts";

const { latex: LATEX, mathml: MATHML, typst, asciimath, omml: OMML } = tables.targets;
const MATHML_NAMESPACE = "http://www.w3.org/1998/Math/MathML";
const OMML_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/math";

/** A form of a formula. */
export type Form =
  | "latex"
  | "latex-inline"
  | "latex-display"
  | "mathml"
  | "typst"
  | "asciimath"
  | "unicode"
  | "sympy"
  | "python"
  | "omml"
  | "html";

const FORMS: Readonly<Record<Form, (row: Row) => string>> = {
  latex,
  "latex-inline": (row) => `$${latex(row)}$`,
  "latex-display": (row) => `\\[${latex(row)}\\]`,
  mathml,
  typst: (row) => new Writer(typst).row(row, false),
  asciimath: (row) => new Writer(asciimath).row(row, false),
  unicode: unicodeText,
  sympy: sympyCode,
  python: pythonCode,
  omml,
  html,
};

/** All forms. */
export const forms = Object.keys(FORMS) as Form[];

/**
 * Return a formula in another form.
 *
 * @param tokens Canonical tokens, such as those of a candidate or those that `withDecimalCommas` returns.
 * @param to The form.
 * @throws {ConversionError} There is no such form, or it cannot say a part of the formula.
 */
export function convert(tokens: readonly string[], to: Form): string {
  if (!Object.hasOwn(FORMS, to)) {
    throw new ConversionError(`'${to}' is no form of a formula; give one of ${forms.join(", ")}`);
  }
  return FORMS[to](treeOf(tokens));
}

/**
 * Return a Word document (.docx) with one formula in each paragraph.
 *
 * @param formulas Canonical tokens of each formula.
 * @throws {ConversionError} Word cannot say a part of a formula.
 */
export function wordDocument(...formulas: readonly (readonly string[])[]): Uint8Array<ArrayBuffer> {
  return docx(formulas.map((tokens) => omml(treeOf(tokens))));
}

/** Return LaTeX. The writer leaves marks where a space or an empty group may be needed. */
function latex(row: Row): string {
  return new Writer(LATEX)
    .row(row, false)
    .replace(/(\\[A-Za-z]+)\ue000(?=[A-Za-z])/g, "$1 ")
    .replace(/\ue001(?=[[*])/g, "{}")
    .replace(/[\ue000\ue001]/g, "");
}

function mathml(row: Row): string {
  return `<math xmlns="${MATHML_NAMESPACE}" display="block">${new Writer(MATHML).row(row, false)}</math>`;
}

function omml(row: Row): string {
  const text = new Writer(OMML).row(row, false).replaceAll("</m:t></m:r><m:r><m:t>", ""); // neighbours share one run
  return `<m:oMath xmlns:m="${OMML_NAMESPACE}">${text}</m:oMath>`;
}

/** Return an HTML page that Word pastes as an equation, and browsers show as MathML. */
function html(row: Row): string {
  return (
    `<html xmlns:m="${OMML_NAMESPACE}"><head><meta charset="utf-8"></head><body>` +
    `<!--[if gte msEquation 12]><m:oMathPara>${omml(row)}</m:oMathPara><![endif]-->` +
    `<![if !msEquation]>${mathml(row)}<![endif]></body></html>`
  );
}
