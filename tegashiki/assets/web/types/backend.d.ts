/** The interface between search and model. LiteRT.js implements it, and tests implement it with tables. */
/** The state of a decoder between two tokens, opaque outside of the backend. */
export interface Cache {
    /** Copy the content of row `parents[r]` to row r, for all rows r at once. */
    reorder(parents: readonly number[]): void;
    /** Free the memory. */
    release(): void;
}
/** One encoded ink. */
export interface Encoded {
    /** S, the padded number of strokes. */
    readonly strokes: number;
    /** Free the memory. */
    release(): void;
}
/** The output of one step for each of W rows. */
export interface Step {
    /** Logits of the next token, (V) per row. */
    logits: (Float32Array | Float64Array)[];
    /** Attention over the strokes, (S) per row. */
    attention: Float32Array[];
    /** The hidden vector from which the last layer computes the logits, (D) per row, if `Backend.hidden` is there. */
    hidden?: Float32Array[] | undefined;
}
/** The facts about a model's hidden vectors that a writer's memory needs to compare them. */
export interface Hidden {
    /** (D), the mean of the hidden vectors over many inks. */
    mean: Float32Array;
    /** Identifies the model. Only vectors of the same model can be compared. */
    fingerprint: string;
}
/** A model as functions over arrays of fixed shapes. */
export interface Backend {
    /** V, the special tokens included. */
    readonly vocabularySize: number;
    /** Length of the longest output, including the end token. */
    readonly maxTokens: number;
    /** Padded numbers of strokes that `encode` supports, ascending. */
    readonly strokeSizes: readonly number[];
    /** Numbers of rows that `decodeStep` supports, ascending. */
    readonly beamSizes: readonly number[];
    /** Undefined if the model does not return hidden vectors. */
    readonly hidden?: Hidden | undefined;
    /** Convert one framed stroke (P, 2) into its vector (E). */
    stem(points: Float32Array): Promise<Float32Array>;
    /** Encode one ink from the vectors of its strokes and their boxes (S, 3). */
    encode(stems: readonly Float32Array[], boxes: Float32Array): Promise<Encoded>;
    /** Return the state before the first token for `beams` rows, which must be one of `beamSizes`. */
    initCache(encoded: Encoded, beams: number): Cache;
    /** Feed token number `position` (0 is the start token) to each row. Changes `cache`. */
    decodeStep(encoded: Encoded, cache: Cache, tokens: Int32Array, position: number): Promise<Step>;
}
