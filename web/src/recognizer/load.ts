/** Load a recogniser from the model file and LiteRT.js. */

import { LiteRTBackend } from "./litert.ts";
import type { WriterMemory } from "./memory/memory.ts";
import type { Metadata } from "./metadata.ts";
import { Recognizer } from "./recognizer.ts";
import { type Calibration, UNCALIBRATED } from "./search.ts";

/**
 * Load a model into the browser.
 *
 * @param model URL or content of a .tflite file written by `tegashiki export`.
 * @param wasm URL of the loader of LiteRT.js, `litert/litert_wasm_compat_internal.js` in the built page.
 * @param options `memory`: a writer's memory to read with. It learns what sessions commit. `binary`: URL of LiteRT.js's
 *   .wasm file, by default the one in the loader's folder.
 * @throws LearningError There is a memory, but the model cannot learn.
 */
export async function loadRecognizer(
  model: string | Uint8Array,
  wasm: string,
  options: { memory?: WriterMemory; binary?: string | undefined } = {},
): Promise<Recognizer> {
  const file = typeof model === "string" ? await download(model) : model;
  const backend = await LiteRTBackend.open(file, wasm, options.binary);
  const { vocabulary, points_per_stroke, rdp_epsilon, calibration } = backend.metadata;
  const recognizer = new Recognizer(
    backend,
    vocabulary,
    { points: points_per_stroke, epsilon: rdp_epsilon },
    calibrationOf(calibration),
  );
  recognizer.remember(options.memory);
  return recognizer;
}

function calibrationOf(stored: Metadata["calibration"]): Calibration {
  if (!stored) return UNCALIBRATED;
  const { temperature, bonus, symbol_cost, novelty } = stored;
  return { temperature, bonus, symbolCost: symbol_cost ?? novelty ?? 0 };
}

async function download(address: string): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the model ${address} cannot be loaded: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
