/** Show in the first candidate which symbols are in doubt, and whether the reading is. */

import { isSure } from "../recognizer/doubt.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import type { Texts } from "./texts.ts";

/** Underline the symbols in doubt in a candidate's button. If the reading is not sure, say so in place of its probability. */
export function showDoubt(button: HTMLButtonElement, candidate: Candidate, texts: Texts): void {
  const symbols = (candidate.doubtful ?? []).map((token) => candidate.tokens[token]!);
  for (const token of candidate.doubtful ?? []) {
    const symbol = button.querySelector<HTMLElement>(`[data-t="${token}"]`);
    symbol?.classList.add("doubt");
    if (symbol) symbol.title = texts.doubtful;
  }
  const doubts = [isSure(candidate) ? "" : texts.notSure, symbols.length ? texts.inDoubt(symbols.join(" ")) : ""];
  const said = doubts.filter(Boolean).join(", ");
  if (said) button.setAttribute("aria-description", said);
  if (isSure(candidate)) return;
  button.classList.add("unsure");
  button.querySelector("small .percent")!.textContent = texts.notSure;
}

/** Whether a click hits a symbol in doubt. */
export function isDoubtful(target: Element): boolean {
  return Boolean(target.closest<HTMLElement>("[data-t]")?.classList.contains("doubt"));
}
