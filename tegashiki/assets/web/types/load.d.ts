/** From two files to a recogniser. */
import { Recognizer } from "./recognizer.js";
/**
 * Load a model into the browser.
 *
 * @param model address or bytes of a .tflite that `tegashiki export` wrote.
 * @param wasm address of LiteRT.js' loader, `litert/litert_wasm_compat_internal.js` of the built page; its .wasm lies beside it.
 */
export declare function loadRecognizer(model: string | Uint8Array, wasm: string): Promise<Recognizer>;
