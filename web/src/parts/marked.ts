/** Mark the items of LaTeX with the index of their token, for KaTeX: `\htmlData{t=3}{x}`. */

/**
 * Return LaTeX with marked items.
 *
 * @param tokens Canonical tokens of a candidate.
 * @param strokesOfToken For each token the indices of its strokes. Tokens without strokes are not marked.
 */
export function marked(tokens: readonly string[], strokesOfToken: readonly (readonly number[])[]): string {
  return new Marker(tokens, strokesOfToken).row("");
}

class Marker {
  private place = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly strokes: readonly (readonly number[])[],
  ) {}

  /** Read items up to the closing token, which is not consumed. */
  row(closing: string): string {
    let row = "";
    while (this.place < this.tokens.length && this.tokens[this.place] !== closing) row += this.item();
    return row;
  }

  /** Read a token with its groups and scripts. */
  private item(): string {
    const index = this.place;
    let item = this.base();
    while (this.tokens[this.place] === "_" || this.tokens[this.place] === "^") {
      item += this.tokens[this.place++]! + this.group("{", "}");
    }
    return this.strokes[index]?.length ? `\\htmlData{t=${index}}{${item}}` : item;
  }

  private base(): string {
    const token = this.tokens[this.place++]!;
    if (token === "{") {
      this.place++; // `{ }`, an empty base
      return "{}";
    }
    let base = `${token} `;
    if (token === "\\begin{matrix}") {
      base += this.row("\\end{matrix}") + this.tokens[this.place++]!;
    }
    if (token === "\\sqrt" && this.tokens[this.place] === "[") base += this.group("[", "]");
    while (this.tokens[this.place] === "{" && this.tokens[this.place + 1] !== "}") base += this.group("{", "}");
    return base;
  }

  private group(opening: string, closing: string): string {
    this.place++;
    const row = this.row(closing);
    this.place++;
    return opening + row + closing;
  }
}
