/**
 * Formulas in the forms that people paste: LaTeX, MathML, Typst, AsciiMath, Unicode text, Word, SymPy, Python.
 *
 *     import { convert } from "./convert.js";
 *
 *     convert(candidate.tokens, "typst"); // frac(1, 2)
 *
 * See docs/convert.md.
 */
export { withDecimalCommas } from "./decimal-comma.js";
export { inkSvg } from "./ink-svg.js";
export { ConversionError } from "./tables.js";
/** A form of a formula. */
export type Form = "latex" | "latex-inline" | "latex-display" | "mathml" | "typst" | "asciimath" | "unicode" | "sympy" | "python" | "omml" | "html";
/** All forms. */
export declare const forms: Form[];
/**
 * Return a formula in another form.
 *
 * @param tokens Canonical tokens, such as those of a candidate or those that `withDecimalCommas` returns.
 * @param to The form.
 * @throws {ConversionError} There is no such form, or it cannot say a part of the formula.
 */
export declare function convert(tokens: readonly string[], to: Form): string;
/**
 * Return a Word document (.docx) with one formula in each paragraph.
 *
 * @param formulas Canonical tokens of each formula.
 * @throws {ConversionError} Word cannot say a part of a formula.
 */
export declare function wordDocument(...formulas: readonly (readonly string[])[]): Uint8Array<ArrayBuffer>;
