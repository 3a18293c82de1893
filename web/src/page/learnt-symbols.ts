/** The writer's drawings of each symbol, from the formulas of a memory. */

import { ReaderStopped } from "../parts/worker-reader.ts";
import { type Formula, inkOf } from "../recognizer/memory/formula.ts";
import type { Point } from "../recognizer/preprocess.ts";
import type { Reader } from "../recognizer/recognizer.ts";

/** One drawing of a symbol: some strokes of a formula. */
export interface Drawn {
  formula: Formula;
  /** The strokes of the formula, in grid steps. */
  ink: readonly (readonly Point[])[];
  /** Indices of the symbol's strokes. */
  strokes: readonly number[];
}

/** A symbol with its drawings, newest first. */
export interface LearntSymbol {
  token: string;
  drawings: Drawn[];
}

export class LearntSymbols {
  /** For each formula, by ink and tokens, the strokes of each token. */
  private readonly known = new Map<string, readonly (readonly number[])[]>();

  /** @param reader Says which strokes draw a token. */
  constructor(private readonly reader: Reader) {}

  /**
   * Return the symbols of formulas, those with the most drawings first. Formulas that the model cannot read or write come
   * last, as one symbol without a token.
   *
   * @param formulas Oldest first.
   * @throws ReaderStopped The recogniser stopped.
   */
  async of(formulas: readonly Formula[]): Promise<LearntSymbol[]> {
    const symbols = new Map<string, Drawn[]>();
    const unread: Drawn[] = [];
    for (const formula of [...formulas].reverse()) {
      const ink = inkOf(formula);
      const strokesOfToken = await this.strokesOfToken(formula, ink);
      if (!strokesOfToken) unread.push({ formula, ink, strokes: [...ink.keys()] });
      strokesOfToken?.forEach((strokes, i) => {
        if (!strokes.length) return;
        const token = formula.tokens[i]!;
        symbols.set(token, [...(symbols.get(token) ?? []), { formula, ink, strokes }]);
      });
    }
    const found = [...symbols].map(([token, drawings]) => ({ token, drawings }));
    found.sort((a, b) => b.drawings.length - a.drawings.length || (a.token < b.token ? -1 : 1));
    return unread.length ? [...found, { token: "", drawings: unread }] : found;
  }

  private async strokesOfToken(
    { tokens, strokes }: Formula,
    ink: readonly (readonly Point[])[],
  ): Promise<readonly (readonly number[])[] | undefined> {
    const name = `${tokens.join(" ")}\n${strokes.join("\n")}`;
    const known = this.known.get(name);
    if (known) return known;
    const named = ink.map((points, i) => ({ key: `${name}\n${i}`, points }));
    try {
      const [reading] = (await this.reader.read({ strokes: named, n: 1, spelled: tokens })).candidates;
      this.known.set(name, reading!.strokesOfToken);
      return reading!.strokesOfToken;
    } catch (error) {
      if (error instanceof ReaderStopped) throw error;
      return undefined;
    }
  }
}
