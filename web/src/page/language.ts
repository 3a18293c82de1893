/** The language of the page: the chosen one, else the first of the browser's languages that there are texts in. */

import { LANGUAGES, type PlainText, type Texts, textsOf } from "../parts/texts.ts";
import { keep, kept } from "./settings.ts";

const KEY = "tegashiki.language";
let tag = kept(KEY) ?? navigator.languages[0] ?? "en";
let current = textsOf(kept(KEY) ?? "", ...navigator.languages);

/** The texts in the language of the page. */
export function texts(): Texts {
  return current;
}

/** The tag of the chosen language, else of the browser's first one, which there may be no texts in. */
export function languageTag(): string {
  return tag;
}

/**
 * Translate the page, and let a list choose its language.
 *
 * @param changed Called after each choice, to translate what the code shows.
 */
export function offerLanguages(list: HTMLSelectElement, changed: () => void): void {
  for (const { code, name } of LANGUAGES) list.add(new Option(name, code, false, code === current.code));
  list.addEventListener("change", () => {
    keep(KEY, list.value);
    tag = list.value;
    current = textsOf(list.value);
    translatePage();
    changed();
  });
  translatePage();
}

function translatePage(): void {
  document.documentElement.lang = current.code;
  document.title = current.title;
  translate(document.body);
}

/** Set the texts, titles and labels that elements name by `data-text`, `data-title` and `data-label`. */
export function translate(root: HTMLElement): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-text], [data-title], [data-label]")) {
    const { text, title, label } = element.dataset as Record<string, PlainText | undefined>;
    if (text) element.textContent = current[text];
    if (title) element.title = current[title];
    if (label) element.setAttribute("aria-label", current[label]);
  }
}
