/** Ink in, LaTeX out. */
import type { Backend } from "./backend.js";
import { Grammar } from "./grammar.js";
import { type FrameSettings, type Point } from "./preprocess.js";
import { type Calibration } from "./search.js";
import { Vocabulary } from "./vocabulary.js";
/** One reading of an ink; plain data that can be posted to a worker or stored. */
export interface Candidate {
    /** As one would type it: `\frac{a}{b}`. */
    latex: string;
    /** Canonical. */
    tokens: string[];
    /** That this is what is written, as far as the model's calibration goes. */
    probability: number;
    /** For each token the strokes that draw it, ascending; every stroke draws one. */
    strokesOfToken: number[][];
    /** False where it ends because the model writes no more tokens: the ink is longer. */
    complete: boolean;
}
/** What is asked of a `Reader`; plain data. */
export interface ReadRequest {
    /** At least one. The key tells a stroke from all others, and from itself before it grew. */
    strokes: readonly {
        key: string;
        points: readonly Point[];
    }[];
    /** Candidates wanted, 1 to the model's widest beam; `replacing` gives up to that whatever is wanted. */
    n: number;
    /** Hypotheses kept, if not the model's widest beam; 1 is greedy. */
    beams?: number | undefined;
    /** The tokens that may be written, if not all; braces and the end of a table come along. */
    restrict?: readonly string[] | undefined;
    /** What every reading holds: tokens, and for each stroke the one that it draws, -1 for none. */
    pin?: {
        tokens: readonly string[];
        strokeTokens: readonly number[];
    } | undefined;
    /** Readings, as tokens, that are not to come back. */
    refused?: readonly (readonly string[])[] | undefined;
    /** Given, nothing is searched: the readings that differ from this one in its token of that index alone. */
    replacing?: {
        reading: Pick<Candidate, "tokens" | "strokesOfToken" | "complete">;
        token: number;
    } | undefined;
}
/** What a `Reader` answers. */
export interface Reading {
    /** Best first; fewer than asked for only where the rules admit fewer. */
    candidates: Candidate[];
    /** No reading could hold the pin: these do not. */
    released: boolean;
}
/** Who reads for a session: a `Recognizer`, here or in a worker. */
export interface Reader {
    /** Strokes that it reads at most. */
    readonly maxStrokes: number;
    /** Candidates that it gives at most, the model's widest beam. Where this is not known, `read` refuses more. */
    readonly maxCandidates?: number | undefined;
    /** The model's tokens. Where they are not known, a session does not refuse a restriction to others. */
    readonly vocabulary?: Vocabulary | undefined;
    /** Read an ink; where the signal aborts meanwhile its reason is thrown. */
    read(request: ReadRequest, signal?: AbortSignal): Promise<Reading>;
}
/** Most points of one ink. */
export declare const MAX_POINTS: number;
/** Most points of one stroke: 40 s at 240 Hz. */
export declare const MAX_STROKE_POINTS: number;
/** Reads inks with one model, one after the other. */
export declare class Recognizer implements Reader {
    readonly backend: Backend;
    private readonly frame;
    private readonly calibration;
    readonly vocabulary: Vocabulary;
    readonly grammar: Grammar;
    /** (V), 1 for the tokens that a pen draws. */
    private readonly visible;
    private readonly stems;
    private last;
    private turn;
    private unnamed;
    /**
     * @param backend the model; see `load` for a .tflite.
     * @param tokens those that it was trained with.
     * @param frame how its strokes are framed.
     * @param calibration of its probabilities.
     */
    constructor(backend: Backend, tokens: readonly string[], frame: FrameSettings, calibration?: Calibration);
    get maxStrokes(): number;
    get maxCandidates(): number;
    /**
     * Read an ink once; a `Session` reads one while it is being written.
     *
     * @param strokes at least one, each at least one point.
     * @param n candidates wanted, 1 to the model's widest beam.
     * @param beams hypotheses kept, if not the model's widest beam; 1 is greedy.
     */
    recognize(strokes: readonly (readonly Point[])[], n?: number, beams?: number): Promise<Candidate[]>;
    read(request: ReadRequest, signal?: AbortSignal): Promise<Reading>;
    private readNow;
    /** The readings with another token at one place, scored as a whole, best first. */
    private replaced;
    /** The likeliest sequences with another token at one place that the rules admit, as many as are scored at once. */
    private replacements;
    private decode;
    private candidate;
    private encode;
    private stem;
    private check;
}
/** @throws RangeError for what is no stroke: 1 to `MAX_STROKE_POINTS` points [x, y], finite and not too far away. */
export declare function checkStroke(points: readonly Point[]): void;
/** @throws RangeError for strokes that have too many points together. */
export declare function checkPoints(strokes: readonly (readonly Point[])[]): void;
/** @throws RangeError where a model cannot give `n` candidates. */
export declare function checkCandidates(n: number, most?: number): void;
