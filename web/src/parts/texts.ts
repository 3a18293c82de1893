/** The texts that users read, in the language of each. `languages/en.ts` has the list of them. */

import { de } from "./languages/de.ts";
import { en } from "./languages/en.ts";
import { ja } from "./languages/ja.ts";

/** Texts of one language. */
export type Texts = typeof en;

/** A text that is the same whatever it is about. */
export type PlainText = { [K in keyof Texts]: Texts[K] extends string ? K : never }[keyof Texts];

/** What is said to users: a text that follows their language as long as it is shown. */
export type Message = (texts: Texts) => string;

export const LANGUAGES: readonly Texts[] = [en, de, ja];

/**
 * Return the texts of the first known language, else the English ones.
 *
 * @param tags Language tags such as "de-AT", most wanted first.
 */
export function textsOf(...tags: readonly string[]): Texts {
  const codes = tags.map((tag) => tag.toLowerCase().split("-")[0]);
  return codes.map((code) => LANGUAGES.find((texts) => texts.code === code)).find(Boolean) ?? en;
}

/** An error that users read in their language. Its `message`, for programs and consoles, is English. */
export class UserError extends Error {
  constructor(readonly said: Message) {
    super(said(en));
  }
}

/** Return what to say about an error. Errors of the recogniser, of files and of the browser stay in their language. */
export function messageOf(error: unknown): Message {
  return error instanceof UserError ? error.said : () => (error as Error).message;
}
