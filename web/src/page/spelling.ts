/** The form in which the writer types the LaTeX of a formula, or of one of its symbols. */

import type { PlainText } from "../parts/texts.ts";
import { element } from "./element.ts";
import { translate } from "./language.ts";

export class Spelling {
  private readonly form = element<HTMLFormElement>("spelling");
  private readonly input = element<HTMLInputElement>("typed");
  private frame: (typed: string) => string = (typed) => typed;
  private opener: Element | null = null;

  /** @param typed Called with the LaTeX of the whole formula. The form closes if it resolves to true. */
  constructor(typed: (latex: string) => Promise<boolean>) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void typed(this.frame(this.input.value)).then((done) => done && this.close());
    });
    this.form.addEventListener("reset", () => this.close());
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
      event.stopPropagation(); // the page's keys are text here
    });
  }

  /**
   * Ask for LaTeX.
   *
   * @param latex What is there so far.
   * @param label What it is.
   * @param frame Makes the LaTeX of the whole formula of what is typed.
   */
  open(latex: string, label: PlainText, frame: (typed: string) => string = (typed) => typed): void {
    this.opener = document.activeElement;
    this.frame = frame;
    this.form.querySelector("label")!.dataset.text = label;
    translate(this.form);
    this.form.hidden = false;
    this.input.value = latex;
    this.input.focus();
    this.input.select();
  }

  /** Close the form. The focus returns to where it was. */
  close(): void {
    if (this.form.hidden) return;
    const hadFocus = this.form.contains(document.activeElement);
    this.form.hidden = true;
    if (hadFocus && this.opener instanceof HTMLElement && this.opener.isConnected) this.opener.focus();
    else if (hadFocus) element("correct").focus();
  }
}
