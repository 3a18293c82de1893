/** A session's reader that runs the recogniser in a worker. */

import type { Reader, Reading, ReadRequest } from "../recognizer/recognizer.ts";
import { t } from "./languages.ts";
import type { Order, Report } from "./messages.ts";

interface Waiting {
  resolve(reading: Reading): void;
  reject(error: Error): void;
}

/** The worker has stopped during a reading. The next `read` starts a new worker. */
export class ReaderStopped extends Error {
  constructor(reason: string) {
    super(t("The recogniser stopped ({}) and restarts with the next reading.", reason));
  }
}

export class WorkerReader implements Reader {
  /** The most strokes of an ink; infinite until the model is loaded. */
  maxStrokes = Infinity;
  /** Resolves once the model is loaded, rejects if it cannot be loaded. */
  loaded!: Promise<void>;
  /** The current worker, undefined after it has stopped. */
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private ready!: Waiting;
  private isLoaded = false;
  private next = 0;

  /**
   * @param script URL of the worker's script.
   * @param model URL of the .tflite file.
   * @param wasm URL of the script that loads LiteRT.js.
   */
  constructor(
    private readonly script: string,
    private readonly model: string,
    private readonly wasm: string,
  ) {
    this.start();
  }

  /**
   * Read an ink, in a new worker if the last one has stopped.
   *
   * @throws ReaderStopped The worker stopped during the reading.
   * @throws The signal's reason, if the signal aborts.
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
    this.loaded.catch(() => undefined); // `read` reports the error
    const worker = new Worker(this.script);
    const isCurrent = (): boolean => worker === this.worker; // messages of a stopped worker may still arrive
    worker.onmessage = ({ data }: MessageEvent<Report>) => isCurrent() && this.hear(data);
    worker.onmessageerror = () => isCurrent() && this.stop("a message from its worker cannot be read");
    worker.onerror = ({ message }) => isCurrent() && this.stop(message || "the browser gives no reason");
    [this.worker, this.isLoaded] = [worker, false];
    this.tell({ kind: "load", model: this.model, wasm: this.wasm });
  }

  /** Terminate the worker and reject all pending readings. */
  private stop(reason: string): void {
    const unloaded = t("The recogniser cannot be loaded ({}); the next stroke tries again.", reason);
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
