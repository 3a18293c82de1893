/** Tokens, their ids, and how they are joined to LaTeX. */
export declare const PAD_ID = 0;
export declare const BOS_ID = 1;
export declare const EOS_ID = 2;
/** They draw nothing and only end what something else has begun: whatever is left, these are too. */
export declare const CLOSERS: readonly string[];
export declare const SPECIAL: readonly string[];
/** The ordered set of a model's tokens behind the three special ones. */
export declare class Vocabulary {
    /** By id, the special ones included. */
    readonly tokens: readonly string[];
    private readonly ids;
    /** @param tokens canonical tokens; token i gets the id i + 3. */
    constructor(tokens: readonly string[]);
    /** How many ids there are. */
    get size(): number;
    /** The ids of tokens. @throws Error for a token that is not in the vocabulary. */
    encode(tokens: readonly string[]): number[];
    /** The tokens of ids. */
    decode(ids: readonly number[]): string[];
    /** The mask (V) of the ids that are left where only `tokens` may be written, and what closes them. */
    only(tokens: Iterable<string>): Uint8Array;
}
/** LaTeX source without needless spaces: `\frac{a}{b}`, `\alpha x`. */
export declare function join(tokens: readonly string[]): string;
