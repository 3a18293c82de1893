/**
 * A page of several lines, read while it is being written: one session for each line. TypeScript version of
 * `tegashiki/recognizer/page_session.py`.
 *
 *     const page = new PageSession(await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js"));
 *     page.addStroke([[10, 10], [20, 30]]);
 *     for await (const { candidates } of page.line.stream(5)) show(candidates);
 *     console.log((await page.read()).latex);
 *
 * A reading of a line is kept until the line changes, so a long page costs what its last line costs. docs/runtime.md
 * describes the contract of every method.
 */
import type { Point } from "./preprocess.js";
import type { Candidate, Reader } from "./recognizer.js";
import { Session } from "./session.js";
/** The reading of a page. */
export interface PageReading {
    /** All lines as one formula. */
    latex: string;
    /** The reading of each line from the top. */
    lines: Candidate[];
}
/**
 * Reads pages of lines, one after the other, each from its first stroke to `commit`. Edits go through it and not through
 * the sessions of its lines: only then can they be undone in their order.
 */
export declare class PageSession {
    private readonly reader;
    automatic: boolean;
    private layout;
    /** Whether the next stroke begins a line. */
    private begins;
    private restriction;
    private readonly empty;
    /** The sessions edited by the edit that is being made. */
    private edited;
    /** If the last edit added a single stroke, it and the strokes before it. */
    private single;
    private past;
    private future;
    /**
     * @param reader Reads all lines.
     * @param automatic Whether strokes begin lines by where they are; otherwise only `beginLine` does.
     */
    constructor(reader: Reader, automatic?: boolean);
    /** The sessions of the lines from the top. They can be read; only the page edits them. */
    get lines(): readonly Session[];
    /** The index of the line that was written or chosen last, undefined on an empty page. */
    get current(): number | undefined;
    /** The session of the current line, an empty one on an empty page. */
    get line(): Session;
    /** The points of the strokes of all lines, line by line from the top. */
    get strokes(): readonly (readonly Point[])[];
    /** Whether there is an edit to undo. */
    get canUndo(): boolean;
    /** Whether there is an edit to redo. */
    get canRedo(): boolean;
    /**
     * Add a stroke that is complete: where it belongs is known only then.
     *
     * @param points At least one point [x, y]. y grows downwards, and all strokes have the same unit.
     * @throws RangeError The stroke is invalid, or its line has too many strokes. The page then stays unchanged.
     */
    addStroke(points: readonly Point[]): void;
    /**
     * Add several strokes in the order of writing, as one edit. An empty list is not an edit.
     *
     * @throws RangeError As `addStroke`.
     */
    addStrokes(strokes: readonly (readonly Point[])[]): void;
    /**
     * Replace everything by strokes in the order of writing, such as those of a file, as one edit. It is not an edit if
     * there are no strokes before and after.
     *
     * @throws RangeError As `addStroke`.
     */
    replaceStrokes(strokes: readonly (readonly Point[])[]): void;
    /**
     * Replace everything by lines, from the top, each given by its strokes, as one edit. Empty lines are left out. It is
     * not an edit if there are no strokes before and after.
     *
     * @throws RangeError As `addStroke`.
     */
    replaceLines(lines: readonly (readonly (readonly Point[])[])[]): void;
    /**
     * Erase strokes as one edit. A line without strokes is gone. A call without indices is not an edit.
     *
     * @param strokeIndices Indices in `strokes`.
     * @throws RangeError An index is out of range. The page then stays unchanged.
     */
    erase(...strokeIndices: number[]): void;
    /**
     * Let the last stroke take away others, in whichever line, if it is a scratch-out or a strike. As of
     * `Session.applyGesture`.
     *
     * @returns The indices in `strokes` that they had; none if the last stroke is ink.
     */
    applyGesture(): number[];
    /**
     * Move strokes as one edit. They stay in their lines. As of `Session.moveStrokes`.
     *
     * @param strokeIndices Indices in `strokes`.
     * @throws RangeError As `Session.moveStrokes`.
     */
    moveStrokes(strokeIndices: readonly number[], dx: number, dy: number): void;
    /** Erase everything as one edit. It is not an edit if there are no strokes. */
    clear(): void;
    /** Let the next stroke begin a new line below the current one. This is not an edit. */
    beginLine(): void;
    /**
     * Make a line the current one. This is not an edit.
     *
     * @throws RangeError There is no such line.
     */
    goTo(line: number): void;
    /**
     * Make the current line one with the line above it, as one edit.
     *
     * @throws RangeError There is no line above, or both have more strokes than the model reads.
     */
    joinLine(): void;
    /** Undo the last edit, in whichever line it was. Returns false if there is none. */
    undo(): boolean;
    /** Redo the last undone edit. Returns false if there is none, or if there was another edit since. */
    redo(): boolean;
    /** Accept a reading of the current line, as `Session.accept` does. Throws as it does. */
    accept(candidate: Candidate): void;
    /** Reject a reading of the current line, as `Session.reject` does. Throws as it does. */
    reject(candidate: Candidate): void;
    /** Restrict the tokens of all lines, those to come included, as `Session.restrict` does. Throws as it does. */
    restrict(tokens: string | readonly string[] | undefined): void;
    /**
     * Return the likeliest reading of every line, the accepted one where there is one, and their formula. Only lines that
     * have changed since their last reading are read.
     *
     * @throws NoReadingError The restriction allows no reading of a line.
     */
    read(): Promise<PageReading>;
    /**
     * Finish the page. Returns what `read` returns; the reader may learn it. Edits cannot be undone then. The page is empty
     * as soon as the call returns its promise: later strokes belong to the next page.
     *
     * @throws RangeError There are no strokes.
     * @throws NoReadingError As `read`. The page is then restored, above any lines written meanwhile.
     */
    commit(): Promise<PageReading>;
    /** Make an edit. If it throws, what it has done is undone, and the steps to redo are gone if it had begun. */
    private edit;
    private decide;
    /** Add a stroke where it belongs. */
    private add;
    private placeOf;
    /** Return a session for a new line. */
    private begun;
    private write;
    /** Take the last strokes out of a line and return them. */
    private cutOff;
    /** Add the strokes of other lines, and further ones, to a line. */
    private join;
    /** Edit the lines that have some of the strokes, each with the indices of its own. */
    private inLines;
    private eraseAll;
    /** Put a page back, above the lines written since it was taken out. */
    private putBack;
}
