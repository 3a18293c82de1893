/** The tree of a formula, read from canonical tokens. */

/** Items side by side. */
export type Row = readonly Item[];

/** One item. `number`, `name` and `fence` come from grouping (grouping.ts). */
export type Item =
  | { kind: "symbol"; token: string }
  | Scripts
  | { kind: "fraction"; numerator: Row; denominator: Row }
  | { kind: "root"; radicand: Row; index?: Row | undefined }
  | { kind: "accent"; token: string; body: Row }
  | { kind: "stack"; token: string; first: Row; second: Row }
  | Table
  | { kind: "number"; text: string }
  | { kind: "name"; text: string }
  | Fence;

/** A base with a subscript, a superscript or both. No base draws nothing. */
export interface Scripts {
  kind: "scripts";
  base?: Item | undefined;
  sub?: Row | undefined;
  sup?: Row | undefined;
}

/** Rows of cells. */
export interface Table {
  kind: "table";
  rows: Row[][];
}

/** A pair of brackets around items; `right` is "" if there is no closing one, as after the brace of `cases`. */
export interface Fence {
  kind: "fence";
  left: string;
  right: string;
  body: Row;
}

const STACKS = ["\\binom", "\\overset", "\\underset"];

/** Return the tree of canonical tokens, such as those of a candidate. */
export function treeOf(tokens: readonly string[]): Row {
  return new Parser(tokens).row();
}

class Parser {
  private place = 0;

  constructor(private readonly tokens: readonly string[]) {}

  private get next(): string | undefined {
    return this.tokens[this.place];
  }

  /** Read items up to one of the closing tokens, which is not consumed. */
  row(...closing: string[]): Item[] {
    const items: Item[] = [];
    while (this.next !== undefined && !closing.includes(this.next)) items.push(this.item());
    return items;
  }

  private item(): Item {
    const empty = this.next === "{"; // `{ }`, a base that draws nothing
    let base: Item | undefined;
    if (empty) this.place += 2;
    else base = this.base();
    const [sub, sup] = [this.script("_"), this.script("^")];
    return sub || sup || !base ? { kind: "scripts", base, sub, sup } : base;
  }

  private script(mark: string): Item[] | undefined {
    if (this.next !== mark) return undefined;
    this.place++;
    return this.group();
  }

  private base(): Item {
    const token = this.tokens[this.place++]!;
    if (token === "\\frac") return { kind: "fraction", numerator: this.group(), denominator: this.group() };
    if (token === "\\sqrt") {
      const index = this.next === "[" ? this.index() : undefined;
      return { kind: "root", radicand: this.group(), index };
    }
    if (STACKS.includes(token)) return { kind: "stack", token, first: this.group(), second: this.group() };
    if (token === "\\begin{matrix}") return this.table();
    if (this.next === "{" && this.tokens[this.place + 1] !== "}") return { kind: "accent", token, body: this.group() };
    return { kind: "symbol", token };
  }

  private group(): Item[] {
    this.place++;
    const row = this.row("}");
    this.place++;
    return row;
  }

  /** Read the index of a root, which is in braces if it holds a bracket. */
  private index(): Item[] {
    this.place++;
    const braces = this.next === "{" && this.tokens[this.place + 1] !== "}";
    const row = braces ? this.group() : this.row("]");
    this.place++;
    return row;
  }

  private table(): Table {
    const rows: Row[][] = [[]];
    for (;;) {
      rows[rows.length - 1]!.push(this.row("&", "\\\\", "\\end{matrix}"));
      const token = this.tokens[this.place++];
      if (token === "\\\\") rows.push([]);
      else if (token !== "&") return { kind: "table", rows };
    }
  }
}
