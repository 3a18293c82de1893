/**
 * Which token may follow: runs the table that `tegashiki grammar` writes, and has no rule of its own.
 *
 * tegashiki/latex/automaton.py says what is in the table.
 */

import { EOS_ID, type Vocabulary } from "./vocabulary.ts";

/** Groups in place of the innermost one, phase, word, change of the closing length, visible, deepens. */
export type Action = readonly [number[], number, number, number, boolean, boolean];

/** What `tegashiki grammar` writes. */
export interface Table {
  format: number;
  max_depth: number;
  tokens: Record<string, number>;
  start: { groups: number[]; closing_length: number };
  kinds: readonly (readonly [number, number, number, number[]])[];
  actions: readonly Action[];
  /** Numbers that every recogniser shares; tegashiki/latex/automaton.py explains them. */
  constants: Record<string, number>;
  /** The tokens that every restriction leaves. */
  closers: readonly string[];
  /** By the name of a preset the tokens that it leaves. */
  restrictions: Record<string, readonly string[]>;
}

/** Where in a formula one is. */
export interface GrammarState {
  readonly groups: readonly number[];
  readonly phase: number;
  readonly word: number;
  /** How many tokens it takes at least until the end token may follow. */
  readonly closing: number;
}

const FORMAT = 1;
const END = "<eos>";

/** What may follow in one kind of state, by token id. */
interface Rules {
  action: (Action | undefined)[];
  /** Uint8 (V), 1 where the id may follow. */
  allowed: Uint8Array;
  /** The most that the closing length changes. */
  longestChange: number;
  /** The ids that may follow and make it longer. */
  opening: number[];
}

/** The grammar of canonical LaTeX over one vocabulary. */
export class Grammar {
  /** The state before the first token. */
  readonly start: GrammarState;
  private readonly kinds = new Map<string, readonly number[]>();
  private readonly known = new Map<string, Rules>();

  /** @throws Error for a table of a newer format. */
  constructor(
    private readonly table: Table,
    private readonly vocabulary: Vocabulary,
  ) {
    if (table.format !== FORMAT) throw new Error(`the grammar has format ${table.format}, expected ${FORMAT}`);
    for (const [group, phase, word, row] of table.kinds) this.kinds.set(`${group},${phase},${word}`, row);
    this.start = { groups: table.start.groups, phase: 0, word: 0, closing: table.start.closing_length };
  }

  /** The mask (V) of the ids that may follow, the end token only where the sequence parses; not to be written. */
  allowed(state: GrammarState): Uint8Array {
    return this.rules(state).allowed;
  }

  /** The most tokens that it can take after the next one until the end token may follow. */
  longestClosing(state: GrammarState): number {
    return state.closing + this.rules(state).longestChange;
  }

  /** How many tokens it takes after `id`, which may follow, until the end token may. */
  closingAfter(state: GrammarState, id: number): number {
    return state.closing + this.action(state, id)[3];
  }

  /** The ids that may follow and after which it takes more tokens until the end token may; not to be written. */
  opening(state: GrammarState): readonly number[] {
    return this.rules(state).opening;
  }

  /** The state after one more token. @throws Error where it may not follow. */
  advance(state: GrammarState, id: number): GrammarState {
    const [groups, phase, word, change] = this.action(state, id);
    return { groups: [...state.groups.slice(0, -1), ...groups], phase, word, closing: state.closing + change };
  }

  /** Whether a whole sequence of ids (without the end token) is admitted. */
  accepts(ids: readonly number[]): boolean {
    let state = this.start;
    for (const id of ids) {
      if (!this.allowed(state)[id]) return false;
      state = this.advance(state, id);
    }
    return this.allowed(state)[EOS_ID] === 1;
  }

  /** The indices of the tokens that a pen draws, of a sequence that the grammar admits. */
  visible(ids: readonly number[]): number[] {
    let state = this.start;
    const indices: number[] = [];
    ids.forEach((id, index) => {
      if (this.action(state, id)[4]) indices.push(index);
      state = this.advance(state, id);
    });
    return indices;
  }

  /** The mask (V) of the ids that a pen draws where they stand as symbols of their own. */
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
