/** Which symbols of a reading are in doubt. TypeScript version of `tegashiki/recognizer/doubt.py`. */
import type { Candidate } from "./recognizer.js";
/**
 * Return the indices of the visible tokens in doubt.
 *
 * The probability of a symbol is that of its token and of the structure before it, which says where the symbol stands.
 * The last symbol also answers for everything after it, including the end.
 *
 * @param visible Indices of all visible tokens of a reading, ascending.
 * @param logs Calibrated natural log probability of each token and of the end token.
 */
export declare function doubtfulTokens(visible: readonly number[], logs: readonly number[]): number[];
/** Whether a reading is probable enough to be shown as the answer, as the best candidate of its ink. */
export declare function isSure({ probability }: Candidate): boolean;
