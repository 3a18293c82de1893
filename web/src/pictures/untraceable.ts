/** Pictures in which no handwriting can be found. */

/** Why there are no strokes. */
export type Reason =
  | { kind: "unreadable" }
  | { kind: "inkless" }
  | { kind: "dense" }
  | { kind: "noise"; count: number; limit: number };

export class Untraceable extends Error {
  constructor(readonly reason: Reason) {
    super(JSON.stringify(reason));
  }
}
