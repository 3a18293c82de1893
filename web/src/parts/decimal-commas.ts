/** Numbers with a decimal comma, as an offer beside the readings: while it is taken, the formula is written so. */

import { withDecimalCommas } from "../convert/decimal-comma.ts";
import { toLatex } from "../recognizer/environments.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import type { Texts } from "./texts.ts";
import { html } from "./typeset.ts";

type Reading = Pick<Candidate, "latex" | "tokens">;

/** Return whether numbers have a decimal comma where a language is spoken: in "de", but not in "de-CH". */
export function hasDecimalComma(language: string): boolean {
  try {
    const parts = new Intl.NumberFormat(language).formatToParts(1.1);
    return parts.some(({ type, value }) => type === "decimal" && value === ",");
  } catch {
    return false; // it is no language
  }
}

/** Return a reading, if `commas` is true with decimal commas where it has numbers that can have them. */
export function written<T extends Reading>(reading: T, commas: boolean): T {
  const tokens = commas && withDecimalCommas(reading.tokens);
  return tokens ? { ...reading, tokens, latex: toLatex(tokens) } : reading;
}

export class DecimalCommas {
  private taken = false;
  private button: HTMLButtonElement | undefined;

  /**
   * @param place Where the offer is shown, hidden while there is none.
   * @param changed Called when the user has taken the offer, or has given it back.
   */
  constructor(
    private readonly place: HTMLElement,
    private readonly changed: () => void,
    private texts: Texts,
  ) {
    place.hidden = true;
  }

  /** Whether the formula is written with decimal commas. */
  get on(): boolean {
    return this.taken;
  }

  /** Offer the first of these readings that can have decimal commas. Without readings, a new formula begins. */
  offer(readings: readonly Reading[]): void {
    if (!readings.length) this.taken = false;
    const latex = readings.map((reading) => [reading.latex, written(reading, true).latex] as const);
    this.show(latex.find(([plain, comma]) => plain !== comma)?.[1]);
  }

  /** Change the language. */
  translate(texts: Texts): void {
    this.texts = texts;
    const latex = this.button?.dataset.latex;
    this.button = undefined;
    this.show(latex);
  }

  private show(latex: string | undefined): void {
    this.place.hidden = latex === undefined;
    if (latex !== this.button?.dataset.latex) {
      this.button = latex === undefined ? undefined : this.made(latex);
      this.place.replaceChildren(...(this.button ? [this.button] : []));
    }
    if (this.button) this.button.ariaPressed = String(this.taken);
  }

  private made(latex: string): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.innerHTML = `<small></small>${html(latex)}`;
    button.querySelector("small")!.textContent = this.texts.decimalComma;
    button.dataset.latex = latex;
    button.setAttribute("aria-label", `${this.texts.decimalComma}: ${latex}`);
    button.title = this.texts.decimalCommaTitle;
    button.part.add("comma");
    button.addEventListener("click", () => {
      this.taken = !this.taken;
      this.show(latex);
      this.changed();
    });
    return button;
  }
}
