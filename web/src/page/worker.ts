/** The recogniser in a worker, so that the pen never waits for the model. A classic one: LiteRT.js loads a script. */

import { loadRecognizer } from "../recognizer/load.ts";
import type { Recognizer } from "../recognizer/recognizer.ts";
import type { Order, Report } from "./messages.ts";

const page = self as unknown as { onmessage: (event: MessageEvent<Order>) => void; postMessage(report: Report): void };
const reading = new Map<number, AbortController>();
let recognizer: Promise<Recognizer> | undefined;

page.onmessage = ({ data: order }) => {
  if (order.kind === "load") void load(order.model, order.wasm);
  else if (order.kind === "read") void read(order.id, order.request);
  else reading.get(order.id)?.abort();
};

async function load(model: string, wasm: string): Promise<void> {
  try {
    recognizer = loadRecognizer(model, wasm);
    page.postMessage({ kind: "loaded", maxStrokes: (await recognizer).maxStrokes });
  } catch (error) {
    page.postMessage({ kind: "broken", message: (error as Error).message });
  }
}

async function read(id: number, request: (Order & { kind: "read" })["request"]): Promise<void> {
  const controller = new AbortController();
  reading.set(id, controller);
  try {
    const reader = await recognizer!;
    page.postMessage({ kind: "read", id, reading: await reader.read(request, controller.signal) });
  } catch (error) {
    const { name, message } = error as Error;
    page.postMessage({ kind: "failed", id, name, message });
  } finally {
    reading.delete(id);
  }
}
