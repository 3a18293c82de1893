/**
 * The environments in which people write tables, in place of the canonical `\begin{matrix}`: `pmatrix`, `cases`,
 * `aligned` and so on. The rules are those of `tegashiki/latex/environments.py`.
 */

import { join } from "./vocabulary.ts";

const FENCED: Readonly<Record<string, string>> = {
  "( )": "pmatrix",
  "[ ]": "bmatrix",
  "\\{ \\}": "Bmatrix",
  "| |": "vmatrix",
};
const OPENING = new Set(["(", "[", "\\{", "|", "\\langle", "\\lfloor", "\\lceil"]);
const CLOSING = new Set([")", "]", "\\}", "|", "\\rangle", "\\rfloor", "\\rceil"]);
/** The relations at which rows are aligned. */
export const ALIGNED_AT: ReadonlySet<string> = new Set(
  (
    "= < > \\in \\subset \\subseteq \\rightarrow \\Rightarrow " +
    "\\leq \\geq \\leqslant \\geqslant \\neq \\equiv \\sim \\simeq \\approx \\cong"
  ).split(" "),
);

/** A table between two tokens: its relations and column breaks, row by row. */
interface Table {
  begin: number;
  end: number;
  relations: number[];
  breaks: number[];
}

/** Return canonical tokens as LaTeX that one would type, with the environments of this module. */
export function toLatex(tokens: readonly string[]): string {
  return join(nameEnvironments(tokens));
}

/** Return the tokens with the environments of this module. Brackets that belong to an environment are left out. */
export function nameEnvironments(tokens: readonly string[]): string[] {
  const named = new Map<number, string>(); // index of a token -> what replaces it
  for (const { begin, end, relations, breaks } of tables(tokens)) {
    let left = tokens[begin - 1] ?? "";
    const right = tokens[end + 1] ?? "";
    if (named.has(begin - 1) || tokens[begin - 2] === "\\sqrt") left = ""; // of the table before, or a root's index
    let name = "matrix";
    if (FENCED[`${left} ${right}`]) {
      name = FENCED[`${left} ${right}`]!;
      named.set(begin - 1, "").set(end + 1, "");
    } else if (left === "\\{" && !CLOSING.has(right)) {
      name = "cases";
      named.set(begin - 1, "");
    } else if (!OPENING.has(left) && !CLOSING.has(right) && relations.length > 1 && relations.every((n) => n === 1)) {
      if (breaks.every((n) => n > 0)) name = "aligned";
      else if (breaks.every((n) => n === 0)) name = "gathered";
    }
    named.set(begin, `\\begin{${name}}`).set(end, `\\end{${name}}`);
  }
  return tokens.map((token, index) => named.get(index) ?? token).filter((token) => token !== "");
}

/** Return the tables whose end is there, in the order of their ends. */
function tables(tokens: readonly string[]): Table[] {
  const found: Table[] = [];
  const open: (Table | null)[] = []; // null is a group of braces
  for (const [index, token] of tokens.entries()) {
    const group = open.at(-1);
    if (token === "\\begin{matrix}") open.push({ begin: index, end: index, relations: [0], breaks: [0] });
    else if (token === "{") open.push(null);
    else if (token === "}") open.pop();
    else if (!group) continue;
    else if (token === "\\end{matrix}") {
      open.pop();
      found.push({ ...group, end: index });
    } else if (token === "\\\\") {
      group.relations.push(0);
      group.breaks.push(0);
    } else {
      group.relations[group.relations.length - 1]! += Number(ALIGNED_AT.has(token));
      group.breaks[group.breaks.length - 1]! += Number(token === "&");
    }
  }
  return found;
}
