/** What a search needs of a model, whatever runs it: LiteRT.js, or a table in a test. */
/** The state of a decoder between two tokens; only the backend looks inside. */
export interface Cache {
    /** Give row r the content of row `parents[r]`. */
    reorder(parents: readonly number[]): void;
    /** Free what it holds. */
    release(): void;
}
/** One encoded ink. */
export interface Encoded {
    /** S, the padded number of strokes. */
    readonly strokes: number;
    /** Free what it holds. */
    release(): void;
}
/** What one step gives for each of W rows. */
export interface Step {
    /** (V) each: the next token's logits. */
    logits: Float32Array[];
    /** (S) each: where the model looked. */
    attention: Float32Array[];
}
/** A model as functions over arrays of fixed shapes. */
export interface Backend {
    /** V, the special tokens included. */
    readonly vocabularySize: number;
    /** Of the longest output, the end token included. */
    readonly maxTokens: number;
    /** Numbers of strokes that `encode` takes, ascending. */
    readonly strokeSizes: readonly number[];
    /** Numbers of rows that `decodeStep` takes, ascending. */
    readonly beamSizes: readonly number[];
    /** Turn one framed stroke, (P, 2), into its vector (E). */
    stem(points: Float32Array): Promise<Float32Array>;
    /** Encode the strokes of one ink: their vectors, and their boxes (S, 3). */
    encode(stems: readonly Float32Array[], boxes: Float32Array): Promise<Encoded>;
    /** The state before the first token for `beams` rows, one of `beamSizes`. */
    initCache(encoded: Encoded, beams: number): Cache;
    /** Feed token `position` (the start token at 0) to every row; changes `cache`. */
    decodeStep(encoded: Encoded, cache: Cache, tokens: Int32Array, position: number): Promise<Step>;
}
