/**
 * Handwritten mathematics to LaTeX in a browser: the recogniser of tegashiki, without its page.
 *
 *     import { loadRecognizer, Session } from "./recognizer.js";
 *
 *     const recognizer = await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js");
 *     const [best] = await recognizer.recognize([[[0, 5], [10, 5]], [[5, 0], [5, 10]]]);
 *     console.log(best.latex, best.probability);
 *
 * docs/browser.md has more.
 */
export type { Backend, Cache, Encoded, Step } from "./backend.js";
export { loadRecognizer } from "./load.js";
export { readMetadata, type Metadata } from "./metadata.js";
export { frameStroke, normalizeBoxes, simplify, type Framed, type FrameSettings, type Point } from "./preprocess.js";
export { checkStroke, MAX_POINTS, MAX_STROKE_POINTS, Recognizer } from "./recognizer.js";
export type { Candidate, Reader, Reading, ReadRequest } from "./recognizer.js";
export { NoReadingError, type Calibration } from "./search.js";
export { Session, type Candidates } from "./session.js";
export { join, Vocabulary } from "./vocabulary.js";
