/** What a formula asks for, by the rules of Python's `tegashiki.convert.answer`. */

import type { Row } from "../convert/formula.ts";
import { meaning, type Term } from "../convert/meaning.ts";
import { ConversionError } from "../convert/tables.ts";

const CALCULATED = new Set(["integral", "sum", "product", "limit", "limit+", "limit-", "derivative"]);

export interface Question {
  kind: "value" | "roots";
  term: Term;
}

/** Return what a formula asks for, undefined if nothing. */
export function question(row: Row): Question | undefined {
  const last = row.at(-1);
  const ends = last?.kind === "symbol" && last.token === "=";
  try {
    const term = meaning(ends ? row.slice(0, -1) : row);
    if (ends || CALCULATED.has(term.head + term.text)) return { kind: "value", term };
    const isEquation = term.head === "relation" && term.text === "=";
    if (isEquation && symbolsOf(term).size === 1 && !isSolved(term)) return { kind: "roots", term };
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
  }
  return undefined;
}

/** Return the names of all symbols of a calculation. */
export function symbolsOf({ head, text, parts }: Term): Set<string> {
  return new Set([...(head === "symbol" ? [text] : []), ...parts.flatMap((part) => [...symbolsOf(part)])]);
}

/** Return whether an equation is already an answer, `x=3`, or a definition, `f(x)=x`. */
function isSolved({ parts }: Term): boolean {
  const [left, right] = parts as [Term, Term];
  return left.head === "apply" || (left.head === "symbol" && !symbolsOf(right).has(left.text));
}
