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
export type { Backend, Cache, Encoded, Hidden, Step } from "./backend.js";
export { isSure } from "./doubt.js";
export { toLatex } from "./environments.js";
export { struck } from "./gestures.js";
export { canonical, LatexError } from "./latex.js";
export { checkStroke, MAX_POINTS, MAX_STROKE_POINTS } from "./limits.js";
export { loadRecognizer } from "./load.js";
export { MemoryFileError, readFormulas, writeFormulas } from "./memory/file.js";
export { type Formula, type Keys, LearningError } from "./memory/formula.js";
export { WriterMemory } from "./memory/memory.js";
export { type Metadata, readMetadata } from "./metadata.js";
export { type PageReading, PageSession } from "./page-session.js";
export { type Framed, type FrameSettings, frameStroke, normalizeBoxes, type Point, simplify } from "./preprocess.js";
export type { Candidate, Reader, Reading, ReadRequest } from "./recognizer.js";
export { Recognizer } from "./recognizer.js";
export { type Calibration, NoReadingError } from "./search.js";
export { type Candidates, Session } from "./session.js";
export { Vocabulary } from "./vocabulary.js";
