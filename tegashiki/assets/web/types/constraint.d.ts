/** Which token may come next: grammar, restricted vocabulary, the room that is left, what the writer has decided. */
import type { Grammar, GrammarState } from "./grammar.js";
import type { Pin } from "./pin.js";
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
export declare class Constraint {
    readonly maxTokens: number;
    private readonly grammar;
    private readonly rules;
    private readonly refused;
    private readonly onTheWay;
    /** By an id that opens something. */
    private readonly closable;
    /** @param maxTokens of a sequence, the end token included. */
    constructor(maxTokens: number, grammar: Grammar, rules?: Rules);
    /** The state before the first token. */
    start(): ConstraintState;
    /** The state after one more token. */
    advance(state: ConstraintState, id: number): ConstraintState;
    /**
     * The next token's scores with -Infinity for what it may not be.
     *
     * @param position the token's number, 0 for the first.
     * @param logProbabilities (V).
     * @param attention (S), where the model looks as it writes the token.
     */
    scores(state: ConstraintState, position: number, logProbabilities: Float64Array, attention: Float32Array): Float64Array;
    /** Whether the restriction leaves a way to the end behind an id that opens something: one answer an id. */
    private canClose;
    /** Whether the shortest way to the end is left; they are alike but for the symbols in them. */
    private reachesEnd;
}
