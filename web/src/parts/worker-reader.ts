/** A session's reader that runs the recogniser in a worker. */

import type { Formula, Keys } from "../recognizer/memory/formula.ts";
import type { Reader, Reading, ReadRequest } from "../recognizer/recognizer.ts";
import type { Order, Report } from "./messages.ts";
import { type Message, UserError } from "./texts.ts";

interface Waiting {
  resolve(reading: Reading): void;
  reject(error: Error): void;
}

/** Settings of a `WorkerReader`. */
export interface ReaderOptions {
  /** URL of the .wasm file of LiteRT.js, by default in the folder of the script that loads it. */
  binary?: string | undefined;
  /** Called with formulas and the keys that the worker has made for them. */
  made?(made: readonly (readonly [Formula, Keys])[]): void;
}

/** The worker has stopped during a reading. The next `read` starts a new worker. */
export class ReaderStopped extends UserError {
  constructor(reason: Message) {
    super((texts) => texts.stopped(reason(texts)));
  }
}

export class WorkerReader implements Reader {
  /** The most strokes of an ink; infinite until the model is loaded. */
  maxStrokes = Infinity;
  /** Resolves once the model is loaded, rejects if it cannot be loaded. */
  loaded!: Promise<void>;
  /** Whether the model can learn; true until it is loaded. */
  learns = true;
  /** The current worker, undefined after it has stopped. */
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private ready!: Waiting;
  private isLoaded = false;
  private next = 0;
  /** What to read with. */
  private formulas: readonly Formula[] = [];
  /** The formulas of the orders to remember that the worker has not answered. */
  private sent: (readonly Formula[])[] = [];

  /**
   * @param script URL of the worker's script.
   * @param model URL of the .tflite file.
   * @param wasm URL of the script that loads LiteRT.js.
   */
  constructor(
    private readonly script: string,
    private readonly model: string,
    private readonly wasm: string,
    private readonly options: ReaderOptions = {},
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

  /** Read with a memory of these formulas from now on. */
  remember(formulas: readonly Formula[]): void {
    this.formulas = formulas;
    if (this.isLoaded) this.tellFormulas();
  }

  private tellFormulas(): void {
    if (!this.learns) return;
    this.sent.push(this.formulas);
    this.tell({ kind: "remember", formulas: this.formulas });
  }

  /** End the worker. Readings in progress fail; the next one starts a new worker. */
  close(): void {
    this.stop(({ closed }) => closed);
  }

  private start(): void {
    this.loaded = new Promise((resolve, reject) => (this.ready = { resolve: () => resolve(), reject }));
    this.loaded.catch(() => undefined); // `read` reports the error
    const worker = new Worker(this.script);
    const isCurrent = (): boolean => worker === this.worker; // messages of a stopped worker may still arrive
    worker.onmessage = ({ data }: MessageEvent<Report>) => isCurrent() && this.hear(data);
    worker.onmessageerror = () => isCurrent() && this.stop(({ unreadableMessage }) => unreadableMessage);
    worker.onerror = ({ message }) => isCurrent() && this.stop(({ noReason }) => message || noReason);
    [this.worker, this.isLoaded] = [worker, false];
    this.tell({ kind: "load", model: this.model, wasm: this.wasm, binary: this.options.binary });
  }

  /** Terminate the worker and reject all pending readings. */
  private stop(reason: Message): void {
    const unloaded: Message = (texts) => texts.notLoaded(reason(texts));
    const error = this.isLoaded ? new ReaderStopped(reason) : new UserError(unloaded);
    this.worker?.terminate();
    this.worker = undefined;
    if (this.sent.length) this.formulas = []; // a formula may have stopped the worker, and would stop the next one
    this.sent = [];
    this.ready.reject(error);
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private tell(order: Order): void {
    this.worker?.postMessage(order);
  }

  private hear(report: Report): void {
    if (report.kind === "loaded") {
      [this.maxStrokes, this.learns, this.isLoaded] = [report.maxStrokes, report.learns, true];
      if (this.formulas.length) this.tellFormulas();
      return this.ready.resolve({ candidates: [], released: false });
    }
    if (report.kind === "made") {
      const formulas = this.sent.shift()!;
      return report.keys.length ? this.options.made?.(report.keys.map(([i, keys]) => [formulas[i]!, keys])) : undefined;
    }
    if (report.kind === "broken") return this.stop(() => report.message);
    const waiting = this.waiting.get(report.id);
    this.waiting.delete(report.id);
    if (report.kind === "read") return waiting?.resolve(report.reading);
    return waiting?.reject(new Error(report.message));
  }
}
