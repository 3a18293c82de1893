/**
 * Run the grammar table that `tegashiki grammar` writes. All rules are in the table.
 *
 * tegashiki/latex/automaton.py describes the table.
 */
import { type Vocabulary } from "./vocabulary.js";
/** Groups that replace the innermost one, phase, word, change of the closing length, visible, deepens. */
export type Action = readonly [number[], number, number, number, boolean, boolean];
/** The output of `tegashiki grammar`. */
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
/** The grammar of canonical LaTeX over one vocabulary. */
export declare class Grammar {
    private readonly table;
    private readonly vocabulary;
    /** The state before the first token. */
    readonly start: GrammarState;
    private readonly kinds;
    private readonly known;
    /** @throws Error The table has a newer format. */
    constructor(table: Table, vocabulary: Vocabulary);
    /** Return a read-only mask (V) of the ids that may follow. The end token may follow only a complete formula. */
    allowed(state: GrammarState): Uint8Array;
    /** Return the largest closing length that the next token can lead to. */
    longestClosing(state: GrammarState): number;
    /** Return the closing length after `id`, which must be allowed. */
    closingAfter(state: GrammarState, id: number): number;
    /** Return the allowed ids that increase the closing length, as a read-only array. */
    opening(state: GrammarState): readonly number[];
    /**
     * Return the state after one more token.
     *
     * @throws Error The token may not follow.
     */
    advance(state: GrammarState, id: number): GrammarState;
    /** Whether the grammar accepts a complete sequence of ids, given without the end token. */
    accepts(ids: readonly number[]): boolean;
    /** Return the indices of the tokens that a pen draws. The grammar must accept the sequence. */
    visible(ids: readonly number[]): number[];
    /** Return the mask (V) of the ids that a pen draws when they stand alone. */
    visibleAlone(): Uint8Array;
    private action;
    private rules;
    private work;
}
