/** The tree of a formula, read from canonical tokens. */
/** Items side by side. */
export type Row = readonly Item[];
/** One item. `number`, `name` and `fence` come from grouping (grouping.ts). */
export type Item = {
    kind: "symbol";
    token: string;
} | Scripts | {
    kind: "fraction";
    numerator: Row;
    denominator: Row;
} | {
    kind: "root";
    radicand: Row;
    index?: Row | undefined;
} | {
    kind: "accent";
    token: string;
    body: Row;
} | {
    kind: "stack";
    token: string;
    first: Row;
    second: Row;
} | Table | {
    kind: "number";
    text: string;
} | {
    kind: "name";
    text: string;
} | Fence;
/** A base with a subscript, a superscript or both. No base draws nothing. */
export interface Scripts {
    kind: "scripts";
    base?: Item | undefined;
    sub?: Row | undefined;
    sup?: Row | undefined;
}
/** Rows of cells. */
export interface Table {
    kind: "table";
    rows: Row[][];
}
/** A pair of brackets around items; `right` is "" if there is no closing one, as after the brace of `cases`. */
export interface Fence {
    kind: "fence";
    left: string;
    right: string;
    body: Row;
}
/** Return the tree of canonical tokens, such as those of a candidate. */
export declare function treeOf(tokens: readonly string[]): Row;
