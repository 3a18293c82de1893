/** Which token may come next: grammar, restricted vocabulary, the room that is left, what the writer has decided. */

import type { Grammar, GrammarState } from "./grammar.ts";
import type { Pin } from "./pin.ts";
import { BOS_ID, EOS_ID, PAD_ID } from "./vocabulary.ts";

/** The rules of one search. */
export interface Rules {
  /** (V), 1 for the ids that may be used, if not all. */
  restrict?: Uint8Array;
  /** What every result holds. */
  pin?: Pin;
  /** Sequences of ids that are no result. */
  refused?: readonly (readonly number[])[];
}

/** Where a hypothesis stands. */
export interface State {
  readonly grammar: GrammarState;
  /** Pinned tokens that it holds. */
  readonly written: number;
  /** All of it, joined, while it may still become a refused reading. */
  readonly ids: string | undefined;
}

export class Constraint {
  private readonly refused: ReadonlySet<string>;
  private readonly onTheWay: ReadonlySet<string>;

  /** @param maxTokens of a sequence, the end token included. */
  constructor(
    readonly maxTokens: number,
    private readonly grammar: Grammar,
    private readonly rules: Rules = {},
  ) {
    const refused = rules.refused ?? [];
    this.refused = new Set(refused.map((ids) => ids.join()));
    this.onTheWay = new Set(refused.flatMap((ids) => [...ids, 0].map((_, length) => ids.slice(0, length).join())));
  }

  /** The state before the first token. */
  start(): State {
    return { grammar: this.grammar.start, written: 0, ids: this.refused.size ? "" : undefined };
  }

  /** The state after one more token. */
  advance(state: State, id: number): State {
    const ids = state.ids === undefined ? undefined : state.ids ? `${state.ids},${id}` : `${id}`;
    return {
      grammar: this.grammar.advance(state.grammar, id),
      written: this.rules.pin?.advance(state.written, id) ?? 0,
      ids: ids !== undefined && this.onTheWay.has(ids) ? ids : undefined,
    };
  }

  /**
   * The next token's scores with -Infinity for what it may not be.
   *
   * @param position the token's number, 0 for the first.
   * @param logProbabilities (V).
   * @param attention (S), where the model looks as it writes the token.
   */
  scores(state: State, position: number, logProbabilities: Float64Array, attention: Float32Array): Float64Array {
    const scores = logProbabilities.slice();
    const room = this.maxTokens - position - 2; // behind the token, for what closes the formula
    const allowed = this.grammar.allowed(state.grammar);
    const tight = this.grammar.longestClosing(state.grammar) > room;
    const { restrict, pin } = this.rules;
    for (let id = 0; id < scores.length; id++) {
      const used = id === EOS_ID || (id !== PAD_ID && id !== BOS_ID && (!restrict || restrict[id]));
      const fits = allowed[id] && used;
      const closable = !tight || id === EOS_ID || (fits && this.grammar.closingAfter(state.grammar, id) <= room);
      if (!fits || !closable) scores[id] = -Infinity;
    }
    if (state.ids !== undefined && this.refused.has(state.ids)) scores[EOS_ID] = -Infinity;
    pin?.narrow(scores, state.written, attention);
    return scores;
  }
}
