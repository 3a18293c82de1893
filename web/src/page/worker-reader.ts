/** The recogniser in the worker, as a session's reader. */

import type { Reader, Reading, ReadRequest } from "../recognizer/recognizer.ts";
import type { Order, Report } from "./messages.ts";

interface Waiting {
  resolve(reading: Reading): void;
  reject(error: Error): void;
}

/** The worker has stopped while it was read. The next `read` starts another one. */
export class ReaderStopped extends Error {
  constructor(reason: string) {
    super(`The recogniser stopped (${reason}) and starts anew with the next reading.`);
  }
}

export class WorkerReader implements Reader {
  /** Not known before the model is loaded. */
  maxStrokes = Infinity;
  /** Once the model is loaded; rejects where it cannot be. */
  loaded!: Promise<void>;
  /** None where it has stopped. */
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private ready!: Waiting;
  private isLoaded = false;
  private next = 0;

  /** @param script, model, wasm addresses: of the worker, the .tflite and the loader of LiteRT.js. */
  constructor(
    private readonly script: string,
    private readonly model: string,
    private readonly wasm: string,
  ) {
    this.start();
  }

  /**
   * Read an ink, in a new worker where the last one has stopped.
   *
   * @throws ReaderStopped where the worker stops meanwhile; the signal's reason where it aborts.
   */
  async read(request: ReadRequest, signal?: AbortSignal): Promise<Reading> {
    if (!this.worker) this.start();
    await this.loaded;
    signal?.throwIfAborted();
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.tell({ kind: "read", id, request });
      this.waiting.set(id, { resolve, reject });
      const abort = () => {
        this.tell({ kind: "abort", id });
        this.waiting.delete(id);
        reject(signal!.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  private start(): void {
    this.loaded = new Promise((resolve, reject) => (this.ready = { resolve: () => resolve(), reject }));
    this.loaded.catch(() => undefined); // whoever reads is told
    const worker = new Worker(this.script);
    const isCurrent = (): boolean => worker === this.worker; // one that was stopped may have said more by then
    worker.onmessage = ({ data }: MessageEvent<Report>) => isCurrent() && this.hear(data);
    worker.onmessageerror = () => isCurrent() && this.stop("a message of its worker cannot be read");
    worker.onerror = ({ message }) => isCurrent() && this.stop(message || "the browser tells no reason");
    [this.worker, this.isLoaded] = [worker, false];
    this.tell({ kind: "load", model: this.model, wasm: this.wasm });
  }

  /** End the worker, and tell all who wait for it why. */
  private stop(reason: string): void {
    const unloaded = `The recogniser cannot be loaded (${reason}); the next stroke tries again.`;
    const error = this.isLoaded ? new ReaderStopped(reason) : new Error(unloaded);
    this.worker?.terminate();
    this.worker = undefined;
    this.ready.reject(error);
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private tell(order: Order): void {
    this.worker?.postMessage(order);
  }

  private hear(report: Report): void {
    if (report.kind === "loaded") {
      [this.maxStrokes, this.isLoaded] = [report.maxStrokes, true];
      return this.ready.resolve({ candidates: [], released: false });
    }
    if (report.kind === "broken") return this.stop(report.message);
    const waiting = this.waiting.get(report.id);
    this.waiting.delete(report.id);
    if (report.kind === "read") return waiting?.resolve(report.reading);
    return waiting?.reject(new Error(report.message));
  }
}
