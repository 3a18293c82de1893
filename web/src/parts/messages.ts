/** Messages between the page and its worker. */

import type { Formula, Keys } from "../recognizer/memory/formula.ts";
import type { Reading, ReadRequest } from "../recognizer/recognizer.ts";

/** Messages to the worker: load a model, read with a memory of these formulas, read an ink, or abort a reading. */
export type Order =
  | { kind: "load"; model: string; wasm: string; binary?: string | undefined }
  | { kind: "remember"; formulas: readonly Formula[] }
  | { kind: "read"; id: number; request: ReadRequest }
  | { kind: "abort"; id: number };

/** Messages from the worker. `made` answers "remember": the keys that were missing, with the indices of their formulas. */
export type Report =
  | { kind: "loaded"; maxStrokes: number; learns: boolean }
  | { kind: "made"; keys: readonly (readonly [number, Keys])[] }
  | { kind: "broken"; message: string }
  | { kind: "read"; id: number; reading: Reading }
  | { kind: "failed"; id: number; message: string };
