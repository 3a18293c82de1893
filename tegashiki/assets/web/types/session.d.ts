/**
 * An expression that is read while it is being written; `tegashiki/recognizer/session.py` in TypeScript.
 *
 *     const session = new Session(await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js"));
 *     session.addStroke([[10, 10], [20, 30]]);
 *     for await (const { candidates } of session.stream(5)) show(candidates);
 *
 * Every edit takes effect at once and ends the readings that are under way. What is read is what `Recognizer.recognize`
 * reads in the same strokes, until something is accepted, rejected or restricted.
 */
import type { Point } from "./preprocess.js";
import { type Candidate, type Reader } from "./recognizer.js";
/** Distinct readings of what is written, the likeliest first; none where nothing is. */
export interface Candidates {
    candidates: Candidate[];
    /** What was accepted could not be held: these are the readings without it. */
    pinReleased: boolean;
    /** Better ones are coming. */
    partial: boolean;
    /** The last stroke has grown since they were asked for. */
    outdated: boolean;
}
/** One expression, from its first stroke to `commit`. */
export declare class Session {
    private readonly reader;
    private state;
    private past;
    private future;
    private restriction;
    private editing;
    /** The last edit added the last stroke, or grew it. */
    private growing;
    /** Candidates and the strokes that they are readings of. */
    private readonly given;
    constructor(reader: Reader);
    /** The strokes as they were given. */
    get strokes(): readonly (readonly Point[])[];
    /** The accepted reading, until another is, it is rejected or one of its strokes erased. */
    get accepted(): Candidate | undefined;
    /** The accepted reading where it is one of all that is written, and within the restriction. */
    get acceptedForAll(): Candidate | undefined;
    get canUndo(): boolean;
    get canRedo(): boolean;
    /** Add a stroke. @throws RangeError for what is none; the session then stays as it was. */
    addStroke(points: readonly Point[]): void;
    /** Add strokes as one edit. @throws as `addStroke`. */
    addStrokes(strokes: readonly (readonly Point[])[]): void;
    /** Write these strokes in the place of all that is there, as one edit, such as those of a file. @throws as `addStroke`. */
    replaceStrokes(strokes: readonly (readonly Point[])[]): void;
    /**
     * Put more points behind the last stroke's: the pen has moved on. `undo` still takes the stroke as a whole, unless
     * something else was edited since it was added; then it takes these points. What is being read is read on, of the
     * stroke as it was, or nothing would be read while a pen moves.
     *
     * @throws RangeError where there is no stroke, for no points, and for a stroke of too many; the session then stays
     * as it was.
     */
    extendStroke(points: readonly Point[]): void;
    /** Take strokes away, by their indices in `strokes`; what was accepted of them is released. */
    erase(...indices: number[]): void;
    /** Take everything away; `undo` brings it back. No edit where nothing is written. */
    clear(): void;
    /** Take the last edit back (a stroke, erasing, clearing, accepting, rejecting); false where there is none. */
    undo(): boolean;
    /** Do again what `undo` took back; false where there is nothing. */
    redo(): boolean;
    /** Pin a reading that this session gave: from now on readings hold its tokens in their order. */
    accept(candidate: Candidate): void;
    /** Keep a reading from coming back for the same strokes; a pin of the same reading goes. */
    reject(candidate: Candidate): void;
    /** Write these tokens only, braces and the end of a table beside them; undefined for all. */
    restrict(tokens: readonly string[] | undefined): void;
    /** End the expression: the session is empty then, and nothing of it can be undone. */
    commit(): void;
    /**
     * Read what is written now.
     *
     * @param n readings wanted, 1 to the model's widest beam.
     * @param beams hypotheses kept, if not the model's widest beam; 1 is greedy.
     * @throws AbortError (a DOMException) where something is edited meanwhile.
     */
    candidates(n?: number, beams?: number): Promise<Candidates>;
    /**
     * List what a token could be instead: whole readings that differ in it alone, the likeliest first. They can be
     * accepted and rejected as any other.
     *
     * @param tokenIndex into the candidate's `tokens`.
     * @param candidate one that this session gave for the strokes that are there now; the first one if not given.
     * @returns as many as the model's widest beam, fewer where the rules admit fewer.
     * @throws RangeError where there is no such token, or no such candidate; AbortError (a DOMException) where something
     * is edited meanwhile.
     */
    alternatives(tokenIndex: number, candidate?: Candidate): Promise<Candidate[]>;
    /**
     * Read what is written now: one greedy reading (`partial`), but behind a rejection, where it would be no quicker; then
     * `n`. Ends early where something is edited.
     */
    stream(n?: number): AsyncGenerator<Candidates>;
    private checked;
    private request;
    private acceptedForAllOf;
    private strokesRead;
    private edit;
    private step;
    private change;
}
