/**
 * Recognise a scratch-out or a strike: a stroke that takes away ink instead of adding to it. TypeScript version of
 * `tegashiki/ink/gestures.py`, which describes both gestures and the settings.
 */
import { type Point } from "./preprocess.js";
type Line = readonly Point[];
/**
 * Find the strokes that a new stroke takes away.
 *
 * @param strokes The strokes already written.
 * @param stroke The new stroke, in the same unit.
 * @returns Ascending indices into `strokes`; none if the new stroke is ink.
 */
export declare function struck(strokes: readonly Line[], stroke: Line): number[];
export {};
