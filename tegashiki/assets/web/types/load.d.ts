/** Load a recogniser from the model file and LiteRT.js. */
import { Recognizer } from "./recognizer.js";
/**
 * Load a model into the browser.
 *
 * @param model URL or content of a .tflite file written by `tegashiki export`.
 * @param wasm URL of the loader of LiteRT.js, `litert/litert_wasm_compat_internal.js` in the built page.
 * @param binary URL of its .wasm file, by default the one in the loader's folder.
 */
export declare function loadRecognizer(model: string | Uint8Array, wasm: string, binary?: string): Promise<Recognizer>;
