/**
 * Run the grammar table that `tegashiki grammar` writes. All rules are in the table.
 *
 * tegashiki/latex/automaton.py describes the table.
 */

import { EOS_ID, type Vocabulary } from "./vocabulary.ts";

/** Groups that replace the innermost one, phase, word, change of the closing length, visible, deepens. */
export type Action = readonly [number[], number, number, number, boolean, boolean];

/** The output of `tegashiki grammar`. */
export interface Table {
  format: number;
  max_depth: number;
  tokens: Record<string, number>;
  start: { groups: number[]; closing_length: number };
  kinds: readonly (readonly [number, number, number, number[]])[];
  actions: readonly Action[];
  /** Constants shared by all recognisers, described in tegashiki/latex/automaton.py. */
  constants: Record<string, number>;
  /** The tokens that every restriction allows. */
  closers: readonly string[];
  /** For each preset, by name, the tokens that it allows. */
  restrictions: Record<string, readonly string[]>;
}

/** A position in a formula. */
export interface GrammarState {
  readonly groups: readonly number[];
  readonly phase: number;
  readonly word: number;
  /** Smallest number of tokens before the end token may follow. */
  readonly closing: number;
}

const FORMAT = 1;
const END = "<eos>";

/** The rules of one kind of state, by token id. */
interface Rules {
  action: (Action | undefined)[];
  /** (V), 1 if the id may follow. */
  allowed: Uint8Array;
  /** Largest change of the closing length. */
  longestChange: number;
  /** The ids that may follow and increase the closing length. */
  opening: number[];
}

/** The grammar of canonical LaTeX over one vocabulary. */
export class Grammar {
  /** The state before the first token. */
  readonly start: GrammarState;
  private readonly kinds = new Map<string, readonly number[]>();
  private readonly known = new Map<string, Rules>();

  /** @throws Error The table has a newer format. */
  constructor(
    private readonly table: Table,
    private readonly vocabulary: Vocabulary,
  ) {
    if (table.format !== FORMAT) throw new Error(`the grammar has format ${table.format}, expected ${FORMAT}`);
    for (const [group, phase, word, row] of table.kinds) this.kinds.set(`${group},${phase},${word}`, row);
    this.start = { groups: table.start.groups, phase: 0, word: 0, closing: table.start.closing_length };
  }

  /** Return a read-only mask (V) of the ids that may follow. The end token may follow only a complete formula. */
  allowed(state: GrammarState): Uint8Array {
    return this.rules(state).allowed;
  }

  /** Return the largest closing length that the next token can lead to. */
  longestClosing(state: GrammarState): number {
    return state.closing + this.rules(state).longestChange;
  }

  /** Return the closing length after `id`, which must be allowed. */
  closingAfter(state: GrammarState, id: number): number {
    return state.closing + this.action(state, id)[3];
  }

  /** Return the allowed ids that increase the closing length, as a read-only array. */
  opening(state: GrammarState): readonly number[] {
    return this.rules(state).opening;
  }

  /**
   * Return the state after one more token.
   *
   * @throws Error The token may not follow.
   */
  advance(state: GrammarState, id: number): GrammarState {
    const [groups, phase, word, change] = this.action(state, id);
    return { groups: [...state.groups.slice(0, -1), ...groups], phase, word, closing: state.closing + change };
  }

  /** Whether the grammar accepts a complete sequence of ids, given without the end token. */
  accepts(ids: readonly number[]): boolean {
    let state = this.start;
    for (const id of ids) {
      if (!this.allowed(state)[id]) return false;
      state = this.advance(state, id);
    }
    return this.allowed(state)[EOS_ID] === 1;
  }

  /** Return the indices of the tokens that a pen draws. The grammar must accept the sequence. */
  visible(ids: readonly number[]): number[] {
    let state = this.start;
    const indices: number[] = [];
    ids.forEach((id, index) => {
      if (this.action(state, id)[4]) indices.push(index);
      state = this.advance(state, id);
    });
    return indices;
  }

  /** Return the mask (V) of the ids that a pen draws when they stand alone. */
  visibleAlone(): Uint8Array {
    const allowed = this.allowed(this.start);
    return allowed.map((may, id) => (may && this.visible([id]).length ? 1 : 0));
  }

  private action(state: GrammarState, id: number): Action {
    const action = this.rules(state).action[id];
    if (!action) throw new Error(`${this.vocabulary.tokens[id]} may not follow`);
    return action;
  }

  private rules(state: GrammarState): Rules {
    const deep = state.groups.length >= this.table.max_depth;
    const kind = `${state.groups[state.groups.length - 1]},${state.phase},${state.word}`;
    const key = deep ? `${kind},deep` : kind;
    const known = this.known.get(key);
    if (known) return known;
    const rules = this.work(this.kinds.get(kind)!, deep);
    this.known.set(key, rules);
    return rules;
  }

  private work(row: readonly number[], deep: boolean): Rules {
    const action = this.vocabulary.tokens.map((token, id) => {
      const found = this.table.actions[row[this.table.tokens[id === EOS_ID ? END : token] ?? -1] ?? -1];
      return found && !(deep && found[5]) ? found : undefined;
    });
    const changes = action.map((found) => (found ? found[3] : -Infinity));
    const allowed = Uint8Array.from(action, (found) => (found ? 1 : 0));
    const opening = [...changes.keys()].filter((id) => changes[id]! > 0);
    return { action, allowed, longestChange: Math.max(...changes), opening };
  }
}
