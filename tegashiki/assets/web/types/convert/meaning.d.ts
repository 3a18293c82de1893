/** Read a formula as a calculation, for SymPy and Python. docs/convert.md lists the conventions. */
import type { Row } from "./formula.js";
/** A part of a calculation: what it is, its number or name, and the parts it is made of. */
export interface Term {
    head: string;
    text: string;
    parts: readonly Term[];
}
/** Return a term. */
export declare function term(head: string, text?: string, ...parts: Term[]): Term;
/** Return the calculation that a tree shows. */
export declare function meaning(row: Row): Term;
