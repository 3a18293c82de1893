/**
 * Join the readings of lines that stand under each other into one formula, as `cases`, `aligned` or `gathered`. The
 * rules are those of `tegashiki/latex/rows.py`.
 */
type Row = readonly string[];
/** Return the canonical tokens of lines, each given by its canonical tokens. Empty lines are left out. */
export declare function joinRows(rows: readonly Row[]): string[];
/** Return the same formula as LaTeX that one would type, with the environments of this module. */
export declare function rowsToLatex(rows: readonly Row[]): string;
export {};
