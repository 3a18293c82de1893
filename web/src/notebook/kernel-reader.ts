/** A session's reader that asks the recogniser of the notebook's Python process (`tegashiki/notebook/requests.py`). */

import type { Reader, Reading, ReadRequest } from "../recognizer/recognizer.ts";
import type { Model } from "./model.ts";

/** What the kernel answers. */
type Answer = { kind: "answer"; id: number; reading?: Reading; error?: string };

export class KernelReader implements Reader {
  /** Python checks the limit. */
  readonly maxStrokes = Infinity;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private turn: Promise<unknown> = Promise.resolve();
  private next = 0;

  constructor(private readonly model: Model) {
    model.on("msg:custom", this.hear);
  }

  /** Stop listening. */
  close(): void {
    this.model.off("msg:custom", this.hear);
  }

  /** Ask for a reading once the last one is answered, so that superseded requests are never sent. */
  read(request: ReadRequest, signal?: AbortSignal): Promise<Reading> {
    const answer = this.turn.then(() => {
      signal?.throwIfAborted();
      return this.ask(request);
    });
    this.turn = answer.catch(() => undefined);
    return answer.then(({ reading, error }) => {
      signal?.throwIfAborted();
      if (!reading) throw new Error(error);
      return reading;
    });
  }

  private ask(request: ReadRequest): Promise<Answer> {
    const id = this.next++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.model.send({ kind: "read", id, request });
    });
  }

  private readonly hear = (answer: Answer): void => {
    this.waiting.get(answer.id)?.(answer);
    this.waiting.delete(answer.id);
  };
}
