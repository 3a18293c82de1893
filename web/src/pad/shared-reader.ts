/** All pads with the same files share one worker and its model. */

import { WorkerReader } from "../parts/worker-reader.ts";
import type { Files } from "./files.ts";

/** Milliseconds that a worker is kept without a pad, since pages often put the next one up soon. */
const KEPT = 30_000;

interface Shared {
  reader: WorkerReader;
  users: number;
  /** The timer that closes the worker. */
  closing?: ReturnType<typeof setTimeout> | undefined;
}

const shared = new Map<string, Shared>();

/** Return the reader for these files. Each call wants one of `release` later. */
export function borrow(files: Files): WorkerReader {
  const key = keyOf(files);
  let own = shared.get(key);
  if (!own) {
    own = { reader: new WorkerReader(files.worker, files.model, files.loader, { binary: files.binary }), users: 0 };
    shared.set(key, own);
  }
  clearTimeout(own.closing);
  own.users++;
  return own.reader;
}

/** Give a reader back. The worker ends some time after the last user has done so. */
export function release(files: Files): void {
  const key = keyOf(files);
  const own = shared.get(key);
  if (!own || --own.users > 0) return;
  own.closing = setTimeout(() => {
    own.reader.close();
    shared.delete(key);
  }, KEPT);
}

function keyOf({ worker, model, loader, binary }: Files): string {
  return [worker, model, loader, binary].join("\n");
}
