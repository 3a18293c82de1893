/** The forms in which the page copies and saves a reading. */

import { convert, type Form, inkSvg, wordDocument } from "../convert/index.ts";
import type { Message } from "../parts/texts.ts";
import { png } from "../parts/typeset.ts";
import type { Point } from "../recognizer/preprocess.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import { copyHtml, copyPicture, copyText, save } from "./clipboard.ts";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** A way to copy a reading. */
interface Copy {
  /** Its name in the menu. */
  name: Message;
  /** Copy a reading of strokes. Returns what the page then says. */
  copy(reading: Candidate, strokes: readonly (readonly Point[])[]): Promise<Message>;
}

/** The ways to copy, in the order of the menu. */
export const COPIES = {
  latex: text(() => "LaTeX", "latex"),
  inline: text(() => "LaTeX, $ … $", "latex-inline", "LaTeX"),
  display: text(() => "LaTeX, \\[ … \\]", "latex-display", "LaTeX"),
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

/** Copy the text of a form. The page says that `said` is copied, by default the name. */
function text(name: Message, form: Form, said?: string): Copy {
  return {
    name,
    async copy({ tokens }) {
      await copyText(convert(tokens, form));
      return (texts) => texts.copied(said ?? name(texts));
    },
  };
}
