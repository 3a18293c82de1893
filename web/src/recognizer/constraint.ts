/** Decide which token may come next, by the grammar, the restriction, the length limit and the writer's decisions. */

import type { Grammar, GrammarState } from "./grammar.ts";
import type { Pin } from "./pin.ts";
import { BOS_ID, EOS_ID, PAD_ID } from "./vocabulary.ts";

/** The rules of one search. */
export interface Rules {
  /** (V), 1 for allowed ids; all if undefined. A token whose group could not be closed with them is excluded too. */
  restrict?: Uint8Array;
  /** The accepted reading that every result must contain. */
  pin?: Pin;
  /** Sequences of ids that must not be results. */
  refused?: readonly (readonly number[])[];
}

/** The state of a hypothesis. */
export interface ConstraintState {
  readonly grammar: GrammarState;
  /** Number of pinned tokens in the hypothesis. */
  readonly written: number;
  /** The joined ids while the hypothesis is a prefix of a refused reading, then undefined. */
  readonly ids: string | undefined;
}

export class Constraint {
  private readonly refused: ReadonlySet<string>;
  private readonly onTheWay: ReadonlySet<string>;
  /** For ids that open a group: whether the restriction allows to close it. */
  private readonly closable = new Map<number, boolean>();

  /** @param maxTokens Length limit of a sequence, including the end token. */
  constructor(
    readonly maxTokens: number,
    private readonly grammar: Grammar,
    private readonly rules: Rules = {},
  ) {
    const refused = rules.refused ?? [];
    this.refused = new Set(refused.map((ids) => ids.join()));
    this.onTheWay = new Set(refused.flatMap((ids) => [...ids, 0].map((_, length) => ids.slice(0, length).join())));
  }

  /** Return the state before the first token. */
  start(): ConstraintState {
    return { grammar: this.grammar.start, written: 0, ids: this.refused.size ? "" : undefined };
  }

  /** Return the state after one more token. */
  advance(state: ConstraintState, id: number): ConstraintState {
    const ids = state.ids === undefined ? undefined : state.ids ? `${state.ids},${id}` : `${id}`;
    return {
      grammar: this.grammar.advance(state.grammar, id),
      written: this.rules.pin?.advance(state.written, id) ?? 0,
      ids: ids !== undefined && this.onTheWay.has(ids) ? ids : undefined,
    };
  }

  /**
   * Return the scores (V) of the next token, -Infinity for forbidden tokens.
   *
   * @param state State before the token.
   * @param position Index of the token, 0 for the first.
   * @param logProbabilities (V), log probabilities of the token.
   * @param attention (S), attention of the model for the token.
   */
  scores(
    state: ConstraintState,
    position: number,
    logProbabilities: Float64Array,
    attention: Float32Array,
  ): Float64Array {
    const scores = logProbabilities.slice();
    const room = this.maxTokens - position - 2; // after the token, for the tokens that close the formula
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

  /** Whether the restriction allows to close the group that an id opens. The answer depends on the id only. */
  private canClose(state: GrammarState, id: number, restrict: Uint8Array): boolean {
    if (!this.closable.has(id)) this.closable.set(id, this.reachesEnd(this.grammar.advance(state, id), restrict));
    return this.closable.get(id)!;
  }

  /** Whether a shortest completion is allowed. All shortest completions differ only in their symbols. */
  private reachesEnd(state: GrammarState, restrict: Uint8Array): boolean {
    if (!state.closing) return true;
    const { grammar } = this;
    const next = grammar
      .allowed(state)
      .findIndex((may, id) => may === 1 && restrict[id] === 1 && grammar.closingAfter(state, id) < state.closing);
    return next >= 0 && this.reachesEnd(grammar.advance(state, next), restrict);
  }
}
