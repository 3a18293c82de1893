/** Load a recogniser from the model file and LiteRT.js. */

import { LiteRTBackend } from "./litert.ts";
import type { Metadata } from "./metadata.ts";
import { Recognizer } from "./recognizer.ts";
import { type Calibration, UNCALIBRATED } from "./search.ts";

/**
 * Load a model into the browser.
 *
 * @param model URL or content of a .tflite file written by `tegashiki export`.
 * @param wasm URL of the loader of LiteRT.js, `litert/litert_wasm_compat_internal.js` in the built page.
 * @param binary URL of its .wasm file, by default the one in the loader's folder.
 */
export async function loadRecognizer(model: string | Uint8Array, wasm: string, binary?: string): Promise<Recognizer> {
  const file = typeof model === "string" ? await download(model) : model;
  const backend = await LiteRTBackend.open(file, wasm, binary);
  const { vocabulary, points_per_stroke, rdp_epsilon, calibration } = backend.metadata;
  return new Recognizer(
    backend,
    vocabulary,
    { points: points_per_stroke, epsilon: rdp_epsilon },
    calibrationOf(calibration),
  );
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
