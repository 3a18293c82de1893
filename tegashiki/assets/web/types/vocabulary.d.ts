/** Tokens, their ids, and joining tokens to LaTeX. */
export declare const PAD_ID = 0;
export declare const BOS_ID = 1;
export declare const EOS_ID = 2;
/** Tokens that draw nothing and only close groups. Every restriction allows them. */
export declare const CLOSERS: readonly string[];
export declare const SPECIAL: readonly string[];
/** The ordered tokens of a model, after the three special ones. */
export declare class Vocabulary {
    /** All tokens by id, including the special ones. */
    readonly tokens: readonly string[];
    private readonly ids;
    /** @param tokens Canonical tokens. Token i gets the id i + 3. */
    constructor(tokens: readonly string[]);
    /** V, the number of ids. */
    get size(): number;
    /** Whether a token can be written: it is in the vocabulary, and not a special one. */
    has(token: string): boolean;
    /**
     * Return the ids of tokens.
     *
     * @throws Error A token is not in the vocabulary.
     */
    encode(tokens: readonly string[]): number[];
    /** Return the tokens of ids. */
    decode(ids: readonly number[]): string[];
    /** Return the mask (V) of `tokens`, the special tokens and the tokens that close groups. */
    only(tokens: Iterable<string>): Uint8Array;
}
/** Join tokens to LaTeX without unnecessary spaces: `\frac{a}{b}`, `\alpha x`. */
export declare function join(tokens: readonly string[]): string;
