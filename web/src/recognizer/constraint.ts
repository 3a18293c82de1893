/** Which token may come next: grammar, restricted vocabulary, the room that is left, what the writer has decided. */

import type { Grammar, GrammarState } from "./grammar.ts";
import type { Pin } from "./pin.ts";
import { BOS_ID, EOS_ID, PAD_ID } from "./vocabulary.ts";

/** The rules of one search. */
export interface Rules {
  /** (V), 1 for the ids that may be used, if not all; what could not be closed with them is not opened. */
  restrict?: Uint8Array;
  /** What every result holds. */
  pin?: Pin;
  /** Sequences of ids that are no result. */
  refused?: readonly (readonly number[])[];
}

/** Where a hypothesis stands. */
export interface ConstraintState {
  readonly grammar: GrammarState;
  /** Pinned tokens that it holds. */
  readonly written: number;
  /** All of it, joined, while it may still become a refused reading. */
  readonly ids: string | undefined;
}

export class Constraint {
  private readonly refused: ReadonlySet<string>;
  private readonly onTheWay: ReadonlySet<string>;
  /** By an id that opens something. */
  private readonly closable = new Map<number, boolean>();

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
  start(): ConstraintState {
    return { grammar: this.grammar.start, written: 0, ids: this.refused.size ? "" : undefined };
  }

  /** The state after one more token. */
  advance(state: ConstraintState, id: number): ConstraintState {
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
  scores(
    state: ConstraintState,
    position: number,
    logProbabilities: Float64Array,
    attention: Float32Array,
  ): Float64Array {
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
    if (restrict) {
      for (const id of this.grammar.opening(state.grammar)) {
        if (restrict[id] && !this.canClose(state.grammar, id, restrict)) scores[id] = -Infinity;
      }
    }
    if (state.ids !== undefined && this.refused.has(state.ids)) scores[EOS_ID] = -Infinity;
    pin?.narrow(scores, state.written, attention);
    return scores;
  }

  /** Whether the restriction leaves a way to the end behind an id that opens something: one answer an id. */
  private canClose(state: GrammarState, id: number, restrict: Uint8Array): boolean {
    if (!this.closable.has(id)) this.closable.set(id, this.reachesEnd(this.grammar.advance(state, id), restrict));
    return this.closable.get(id)!;
  }

  /** Whether the shortest way to the end is left; they are alike but for the symbols in them. */
  private reachesEnd(state: GrammarState, restrict: Uint8Array): boolean {
    if (!state.closing) return true;
    const { grammar } = this;
    const next = grammar
      .allowed(state)
      .findIndex((may, id) => may === 1 && restrict[id] === 1 && grammar.closingAfter(state, id) < state.closing);
    return next >= 0 && this.reachesEnd(grammar.advance(state, next), restrict);
  }
}
