/** Messages between the page and its worker. */

import type { Reading, ReadRequest } from "../recognizer/recognizer.ts";

/** Messages to the worker: load a model, read an ink, or abort a reading. */
export type Order =
  | { kind: "load"; model: string; wasm: string; binary?: string | undefined }
  | { kind: "read"; id: number; request: ReadRequest }
  | { kind: "abort"; id: number };

/** Messages from the worker. */
export type Report =
  | { kind: "loaded"; maxStrokes: number }
  | { kind: "broken"; message: string }
  | { kind: "read"; id: number; reading: Reading }
  | { kind: "failed"; id: number; message: string };
