/** Which symbols of a reading are in doubt. TypeScript version of `tegashiki/recognizer/doubt.py`. */

import { constants } from "./grammar.json";
import type { Candidate } from "./recognizer.ts";

/**
 * Return the indices of the visible tokens in doubt.
 *
 * The probability of a symbol is that of its token and of the structure before it, which says where the symbol stands.
 * The last symbol also answers for everything after it, including the end.
 *
 * @param visible Indices of all visible tokens of a reading, ascending.
 * @param logs Calibrated natural log probability of each token and of the end token.
 */
export function doubtfulTokens(visible: readonly number[], logs: readonly number[]): number[] {
  const limit = Math.log(constants.doubtful_below);
  return visible.filter((index, i) => {
    const start = i ? visible[i - 1]! + 1 : 0;
    const stop = i + 1 < visible.length ? index + 1 : logs.length;
    return logs.slice(start, stop).reduce((sum, log) => sum + log, 0) < limit;
  });
}

/** Whether a reading is probable enough to be shown as the answer, as the best candidate of its ink. */
export function isSure({ probability }: Candidate): boolean {
  return probability >= constants.reject_below;
}
