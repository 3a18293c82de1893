/** Unicode text such as `x²+½`. What has no characters of its own is written linearly, as UnicodeMath. */
import type { Row } from "./formula.js";
/** Return the text of a tree. */
export declare function unicodeText(row: Row): string;
