/** LaTeX in which every item says which of the candidate's tokens it is, for KaTeX: `\htmlData{t=3}{x}`. */

/**
 * @param tokens canonical, as a candidate has them.
 * @param strokesOfToken only items whose token some stroke draws are marked.
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

  /** Items up to the closing token, which stays. */
  row(closing: string): string {
    let row = "";
    while (this.place < this.tokens.length && this.tokens[this.place] !== closing) row += this.item();
    return row;
  }

  /** A token with the groups that it takes and its scripts; hovering finds the innermost item. */
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
      this.place++; // `{ }`, a base that draws nothing
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
