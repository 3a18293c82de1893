/**
 * A pin: an accepted reading whose tokens must occur in all later readings, in their order.
 *
 * Other tokens may come before, between and after them. When the model attends to the strokes of the next pinned token
 * that a pen draws, it must write that token. A reading cannot end before all pinned tokens are written.
 */
export declare class Pin {
    readonly ids: readonly number[];
    readonly strokeTokens: readonly number[];
    private readonly visible;
    /** For each number of written tokens, the index of the next token that a pen draws, -2 if there is none. */
    private readonly nextVisible;
    /**
     * @param ids Ids of the accepted tokens.
     * @param strokeTokens For each stroke of the ink (without padding), the index in `ids` of its token, -1 for none.
     * @param visible (V), 1 for the ids that a pen draws. Attention to a stroke overrules only these.
     */
    constructor(ids: readonly number[], strokeTokens: readonly number[], visible: Uint8Array);
    /** Return the number of written tokens of the pin after one more token. */
    advance(written: number, id: number): number;
    /**
     * Set the scores of tokens that would break the pin to -Infinity, in place.
     *
     * If the model attends to the next pinned token that a pen draws, that token is forced. Otherwise, if the model prefers
     * to end while pinned tokens are missing, all scores become -Infinity.
     *
     * @param scores (V), scores of the next token.
     * @param written Number of written tokens of the pin.
     * @param attention Attention over the strokes for the next token, possibly padded.
     */
    narrow(scores: Float64Array, written: number, attention: Float32Array): void;
}
/** Return the index of the largest of the first `count` values, the first one among equals. */
export declare function argmax(values: ArrayLike<number>, count: number): number;
