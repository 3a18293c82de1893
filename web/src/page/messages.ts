/** What the page and its worker tell each other. */

import type { Reading, ReadRequest } from "../recognizer/recognizer.ts";

/** To the worker: load a model, read an ink, or end a reading. */
export type Order =
  | { kind: "load"; model: string; wasm: string }
  | { kind: "read"; id: number; request: ReadRequest }
  | { kind: "abort"; id: number };

/** From the worker. */
export type Report =
  | { kind: "loaded"; maxStrokes: number }
  | { kind: "broken"; message: string }
  | { kind: "read"; id: number; reading: Reading }
  | { kind: "failed"; id: number; message: string };
