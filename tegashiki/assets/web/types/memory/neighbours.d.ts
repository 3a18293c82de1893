/**
 * The keys of a memory, and how the nearest ones change the probabilities of the next token. TypeScript version of
 * `tegashiki/memory/neighbours.py`; docs/memory.md specifies the arithmetic step by step.
 *
 * A key is a hidden vector of the decoder, minus the model's mean and scaled to length 1, with the token that followed.
 */
/** Round a vector (D) to bytes: floor(127 x / largest magnitude + 1/2). A zero vector stays zero. */
export declare function quantize(vector: Float32Array): Int8Array;
/** Scale a vector (D) to length 1. A zero vector stays zero. */
export declare function unitLength(vector: ArrayLike<number>): Float32Array;
/** The keys of one formula for `KeySet`. */
export interface Learnt {
    /** (L, D), row by row, as `Keys.vectors`. */
    vectors: Int8Array;
    /** L ids. */
    ids: readonly number[];
    /** (V), 1 for the ids that were allowed; undefined for all. */
    allowed?: Uint8Array | undefined;
}
/** All keys of a memory for one model. */
export declare class KeySet {
    private readonly width;
    /** The id of the token after each key. */
    readonly ids: readonly number[];
    /** (N, D), keys of length 1, row by row. */
    private readonly units;
    /** The ids that were allowed when the formula of a key was learnt, undefined for all. */
    private readonly allowed;
    private readonly outlines;
    /**
     * Combine the keys of several formulas. The last keys of each token are kept.
     *
     * @param learnt The formulas that have keys, in the order of learning.
     * @param width D.
     */
    constructor(learnt: readonly Learnt[], width: number);
    /**
     * Return the logarithms (V) of a mixture of the model's probabilities and those of the nearest keys. Without neighbours
     * these are the model's logits themselves, which are as good.
     *
     * @param logits (V), the model's logits of the next token.
     * @param key (D), the hidden vector minus its mean, of any length.
     */
    mix(logits: Float32Array | Float64Array, key: Float32Array): Float32Array | Float64Array;
    /** A key that was learnt under a restriction counts as much as the allowed tokens are likely now. */
    private weight;
    /** The nearest keys, nearest first; of equally near ones, the first. */
    private neighbours;
}
/** Return the ascending indices of the last `most` occurrences of each id. */
export declare function lastOfEach(ids: readonly number[], most: number): number[];
