/**
 * What a model file says of itself: JSON in a metadata buffer of the .tflite, found without any schema library.
 *
 * A .tflite is a FlatBuffer; its root table lists named metadata, each pointing to a buffer.
 */
/** Format of the metadata that this module reads; newer ones are refused. */
export declare const FORMAT = 2;
/** What `tegashiki export` writes into a file, as far as a recogniser needs it. */
export interface Metadata {
    format: number;
    /** Canonical tokens; token i has the id i + 3. */
    vocabulary: string[];
    points_per_stroke: number;
    /** Of the simplification, in units of the stroke's size. */
    rdp_epsilon: number;
    /** E, the length of a stroke's vector. */
    stem_width: number;
    /** Numbers of strokes that `encode` takes, ascending. */
    stroke_sizes: number[];
    /** Numbers of rows that `decode` takes, ascending. */
    beam_sizes: number[];
    /** Of the longest output, the end token included. */
    max_tokens: number;
    /** Caches that grow by a row a token, by name: the axis of their rows. */
    row_axes: Record<string, number>;
    /** `novelty` is what files of format 1 call `symbol_cost`. */
    calibration?: {
        temperature: number;
        bonus: number;
        symbol_cost?: number;
        novelty?: number;
    };
    name?: string;
    licence?: string;
}
/**
 * Read the metadata of a model file.
 *
 * @param file the bytes of a .tflite that `tegashiki export` wrote.
 * @throws Error for another file, a damaged one or one of a newer format.
 */
export declare function readMetadata(file: Uint8Array): Metadata;
/**
 * Read which outputs of a signature are one tensor: a converter gives equal constants the same one, and LiteRT.js then
 * knows only one of their names.
 *
 * @returns by signature, by name of an output: the names of all outputs that are its tensor.
 */
export declare function readOutputs(file: Uint8Array): Record<string, Record<string, string[]>>;
