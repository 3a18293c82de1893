/** The forms in which the page copies and saves a reading. */

import { convert, type Form, inkSvg, wordDocument } from "../convert/index.ts";
import { png } from "../parts/typeset.ts";
import type { Point } from "../recognizer/preprocess.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import { copyHtml, copyPicture, copyText, save } from "./clipboard.ts";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** A way to copy a reading of strokes. Returns what the page then says. */
type Copy = (reading: Candidate, strokes: readonly (readonly Point[])[]) => string | Promise<string>;

/** What is copied, by its name in the menu. */
export const COPIES: Readonly<Record<string, Copy>> = {
  LaTeX: text("LaTeX", "latex"),
  "LaTeX, $ … $": text("LaTeX", "latex-inline"),
  "LaTeX, \\[ … \\]": text("LaTeX", "latex-display"),
  MathML: text("MathML", "mathml"),
  Typst: text("Typst", "typst"),
  AsciiMath: text("AsciiMath", "asciimath"),
  "Unicode text": text("Unicode text", "unicode"),
  SymPy: text("SymPy", "sympy"),
  Python: text("Python", "python"),
  "Word equation": ({ tokens }) => {
    copyHtml(convert(tokens, "html"), convert(tokens, "unicode"));
    return "The Word equation is copied.";
  },
  "Word document": ({ tokens }) => {
    save(new Blob([wordDocument(tokens)], { type: DOCX }), "formula.docx");
    return "The Word document is saved.";
  },
  "PNG picture": async ({ latex }) => `The picture is ${await copyPicture(png(latex))}.`,
  "Ink as SVG": async (_, strokes) => {
    await copyText(inkSvg(strokes));
    return "The ink is copied as SVG.";
  },
};

function text(name: string, form: Form): Copy {
  return async ({ tokens }) => {
    await copyText(convert(tokens, form));
    return `${name} is copied.`;
  };
}
