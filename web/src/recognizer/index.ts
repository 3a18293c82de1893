/**
 * The recogniser of tegashiki for browsers: converts handwritten mathematics to LaTeX.
 *
 *     import { loadRecognizer, Session } from "./recognizer.js";
 *
 *     const recognizer = await loadRecognizer("default.tflite", "litert/litert_wasm_compat_internal.js");
 *     const [best] = await recognizer.recognize([[[0, 5], [10, 5]], [[5, 0], [5, 10]]]);
 *     console.log(best.latex, best.probability);
 *
 * See docs/browser.md.
 */

export type { Backend, Cache, Encoded, Hidden, Step } from "./backend.ts";
export { isSure } from "./doubt.ts";
export { toLatex } from "./environments.ts";
export { struck } from "./gestures.ts";
export { canonical, LatexError } from "./latex.ts";
export { checkStroke, MAX_POINTS, MAX_STROKE_POINTS } from "./limits.ts";
export { loadRecognizer } from "./load.ts";
export { MemoryFileError, readFormulas, writeFormulas } from "./memory/file.ts";
export { type Formula, type Keys, LearningError } from "./memory/formula.ts";
export { WriterMemory } from "./memory/memory.ts";
export { type Metadata, readMetadata } from "./metadata.ts";
export { type PageReading, PageSession } from "./page-session.ts";
export { type Framed, type FrameSettings, frameStroke, normalizeBoxes, type Point, simplify } from "./preprocess.ts";
export type { Candidate, Reader, Reading, ReadRequest } from "./recognizer.ts";
export { Recognizer } from "./recognizer.ts";
export { type Calibration, NoReadingError } from "./search.ts";
export { type Candidates, Session } from "./session.ts";
export { Vocabulary } from "./vocabulary.ts";
