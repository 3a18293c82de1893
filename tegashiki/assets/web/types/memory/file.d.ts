/** Read and write the file of a memory: JSON with one formula a line, as `tegashiki/memory/file.py` (docs/memory.md). */
import type { Formula } from "./formula.js";
/** What the field `kind` of every memory says. */
export declare const KIND = "tegashiki writer memory";
/** A file that is not a memory, or is damaged. */
export declare class MemoryFileError extends RangeError {
}
/** Return the text of a memory's file. */
export declare function writeFormulas(formulas: readonly Formula[]): string;
/**
 * Read a memory's file.
 *
 * @param content The file.
 * @param name Its name, for errors.
 * @throws MemoryFileError The file is damaged, not a memory, or of a newer format.
 */
export declare function readFormulas(content: string | Uint8Array, name: string): Formula[];
