/** Tokens, their ids, and joining tokens to LaTeX. */

import { closers } from "./grammar.json";

export const PAD_ID = 0;
export const BOS_ID = 1;
export const EOS_ID = 2;
/** Tokens that draw nothing and only close groups. Every restriction allows them. */
export const CLOSERS: readonly string[] = closers;
export const SPECIAL: readonly string[] = ["<pad>", "<bos>", "<eos>"];

/** The ordered tokens of a model, after the three special ones. */
export class Vocabulary {
  /** All tokens by id, including the special ones. */
  readonly tokens: readonly string[];
  private readonly ids: ReadonlyMap<string, number>;

  /** @param tokens Canonical tokens. Token i gets the id i + 3. */
  constructor(tokens: readonly string[]) {
    this.tokens = [...SPECIAL, ...tokens];
    this.ids = new Map(this.tokens.map((token, id) => [token, id]));
  }

  /** V, the number of ids. */
  get size(): number {
    return this.tokens.length;
  }

  /** Whether a token can be written: it is in the vocabulary, and not a special one. */
  has(token: string): boolean {
    return (this.ids.get(token) ?? PAD_ID) > EOS_ID;
  }

  /**
   * Return the ids of tokens.
   *
   * @throws Error A token is not in the vocabulary.
   */
  encode(tokens: readonly string[]): number[] {
    return tokens.map((token) => {
      const id = this.ids.get(token);
      if (id === undefined) throw new Error(`the token ${token} is not in the model's vocabulary`);
      return id;
    });
  }

  /** Return the tokens of ids. */
  decode(ids: readonly number[]): string[] {
    return ids.map((id) => this.tokens[id]!);
  }

  /** Return the mask (V) of `tokens`, the special tokens and the tokens that close groups. */
  only(tokens: Iterable<string>): Uint8Array {
    const kept = new Set([...tokens, ...CLOSERS]);
    return Uint8Array.from(this.tokens, (token, id) => (id <= EOS_ID || kept.has(token) ? 1 : 0));
  }
}

/** Join tokens to LaTeX without unnecessary spaces: `\frac{a}{b}`, `\alpha x`. */
export function join(tokens: readonly string[]): string {
  let source = "";
  for (const token of tokens) {
    const runsOn = /^[A-Za-z]/.test(token) && /\\[A-Za-z]+$/.test(source);
    const swallowed = source.endsWith("\\\\") && /^[*[]/.test(token); // else `\\[` starts a length, as in `\\[2pt]`
    const optional = token === "[" && /\\begin\{[A-Za-z]+\}$/.test(source); // else `[c]` is the columns' alignment
    source += (runsOn || swallowed || optional ? " " : "") + token;
  }
  return source;
}
