/** Run the recogniser in a worker, so that the pen never waits for the model. LiteRT.js needs a classic worker. */

import { loadRecognizer } from "../recognizer/load.ts";
import type { Formula, Keys } from "../recognizer/memory/formula.ts";
import { WriterMemory } from "../recognizer/memory/memory.ts";
import type { Recognizer } from "../recognizer/recognizer.ts";
import { NoReadingError } from "../recognizer/search.ts";
import type { Order, Report } from "./messages.ts";

const page = self as unknown as { onmessage: (event: MessageEvent<Order>) => void; postMessage(report: Report): void };
const reading = new Map<number, AbortController>();
let recognizer: Promise<Recognizer> | undefined;

page.onmessage = ({ data: order }) => {
  if (order.kind === "load") void load(order);
  else if (order.kind === "remember") void remember(order.formulas);
  else if (order.kind === "read") void read(order.id, order.request);
  else reading.get(order.id)?.abort();
};

// The page does not see unhandled rejections. Report them as errors, so that it starts a new worker.
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  reportError(event.reason);
});

async function load({ model, wasm, binary }: Order & { kind: "load" }): Promise<void> {
  try {
    recognizer = loadRecognizer(model, wasm, { binary });
    const { maxStrokes, backend } = await recognizer;
    page.postMessage({ kind: "loaded", maxStrokes, learns: Boolean(backend.hidden) });
  } catch (error) {
    page.postMessage({ kind: "broken", message: (error as Error).message });
  }
}

async function remember(formulas: readonly Formula[]): Promise<void> {
  const reader = await recognizer!;
  const before = formulas.map(({ keys }) => keys);
  reader.remember(new WriterMemory(formulas));
  await reader.refresh();
  const keys = formulas.flatMap(({ keys }, i): [number, Keys][] => (keys && keys !== before[i] ? [[i, keys]] : []));
  page.postMessage({ kind: "made", keys });
}

async function read(id: number, request: (Order & { kind: "read" })["request"]): Promise<void> {
  const controller = new AbortController();
  reading.set(id, controller);
  try {
    const reader = await recognizer!;
    page.postMessage({ kind: "read", id, reading: await reader.read(request, controller.signal) });
  } catch (error) {
    if (controller.signal.aborted) return; // the page no longer waits for the result
    // Any other error is a fault after which the state of LiteRT.js cannot be trusted.
    if (!(error instanceof NoReadingError || error instanceof RangeError)) throw error;
    page.postMessage({ kind: "failed", id, message: error.message });
  } finally {
    reading.delete(id);
  }
}
