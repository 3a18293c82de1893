/**
 * The environments in which people write tables, in place of the canonical `\begin{matrix}`: `pmatrix`, `cases`,
 * `aligned` and so on. The rules are those of `tegashiki/latex/environments.py`.
 */
/** The relations at which rows are aligned. */
export declare const ALIGNED_AT: ReadonlySet<string>;
/** Return canonical tokens as LaTeX that one would type, with the environments of this module. */
export declare function toLatex(tokens: readonly string[]): string;
/** Return the tokens with the environments of this module. Brackets that belong to an environment are left out. */
export declare function nameEnvironments(tokens: readonly string[]): string[];
