/**
 * Join the readings of lines that stand under each other into one formula, as `cases`, `aligned` or `gathered`. The
 * rules are those of `tegashiki/latex/rows.py`.
 */

import { ALIGNED_AT, nameEnvironments } from "./environments.ts";
import { join } from "./vocabulary.ts";

type Row = readonly string[];

const OPENS: Readonly<Record<string, number>> = { "{": 1, "\\begin{matrix}": 1, "}": -1, "\\end{matrix}": -1 };

/** Return the canonical tokens of lines, each given by its canonical tokens. Empty lines are left out. */
export function joinRows(rows: readonly Row[]): string[] {
  const { name, written } = arranged(rows);
  if (!name) return [...(written[0] ?? [])];
  const table = ["\\begin{matrix}", ...broken(written), "\\end{matrix}"];
  return name === "cases" ? ["\\{", ...table] : table;
}

/** Return the same formula as LaTeX that one would type, with the environments of this module. */
export function rowsToLatex(rows: readonly Row[]): string {
  const { name, written } = arranged(rows);
  const named = written.map(nameEnvironments);
  if (!name) return join(named[0] ?? []);
  return join([`\\begin{${name}}`, ...broken(named), `\\end{${name}}`]);
}

/** The environment of lines and its rows. A line alone, or none, has no environment. */
function arranged(rows: readonly Row[]): { name: string; written: Row[] } {
  const written = rows.filter((row) => row.length);
  if (written.length < 2) return { name: "", written };
  const [first, ...others] = written as [Row, ...Row[]];
  if (hasOpenBrace(first)) return { name: "cases", written: [first.slice(1), ...others] };
  const relations = written.map(relationsOf);
  if (relations.some(({ length }) => length !== 1)) return { name: "gathered", written };
  const aligned = written.map((row, i) => [...row.slice(0, relations[i]![0]), "&", ...row.slice(relations[i]![0])]);
  return { name: "aligned", written: aligned };
}

function broken(rows: readonly Row[]): string[] {
  return rows.flatMap((row) => ["\\\\", ...row]).slice(1);
}

function hasOpenBrace(row: Row): boolean {
  const count = (brace: string): number => row.filter((token) => token === brace).length;
  return row[0] === "\\{" && count("\\{") > count("\\}");
}

/** The indices of the relations outside of groups. */
function relationsOf(row: Row): number[] {
  let depth = 0;
  return row.flatMap((token, index) => {
    depth += OPENS[token] ?? 0;
    return depth === 0 && ALIGNED_AT.has(token) ? [index] : [];
  });
}
