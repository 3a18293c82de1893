/** The forms in which the page copies and saves a reading. */

import { convert, type Form, inkSvg, wordDocument } from "../convert/index.ts";
import type { Whole } from "../parts/page-lines.ts";
import type { Message } from "../parts/texts.ts";
import { png } from "../parts/typeset.ts";
import type { Point } from "../recognizer/preprocess.ts";
import { copyHtml, copyPicture, copyText, save } from "./clipboard.ts";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** A way to copy a reading. */
interface Copy {
  /** Its name in the menu. */
  name: Message;
  /** Copy the formula of strokes. Returns what the page then says. */
  copy(formula: Whole, strokes: readonly (readonly Point[])[]): Promise<Message>;
}

/** The ways to copy, in the order of the menu. */
export const COPIES = {
  latex: latexText("LaTeX", (latex) => latex),
  inline: latexText("LaTeX, $ … $", (latex) => `$${latex}$`),
  display: latexText("LaTeX, \\[ … \\]", (latex) => `\\[${latex}\\]`),
  mathml: text(() => "MathML", "mathml"),
  typst: text(() => "Typst", "typst"),
  asciimath: text(() => "AsciiMath", "asciimath"),
  unicode: text(({ unicodeText }) => unicodeText, "unicode"),
  sympy: text(() => "SymPy", "sympy"),
  python: text(() => "Python", "python"),
  equation: {
    name: ({ wordEquation }) => wordEquation,
    async copy({ tokens }) {
      copyHtml(convert(tokens, "html"), convert(tokens, "unicode"));
      return ({ equationCopied }) => equationCopied;
    },
  },
  document: {
    name: ({ wordDocument }) => wordDocument,
    async copy({ tokens }) {
      save(new Blob([wordDocument(tokens)], { type: DOCX }), "formula.docx");
      return ({ documentSaved }) => documentSaved;
    },
  },
  picture: {
    name: ({ picture }) => picture,
    async copy({ latex }) {
      const done = await copyPicture(png(latex));
      return ({ pictureCopied, pictureSaved }) => (done === "copied" ? pictureCopied : pictureSaved);
    },
  },
  ink: {
    name: ({ inkAsSvg }) => inkAsSvg,
    async copy(_, strokes) {
      await copyText(inkSvg(strokes));
      return ({ inkCopied }) => inkCopied;
    },
  },
} satisfies Readonly<Record<string, Copy>>;

/** Copy LaTeX as one would type it. */
function latexText(name: string, around: (latex: string) => string): Copy {
  return {
    name: () => name,
    async copy(formula) {
      await copyText(around(latexOf(formula)));
      return (texts) => texts.copied("LaTeX");
    },
  };
}

function latexOf({ latex, tokens }: Whole): string {
  const text = convert(tokens, "latex");
  if (!latex.startsWith("\\begin{gathered}")) return text;
  // The converter cannot know that the rows are lines.
  return text.replace(/^\\begin\{matrix\}/, "\\begin{gathered}").replace(/\\end\{matrix\}$/, "\\end{gathered}");
}

/** Copy the text of a form. */
function text(name: Message, form: Form): Copy {
  return {
    name,
    async copy({ tokens }) {
      await copyText(convert(tokens, form));
      return (texts) => texts.copied(name(texts));
    },
  };
}
