/** Tokens, their ids, and how they are joined to LaTeX. */

import { closers } from "./grammar.json";

export const PAD_ID = 0;
export const BOS_ID = 1;
export const EOS_ID = 2;
/** They draw nothing and only end what something else has begun: whatever is left, these are too. */
export const CLOSERS: readonly string[] = closers;
export const SPECIAL: readonly string[] = ["<pad>", "<bos>", "<eos>"];

/** The ordered set of a model's tokens behind the three special ones. */
export class Vocabulary {
  /** By id, the special ones included. */
  readonly tokens: readonly string[];
  private readonly ids: ReadonlyMap<string, number>;

  /** @param tokens canonical tokens; token i gets the id i + 3. */
  constructor(tokens: readonly string[]) {
    this.tokens = [...SPECIAL, ...tokens];
    this.ids = new Map(this.tokens.map((token, id) => [token, id]));
  }

  /** How many ids there are. */
  get size(): number {
    return this.tokens.length;
  }

  /** The ids of tokens. @throws Error for a token that is not in the vocabulary. */
  encode(tokens: readonly string[]): number[] {
    return tokens.map((token) => {
      const id = this.ids.get(token);
      if (id === undefined) throw new Error(`the token ${token} is not in the model's vocabulary`);
      return id;
    });
  }

  /** The tokens of ids. */
  decode(ids: readonly number[]): string[] {
    return ids.map((id) => this.tokens[id]!);
  }

  /** The mask (V) of the ids that are left where only `tokens` may be written, and what closes them. */
  only(tokens: Iterable<string>): Uint8Array {
    const kept = new Set([...tokens, ...CLOSERS]);
    return Uint8Array.from(this.tokens, (token, id) => (id <= EOS_ID || kept.has(token) ? 1 : 0));
  }
}

/** LaTeX source without needless spaces: `\frac{a}{b}`, `\alpha x`. */
export function join(tokens: readonly string[]): string {
  let source = "";
  for (const token of tokens) {
    const runsOn = /^[A-Za-z]/.test(token) && /\\[A-Za-z]+$/.test(source);
    const swallowed = source.endsWith("\\\\") && /^[*[]/.test(token); // `\\[2pt]` is a row's end and a length
    source += (runsOn || swallowed ? " " : "") + token;
  }
  return source;
}
