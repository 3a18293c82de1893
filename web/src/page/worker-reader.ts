/** The recogniser in the worker, as a session's reader. */

import type { Reader, Reading, ReadRequest } from "../recognizer/recognizer.ts";
import type { Order, Report } from "./messages.ts";

interface Waiting {
  resolve(reading: Reading): void;
  reject(error: Error): void;
}

export class WorkerReader implements Reader {
  /** Not known before the model is loaded. */
  maxStrokes = Infinity;
  /** Once the model is loaded; rejects where it cannot be. */
  readonly loaded: Promise<void>;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private ready!: Waiting;
  private next = 0;

  /** @param script, model, wasm addresses: of the worker, the .tflite and the loader of LiteRT.js. */
  constructor(script: string, model: string, wasm: string) {
    this.loaded = new Promise((resolve, reject) => (this.ready = { resolve: () => resolve(), reject }));
    this.worker = new Worker(script);
    this.worker.onmessage = ({ data }: MessageEvent<Report>) => this.hear(data);
    this.worker.onerror = ({ message }) => this.ready.reject(new Error(message || "the worker does not start"));
    this.tell({ kind: "load", model, wasm });
  }

  async read(request: ReadRequest, signal?: AbortSignal): Promise<Reading> {
    await this.loaded;
    signal?.throwIfAborted();
    const id = this.next++;
    signal?.addEventListener("abort", () => this.tell({ kind: "abort", id }), { once: true });
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.tell({ kind: "read", id, request });
    });
  }

  private tell(order: Order): void {
    this.worker.postMessage(order);
  }

  private hear(report: Report): void {
    if (report.kind === "loaded") {
      this.maxStrokes = report.maxStrokes;
      return this.ready.resolve({ candidates: [], released: false });
    }
    if (report.kind === "broken") return this.ready.reject(new Error(report.message));
    const waiting = this.waiting.get(report.id);
    this.waiting.delete(report.id);
    if (report.kind === "read") return waiting?.resolve(report.reading);
    const aborted = report.name === "AbortError";
    return waiting?.reject(aborted ? new DOMException(report.message, report.name) : new Error(report.message));
  }
}
