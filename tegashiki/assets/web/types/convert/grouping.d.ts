/** Group the items of a row: digits to numbers, letters to names of functions, brackets to pairs. */
import type { Item, Row } from "./formula.js";
/** Return the items of a row, grouped. The rows within them are not grouped yet. */
export declare function grouped(row: Row): Item[];
/** Return the number of primes at the beginning of a superscript. */
export declare function primes(row: Row | undefined): number;
/** Return whether scripts of a base are set below and above it. */
export declare function hasLimits(base: Item | undefined): boolean;
/** Return an item without its scripts. */
export declare function core(item: Item | undefined): Item | undefined;
/** Return the token of a symbol, "" for other items. */
export declare function tokenOf(item: Item | undefined): string;
export declare function isBig(item: Item | undefined): boolean;
/** Return where the argument of a function ends that begins at `start`: one pair of brackets, or a product. */
export declare function argumentEnd(items: Row, start: number): number;
