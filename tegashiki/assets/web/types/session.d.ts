/**
 * An expression that is read while it is being written; `tegashiki/recognizer/session.py` in TypeScript.
 *
 *     const session = new Session(await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js"));
 *     session.addStroke([[10, 10], [20, 30]]);
 *     for await (const { candidates } of session.stream(5)) show(candidates);
 *
 * Every edit takes effect at once and supersedes the readings that are under way. What is read is what
 * `Recognizer.recognize` reads in the same strokes, until something is accepted, rejected or restricted.
 *
 * docs/runtime.md has the state machine and the contract of every method.
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
/** One expression after the other, each from its first stroke to `commit`. */
export declare class Session {
    private readonly reader;
    private moment;
    private past;
    private future;
    /** The last edit added the last stroke, or grew it. */
    private growing;
    /** `commit` took a stroke that was growing, and nothing was edited since. */
    private cut;
    /** Candidates and the strokes that they are readings of. */
    private given;
    constructor(reader: Reader);
    private get state();
    /** The strokes as they were given. */
    get strokes(): readonly (readonly Point[])[];
    /** The accepted reading, until another is, it is rejected or one of its strokes erased. */
    get accepted(): Candidate | undefined;
    /** The accepted reading where it is one of all that is written, and within the restriction. */
    get acceptedForAll(): Candidate | undefined;
    /** Whether `undo` has something to take back. */
    get canUndo(): boolean;
    /** Whether `redo` has something to do again. */
    get canRedo(): boolean;
    /**
     * Add a stroke.
     *
     * @param points at least one [x, y], y downwards, in one unit for all strokes.
     * @throws RangeError for what is no stroke, and for more strokes or points than can be read; the session then stays as
     * it was.
     */
    addStroke(points: readonly Point[]): void;
    /** Add several strokes as one edit. No edit where there are none. @throws as `addStroke`. */
    addStrokes(strokes: readonly (readonly Point[])[]): void;
    /**
     * Write these strokes in the place of all that is there, as one edit: those of a file, for example. What was accepted
     * and rejected goes. No edit where there are none before and after.
     *
     * @throws as `addStroke`.
     */
    replaceStrokes(strokes: readonly (readonly Point[])[]): void;
    /**
     * Put more points behind the last stroke's: the pen has moved on. `undo` still takes the stroke as a whole, unless
     * something else was edited since it was added; then it takes these points. What is being read is read on, of the
     * stroke as it was, or nothing would be read while a pen moves. Behind a `commit` that took the stroke while it grew,
     * the points begin a stroke of the next expression.
     *
     * @throws RangeError where there is no stroke, for no points, and for too many; the session then stays as it was.
     */
    extendStroke(points: readonly Point[]): void;
    /**
     * Take strokes away as one edit, by their indices in `strokes`; what was accepted of them is released. No edit where
     * no index is given.
     *
     * @throws RangeError where one of the strokes is not there; the session then stays as it was.
     */
    erase(...strokeIndices: number[]): void;
    /** Take everything away; `undo` brings it back. No edit where nothing is written. */
    clear(): void;
    /** Take the last edit back (a stroke, erasing, clearing, accepting, rejecting); false where there is none. */
    undo(): boolean;
    /** Do again what `undo` took back; false where there is nothing, or something was edited since. */
    redo(): boolean;
    /**
     * Read what is written now; where something is edited meanwhile, what is written then.
     *
     * @param n readings wanted, 1 to the model's widest beam; fewer come back only where the rules admit fewer.
     * @throws RangeError for an impossible `n`, NoReadingError where a restriction leaves nothing to write.
     */
    candidates(n?: number): Promise<Candidates>;
    /**
     * Read what is written now, best effort first: one greedy reading (`partial`), then the `n` asked for. Ends early where
     * something is edited meanwhile. The first is left out behind a rejection, where it would be no quicker.
     *
     * @throws as `candidates`.
     */
    stream(n?: number): AsyncGenerator<Candidates>;
    /**
     * List what a token could be instead: whole readings that differ in it alone, the likeliest first. They can be
     * accepted and rejected as any other.
     *
     * @param tokenIndex into the candidate's `tokens`.
     * @param candidate one that this session gave for the strokes that are there now; the first one if not given.
     * @returns as many as the model's widest beam, fewer where the rules admit fewer.
     * @throws RangeError where there is no such token, or no such candidate, also where an edit takes its strokes away
     * meanwhile.
     */
    alternatives(tokenIndex: number, candidate?: Candidate): Promise<Candidate[]>;
    /**
     * Write these tokens only, braces and the end of a table beside them: a preset's name ("calculator", "crohme"), the
     * tokens themselves, or undefined for the whole vocabulary. What cannot be closed with them is not opened.
     *
     * @throws RangeError for an unknown preset, for tokens that the reader's vocabulary lacks, and where none is named.
     */
    restrict(tokens: string | readonly string[] | undefined): void;
    /**
     * Pin a reading: from now on all hold its tokens in their order, as far as ink and restriction let them.
     *
     * @throws RangeError for a candidate that this session did not give for strokes that are still there.
     */
    accept(candidate: Candidate): void;
    /** Keep a reading from coming back for the same strokes; a pin of the same reading goes. @throws as `accept`. */
    reject(candidate: Candidate): void;
    /**
     * End the expression and hand it over: what was accepted for all of its strokes, else the likeliest reading.
     *
     * The expression is what is written at the call. The session is empty as soon as the call returns, also while the
     * likeliest reading is still being searched: what arrives meanwhile belongs to the next expression. Nothing of this one
     * can be undone.
     *
     * @throws RangeError where nothing is written, and as `candidates`. The expression then comes back, before what was
     * written meanwhile.
     */
    commit(): Promise<Candidate>;
    private checked;
    private edit;
    private step;
    private change;
    /** Take the expression out and begin the next one. What is taken is not superseded by what comes after. */
    private take;
    /** Put an expression back, before what was written since it was taken out. */
    private putBack;
    private strokesRead;
    /** Read what is written, again where something is edited meanwhile. */
    private untilCurrent;
    /** Read a moment's state and note what is handed out. @throws the abort's reason where something is edited meanwhile. */
    private readOf;
    /** Read a moment's state, once. */
    private found;
    private give;
    private alternativesOf;
    /** The reading that an expression is handed over as: here its strokes and its tokens come together. */
    private committed;
}
