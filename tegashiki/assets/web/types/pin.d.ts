/**
 * A reading that the writer has accepted: whatever is read later holds its tokens in their order.
 *
 * They may be wrapped and extended. When the model looks at the strokes of the pinned token that a pen draws next, it
 * is that token which it writes, whatever it likes better; a reading that would end before all are written is none.
 */
export declare class Pin {
    readonly ids: readonly number[];
    private readonly strokeTokens;
    private readonly visible;
    /** By tokens written: the index of the next one that a pen draws; -2 where there is none. */
    private readonly nextVisible;
    /**
     * @param ids the accepted tokens.
     * @param strokeTokens for each real stroke of the ink the index into `ids` of the token that it draws, -1 for none.
     * @param visible (V), 1 for the ids that a pen draws; only they can be overruled by a look at a stroke.
     */
    constructor(ids: readonly number[], strokeTokens: readonly number[], visible: Uint8Array);
    /** How many of its tokens are written after one more token. */
    advance(written: number, id: number): number;
    /**
     * Put -Infinity, in place, where a token would lose the pin; everywhere where the reading wants to end without it.
     *
     * @param scores (V), of the next token.
     * @param written how many of its tokens are.
     * @param attention where the model looks as it writes the next token; may be padded.
     */
    narrow(scores: Float64Array, written: number, attention: Float32Array): void;
}
/** The index of the largest of the first `count` values, the first among equals. */
export declare function argmax(values: ArrayLike<number>, count: number): number;
