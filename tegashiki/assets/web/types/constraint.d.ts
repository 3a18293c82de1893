/** Decide which token may come next, by the grammar, the restriction, the length limit and the writer's decisions. */
import type { Grammar, GrammarState } from "./grammar.js";
import type { Pin } from "./pin.js";
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
export declare class Constraint {
    readonly maxTokens: number;
    private readonly grammar;
    private readonly rules;
    private readonly refused;
    private readonly onTheWay;
    /** For ids that open a group: whether the restriction allows to close it. */
    private readonly closable;
    /** @param maxTokens Length limit of a sequence, including the end token. */
    constructor(maxTokens: number, grammar: Grammar, rules?: Rules);
    /** Return the state before the first token. */
    start(): ConstraintState;
    /** Return the state after one more token. */
    advance(state: ConstraintState, id: number): ConstraintState;
    /**
     * Return the scores (V) of the next token, -Infinity for forbidden tokens.
     *
     * @param state State before the token.
     * @param position Index of the token, 0 for the first.
     * @param logProbabilities (V), log probabilities of the token.
     * @param attention (S), attention of the model for the token.
     */
    scores(state: ConstraintState, position: number, logProbabilities: Float64Array, attention: Float32Array): Float64Array;
    /** Whether the restriction allows to close the group that an id opens. The answer depends on the id only. */
    private canClose;
    /** Whether a shortest completion is allowed. All shortest completions differ only in their symbols. */
    private reachesEnd;
}
