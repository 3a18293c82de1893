/**
 * Which token may follow: runs the table that `tegashiki grammar` writes, and has no rule of its own.
 *
 * tegashiki/latex/automaton.py says what is in the table.
 */
import { type Vocabulary } from "./vocabulary.js";
/** Groups in place of the innermost one, phase, word, change of the closing length, visible, deepens. */
export type Action = readonly [number[], number, number, number, boolean, boolean];
/** What `tegashiki grammar` writes. */
export interface Table {
    format: number;
    max_depth: number;
    tokens: Record<string, number>;
    start: {
        groups: number[];
        closing_length: number;
    };
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
/** The grammar of canonical LaTeX over one vocabulary. */
export declare class Grammar {
    private readonly table;
    private readonly vocabulary;
    /** The state before the first token. */
    readonly start: GrammarState;
    private readonly kinds;
    private readonly known;
    /** @throws Error for a table of a newer format. */
    constructor(table: Table, vocabulary: Vocabulary);
    /** The mask (V) of the ids that may follow, the end token only where the sequence parses; not to be written. */
    allowed(state: GrammarState): Uint8Array;
    /** The most tokens that it can take after the next one until the end token may follow. */
    longestClosing(state: GrammarState): number;
    /** How many tokens it takes after `id`, which may follow, until the end token may. */
    closingAfter(state: GrammarState, id: number): number;
    /** The ids that may follow and after which it takes more tokens until the end token may; not to be written. */
    opening(state: GrammarState): readonly number[];
    /** The state after one more token. @throws Error where it may not follow. */
    advance(state: GrammarState, id: number): GrammarState;
    /** Whether a whole sequence of ids (without the end token) is admitted. */
    accepts(ids: readonly number[]): boolean;
    /** The indices of the tokens that a pen draws, of a sequence that the grammar admits. */
    visible(ids: readonly number[]): number[];
    /** The mask (V) of the ids that a pen draws where they stand as symbols of their own. */
    visibleAlone(): Uint8Array;
    private action;
    private rules;
    private work;
}
