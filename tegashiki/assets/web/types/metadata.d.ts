/**
 * Read the metadata of a model file: JSON in a metadata buffer of the .tflite. This needs no schema library.
 *
 * A .tflite is a FlatBuffer. Its root table lists named metadata, each of which refers to a buffer.
 */
/** The newest format of the metadata that this module reads. */
export declare const FORMAT = 2;
/** The metadata that `tegashiki export` writes and a recogniser needs. */
export interface Metadata {
    format: number;
    /** Canonical tokens. Token i has the id i + 3. */
    vocabulary: string[];
    points_per_stroke: number;
    /** Tolerance of the simplification, in units of the stroke's size. */
    rdp_epsilon: number;
    /** E, length of a stroke's vector. */
    stem_width: number;
    /** Padded numbers of strokes that `encode` supports, ascending. */
    stroke_sizes: number[];
    /** Numbers of rows that `decode` supports, ascending. */
    beam_sizes: number[];
    /** Length of the longest output, including the end token. */
    max_tokens: number;
    /** For caches that grow by one row per token, by name, the axis of the rows. */
    row_axes: Record<string, number>;
    /** Files of format 1 call `symbol_cost` `novelty`. */
    calibration?: {
        temperature: number;
        bonus: number;
        symbol_cost?: number;
        novelty?: number;
    };
    /** From format 2: the model's fingerprint and the mean of its hidden vectors. */
    hidden?: {
        fingerprint: string;
        mean: number[];
    };
    name?: string;
    licence?: string;
}
/**
 * Read the metadata of a model file.
 *
 * @param file Content of a .tflite file written by `tegashiki export`.
 * @throws Error The file is damaged, has a newer format, or is not from `tegashiki export`.
 */
export declare function readMetadata(file: Uint8Array): Metadata;
/**
 * Read which outputs of a signature share one tensor. The converter merges equal constants, and LiteRT.js then knows
 * only one of their names.
 *
 * @returns For each signature and each of its outputs, the names of all outputs with the same tensor.
 */
export declare function readOutputs(file: Uint8Array): Record<string, Record<string, string[]>>;
