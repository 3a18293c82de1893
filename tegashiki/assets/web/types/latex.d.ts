/**
 * Canonical tokens of LaTeX that somebody types or that a file holds. TypeScript version of the part of
 * `tegashiki.latex.normalize` that one needs for a formula: all canonical LaTeX, missing braces, scripts in any order,
 * primes, synonyms, spelled-out functions, fonts, sizes, and the environments of tables. Not `\over`, `\stackrel`,
 * labelled arrows, `\phantom` and Unicode.
 */
/** LaTeX that cannot be read. */
export declare class LatexError extends RangeError {
}
/**
 * Return the canonical tokens of LaTeX. `x^2_1` becomes `x _ { 1 } ^ { 2 }`.
 *
 * @throws LatexError The LaTeX is not valid, or cannot be read.
 */
export declare function canonical(latex: string): string[];
