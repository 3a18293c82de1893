/**
 * A session reads an expression while it is being written. TypeScript version of `tegashiki/recognizer/session.py`.
 *
 *     const session = new Session(await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js"));
 *     session.addStroke([[10, 10], [20, 30]]);
 *     for await (const { candidates } of session.stream(5)) show(candidates);
 *
 * Every edit takes effect immediately and supersedes readings in progress. Until something is accepted, rejected or
 * restricted, the readings are those of `Recognizer.recognize` for the same strokes.
 *
 * docs/runtime.md describes the state machine and the contract of every method.
 */
import type { Point } from "./preprocess.js";
import { type Candidate, type Reader } from "./recognizer.js";
/** Distinct readings of the strokes, likeliest first. Empty if there are no strokes. */
export interface Candidates {
    candidates: Candidate[];
    /** True if no reading could contain the accepted one. These were then read without it. */
    pinReleased: boolean;
    /** True if better readings follow. */
    partial: boolean;
    /** True if the last stroke has grown since the reading began. */
    outdated: boolean;
}
/** Reads expressions one after another, each from its first stroke to `commit`. */
export declare class Session {
    private readonly reader;
    private moment;
    private past;
    private future;
    /** Whether the last edit added or extended the last stroke. */
    private growing;
    /** Whether `commit` took a stroke that was growing, without an edit since then. */
    private cut;
    /** The candidates that were returned, with their strokes. */
    private given;
    constructor(reader: Reader);
    private get state();
    /** The points of the strokes. */
    get strokes(): readonly (readonly Point[])[];
    /** The accepted reading, until another one is accepted, it is rejected, or one of its strokes is erased. */
    get accepted(): Candidate | undefined;
    /** The accepted reading, if it covers all strokes and obeys the restriction. */
    get acceptedForAll(): Candidate | undefined;
    /** Whether there is an edit to undo. */
    get canUndo(): boolean;
    /** Whether there is an edit to redo. */
    get canRedo(): boolean;
    /**
     * Add a stroke.
     *
     * @param points At least one point [x, y]. y grows downwards, and all strokes have the same unit.
     * @throws RangeError The stroke is invalid, or there are more strokes or points than the limits. The session then stays
     *   unchanged.
     */
    addStroke(points: readonly Point[]): void;
    /**
     * Add several strokes as one edit. An empty list is not an edit.
     *
     * @throws RangeError As `addStroke`.
     */
    addStrokes(strokes: readonly (readonly Point[])[]): void;
    /**
     * Replace all strokes as one edit, for example with those of a file. Also discards accepted and rejected readings. It
     * is not an edit if there are no strokes before and after.
     *
     * @throws RangeError As `addStroke`.
     */
    replaceStrokes(strokes: readonly (readonly Point[])[]): void;
    /**
     * Append points to the last stroke while the pen moves.
     *
     * `undo` removes the stroke as a whole, or only these points if there was another edit after the stroke was added.
     * Readings in progress continue with the stroke as it was before; otherwise nothing could be read while the pen moves.
     * If `commit` took the stroke while it was growing, the points begin a stroke of the next expression.
     *
     * @throws RangeError There is no stroke, or there are no points or too many. The session then stays unchanged.
     */
    extendStroke(points: readonly Point[]): void;
    /**
     * Let the last stroke take away others if it is a scratch-out or a strike. Call this when the pen is lifted.
     *
     * The gesture and the strokes vanish together, in place of the edit that added the stroke: `undo` brings the strokes
     * back, without the gesture. An accepted reading of one of them is released. After any other edit than adding or
     * extending a single stroke, nothing happens.
     *
     * @returns The indices that the strokes had; none if the last stroke is ink.
     */
    applyGesture(): number[];
    /**
     * Erase strokes as one edit. If the accepted reading has one of these strokes, it is released. A call without indices
     * is not an edit.
     *
     * @param strokeIndices Indices in `strokes`.
     * @throws RangeError An index is out of range. The session then stays unchanged.
     */
    erase(...strokeIndices: number[]): void;
    /**
     * Move strokes as one edit. An accepted reading of some of them and of others is released. A call without indices or
     * without a distance is not an edit.
     *
     * @param strokeIndices Indices in `strokes`.
     * @param dx How far to the right.
     * @param dy How far down.
     * @throws RangeError An index is out of range, or a stroke would come to lie outside the coordinates allowed. The
     *   session then stays unchanged.
     */
    moveStrokes(strokeIndices: readonly number[], dx: number, dy: number): void;
    /** Erase everything as one edit. It is not an edit if there are no strokes. */
    clear(): void;
    /** Undo the last edit (adding, erasing, clearing, accepting or rejecting). Returns false if there is none. */
    undo(): boolean;
    /** Redo the last undone edit. Returns false if there is none, or if there was another edit since. */
    redo(): boolean;
    /**
     * Read the current strokes. If there is an edit meanwhile, read again after it.
     *
     * @param n Number of readings, from 1 to the model's widest beam. Fewer are returned only if the rules allow fewer.
     * @throws RangeError `n` is out of range.
     * @throws NoReadingError The restriction allows no reading.
     */
    candidates(n?: number): Promise<Candidates>;
    /**
     * Read the current strokes in two steps: first one greedy reading (`partial`), then `n` readings.
     *
     * The iteration ends early if there is an edit meanwhile. The greedy reading is left out after a rejection, where it
     * would not be faster.
     *
     * @throws RangeError, NoReadingError As `candidates`.
     */
    stream(n?: number): AsyncGenerator<Candidates>;
    /**
     * List alternatives for a token: complete readings that differ only in this token, likeliest first. They can be
     * accepted and rejected like other readings.
     *
     * @param tokenIndex Index in the candidate's `tokens`.
     * @param candidate A candidate that this session returned for the current strokes, by default the first one.
     * @returns As many readings as the model's widest beam, or fewer if the rules allow fewer.
     * @throws RangeError The token or the candidate does not exist, or an edit removes the candidate's strokes meanwhile.
     */
    alternatives(tokenIndex: number, candidate?: Candidate): Promise<Candidate[]>;
    /**
     * Return the reading of the current strokes with this LaTeX, so that it can be accepted. It need not be among the
     * candidates.
     *
     * @param latex LaTeX that somebody typed, in any common spelling.
     * @throws LatexError The LaTeX cannot be read.
     * @throws RangeError There are no strokes, or the model or the restriction does not allow the LaTeX.
     */
    spell(latex: string): Promise<Candidate>;
    /**
     * Restrict the tokens of readings. Braces and the end of a table are always allowed. Tokens that open a group are
     * excluded if the restriction does not allow to close it.
     *
     * @param tokens Name of a preset ("calculator", "crohme"), the tokens themselves, or undefined for all tokens.
     * @throws RangeError The preset is unknown, a token is not in the reader's vocabulary, or there are no tokens.
     */
    restrict(tokens: string | readonly string[] | undefined): void;
    /**
     * Accept a reading. Later readings contain its tokens in their order, as far as the ink and the restriction allow.
     *
     * @throws RangeError The candidate is not from this session, or its strokes are gone.
     */
    accept(candidate: Candidate): void;
    /**
     * Reject a reading, so that it is not returned again for the same strokes. If it is accepted, that ends.
     *
     * @throws RangeError As `accept`.
     */
    reject(candidate: Candidate): void;
    /**
     * Finish the expression. Returns the reading that was accepted for all of its strokes, else the likeliest reading. The
     * reader may learn it.
     *
     * The expression consists of the strokes at the time of the call. The session is empty as soon as the call returns its
     * promise: later strokes belong to the next expression, even while this one is still being read. Edits of the finished
     * expression cannot be undone.
     *
     * @throws RangeError There are no strokes.
     * @throws RangeError, NoReadingError As `candidates`. The expression is then restored, before any later strokes.
     */
    commit(): Promise<Candidate>;
    private checked;
    /** The state without some strokes. An accepted reading of one of them is released. */
    private without;
    private edit;
    private step;
    private change;
    /** Take the expression out and begin the next one, whose edits do not supersede readings of this one. */
    private take;
    /** Put an expression back, before the strokes written since it was taken out. */
    private putBack;
    private strokesRead;
    /** Read the current strokes. If there is an edit meanwhile, read again. */
    private untilCurrent;
    /**
     * Read a moment's state and remember the returned candidates.
     *
     * @throws The abort's reason, if there is an edit meanwhile.
     */
    private readOf;
    /** Read a moment's state, or return its earlier reading. */
    private found;
    private give;
    private alternativesOf;
    /** The reading that `commit` returns for a moment. */
    private committed;
}
