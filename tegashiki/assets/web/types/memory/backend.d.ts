/**
 * A decoding backend that mixes a writer's memory into a model's probabilities of the next token. TypeScript version of
 * `tegashiki/memory/backend.py`.
 *
 * It replaces the model's own backend. Greedy and beam search, forced sequences, pins, restrictions and the grammar work
 * on it unchanged, because the memory changes the logits before any mask and before calibration.
 */
import type { Backend, Cache, Encoded, Hidden, Step } from "../backend.js";
import { type FrameSettings } from "../preprocess.js";
import { type Vocabulary } from "../vocabulary.js";
import type { WriterMemory } from "./memory.js";
export declare class RememberingBackend implements Backend {
    private readonly model;
    private readonly vocabulary;
    private readonly frame;
    readonly memory: WriterMemory;
    readonly vocabularySize: number;
    readonly maxTokens: number;
    readonly strokeSizes: readonly number[];
    readonly beamSizes: readonly number[];
    readonly hidden: Hidden;
    private changes;
    private keys;
    /**
     * @param model The model.
     * @param vocabulary Its tokens.
     * @param frame Its settings for framing strokes.
     * @param memory The memory; it may change at any time. `refresh` takes the changes over.
     * @throws LearningError The model does not return hidden vectors.
     */
    constructor(model: Backend, vocabulary: Vocabulary, frame: FrameSettings, memory: WriterMemory);
    stem(points: Float32Array): Promise<Float32Array>;
    encode(stems: readonly Float32Array[], boxes: Float32Array): Promise<Encoded>;
    initCache(encoded: Encoded, beams: number): Cache;
    /** Decode one token for each row as the model does, and mix the memory into the logits. */
    decodeStep(encoded: Encoded, cache: Cache, tokens: Int32Array, position: number): Promise<Step>;
    /**
     * Compute the keys that are missing or belong to another model. Nobody else may use the model meanwhile.
     */
    refresh(): Promise<void>;
    /** Return the keys of a formula, from one forced pass. A formula that the model cannot read or write has none. */
    private makeKeys;
    /** Whether the model can read the ink of a formula and write its tokens. */
    private fits;
    private follow;
    private centred;
    private ids;
    /** The mask (V) of the ids that were allowed when a formula was accepted, undefined for all. */
    private allowed;
}
