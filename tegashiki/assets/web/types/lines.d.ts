/**
 * Tell lines of writing apart while they are written: which line does a new stroke belong to, or does it begin one?
 * TypeScript version of `tegashiki/recognizer/lines.py`, which explains the rules.
 */
import type { Point } from "./preprocess.js";
/** The extent of one or several strokes; y grows downwards. */
export interface Box {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
}
/** Where a stroke belongs. */
export interface Place {
    /** Index of its line, counted from the top. */
    readonly line: number;
    /** Whether the line is a new one. The lines from this index on then move down by one. */
    readonly isNew: boolean;
    /** How many of the last strokes of the line above go with it into the new line. */
    readonly moved: number;
    /** Further lines that the stroke makes one with its line, as a bracket does, ascending. */
    readonly joined: readonly number[];
}
/** Return the box of a stroke. */
export declare function boxOf(points: readonly Point[]): Box;
/**
 * Return the line that a new stroke belongs to.
 *
 * @param lines For each line from the top the boxes of its strokes in the order of writing, none empty.
 * @param box The new stroke.
 * @param current The line that was written last, if any.
 */
export declare function place(lines: readonly (readonly Box[])[], box: Box, current?: number): Place;
