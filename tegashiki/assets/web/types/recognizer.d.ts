/** The recogniser: reads ink and returns LaTeX. */
import type { Backend } from "./backend.js";
import { Grammar } from "./grammar.js";
import type { WriterMemory } from "./memory/memory.js";
import { type FrameSettings, type Point } from "./preprocess.js";
import { type Calibration } from "./search.js";
import { Vocabulary } from "./vocabulary.js";
/** One reading of an ink. Plain data that can be posted to a worker or stored. */
export interface Candidate {
    /** LaTeX without unnecessary spaces: `\frac{a}{b}`. */
    latex: string;
    /** Canonical tokens. */
    tokens: string[];
    /** Calibrated probability that the reading is correct. */
    probability: number;
    /** For each token the indices of its strokes, ascending. Every stroke belongs to one token. */
    strokesOfToken: number[][];
    /** False if the reading was cut off at the model's length limit. */
    complete: boolean;
}
/** A request to a `Reader`. Plain data. */
export interface ReadRequest {
    /** At least one stroke. Each stroke has a unique key, which changes when the stroke grows. */
    strokes: readonly {
        key: string;
        points: readonly Point[];
    }[];
    /** Number of candidates, from 1 to the model's widest beam. With `replacing` always up to the widest beam. */
    n: number;
    /** Beam width, by default the model's widest one; 1 is greedy search. */
    beams?: number | undefined;
    /** The allowed tokens, by default all. Braces and the end of a table are always allowed. */
    restrict?: readonly string[] | undefined;
    /** Tokens that every reading must contain, and for each stroke the index of its token among them, -1 for none. */
    pin?: {
        tokens: readonly string[];
        strokeTokens: readonly number[];
    } | undefined;
    /** Rejected readings, as tokens. They are not returned. */
    refused?: readonly (readonly string[])[] | undefined;
    /** If given, return the readings that differ from this one only in the token with this index, without a search. */
    replacing?: {
        reading: Pick<Candidate, "tokens" | "strokesOfToken" | "complete">;
        token: number;
    } | undefined;
    /** If given, return only the reading with these tokens, without a search. */
    spelled?: readonly string[] | undefined;
}
/** The answer of a `Reader`. */
export interface Reading {
    /** Best first. Fewer than requested only if the rules allow fewer. */
    candidates: Candidate[];
    /** True if no reading could contain the pin, and these were read without it. */
    released: boolean;
}
/** Reads the ink of a session: a `Recognizer`, or a proxy of one in a worker. */
export interface Reader {
    /** Largest number of strokes of an ink. */
    readonly maxStrokes: number;
    /** Largest number of candidates, the model's widest beam. If undefined, only `read` checks the limit. */
    readonly maxCandidates?: number | undefined;
    /** The model's vocabulary. If undefined, a session does not check the tokens of a restriction. */
    readonly vocabulary?: Vocabulary | undefined;
    /**
     * Read an ink.
     *
     * @throws The signal's reason, if the signal aborts.
     */
    read(request: ReadRequest, signal?: AbortSignal): Promise<Reading>;
    /**
     * Learn an expression that a session commits. Does not reject.
     *
     * @param restrict The tokens that could be written, undefined for all.
     */
    learn?(strokes: readonly (readonly Point[])[], candidate: Candidate, restrict?: readonly string[]): Promise<void>;
}
/** Reads inks with one model, one at a time. */
export declare class Recognizer implements Reader {
    private readonly model;
    private readonly frame;
    private readonly calibration;
    readonly vocabulary: Vocabulary;
    readonly grammar: Grammar;
    /** Whether the memory learns the expressions that sessions commit. */
    learning: boolean;
    private remembering;
    /** (V), 1 for ids that a pen draws. */
    private readonly visible;
    private readonly stems;
    private last;
    private turn;
    private unnamed;
    /**
     * @param model The model. `loadRecognizer` opens a .tflite file.
     * @param tokens The vocabulary of the model.
     * @param frame Settings for framing strokes.
     * @param calibration Calibration of the probabilities.
     */
    constructor(model: Backend, tokens: readonly string[], frame: FrameSettings, calibration?: Calibration);
    /** The model, or the model with a memory. */
    get backend(): Backend;
    /** The writer's memory. */
    get memory(): WriterMemory | undefined;
    /**
     * Read with a writer's memory from now on, or without one. The memory may change at any time.
     *
     * @throws LearningError The model cannot learn.
     */
    remember(memory: WriterMemory | undefined): void;
    /** Compute the keys of newly learnt formulas now. Otherwise the next reading computes them first. */
    refresh(): Promise<void>;
    /** Learn a committed expression. Does nothing without a memory. A reading that is not complete is not learnt. */
    learn(strokes: readonly (readonly Point[])[], candidate: Candidate, restrict?: readonly string[]): Promise<void>;
    get maxStrokes(): number;
    get maxCandidates(): number;
    /**
     * Read a complete ink. A `Session` reads ink while it is being written.
     *
     * @param strokes At least one stroke, each with at least one point.
     * @param n Number of candidates, from 1 to the model's widest beam.
     * @param beams Beam width, by default the model's widest one; 1 is greedy search.
     * @throws RangeError The ink or `n` exceeds a limit.
     * @throws NoReadingError No sequence of tokens obeys all rules.
     */
    recognize(strokes: readonly (readonly Point[])[], n?: number, beams?: number): Promise<Candidate[]>;
    read(request: ReadRequest, signal?: AbortSignal): Promise<Reading>;
    /** Run an action after those that were asked for before. Only one at a time may use the backend. */
    private inTurn;
    private readNow;
    /** Return the reading with given tokens. */
    private spelled;
    /** Return readings with a different token in one place, best first. Each is scored as a whole. */
    private replaced;
    /** Return the likeliest sequences with a different token in one place that obey the rules, at most the widest beam. */
    private replacements;
    private decode;
    private candidate;
    private encode;
    private stem;
    private check;
}
/**
 * Check a number of candidates.
 *
 * @throws RangeError The model cannot return `n` candidates.
 */
export declare function checkCandidates(n: number, most?: number): void;
