/** Numbers with a decimal comma: `3{,}14` in place of the reading 3.14 or 3,14. docs/convert.md has the rule. */
/** The comma of a number. Only what is offered and converted has this token; a model does not write it. */
export declare const DECIMAL_COMMA = "{,}";
/**
 * Return the tokens of a formula whose numbers have decimal commas, undefined if it has no such numbers.
 *
 * @param tokens Canonical tokens, such as those of a candidate. A token of the result stands for that in its place.
 */
export declare function withDecimalCommas(tokens: readonly string[]): string[] | undefined;
