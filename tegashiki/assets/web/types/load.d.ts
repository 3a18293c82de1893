/** Load a recogniser from the model file and LiteRT.js. */
import type { WriterMemory } from "./memory/memory.js";
import { Recognizer } from "./recognizer.js";
/**
 * Load a model into the browser.
 *
 * @param model URL or content of a .tflite file written by `tegashiki export`.
 * @param wasm URL of the loader of LiteRT.js, `litert/litert_wasm_compat_internal.js` in the built page. Its .wasm must
 *   be in the same folder.
 * @param options `memory`: a writer's memory to read with. It learns what sessions commit.
 * @throws LearningError There is a memory, but the model cannot learn.
 */
export declare function loadRecognizer(model: string | Uint8Array, wasm: string, options?: {
    memory?: WriterMemory;
}): Promise<Recognizer>;
