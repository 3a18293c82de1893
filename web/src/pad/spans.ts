/** Find the parts of LaTeX that a writer can select: every symbol, structure and row, by its place in the text. */

/** A part of LaTeX, from one character to another. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** "row" holds items; "base" is a symbol without the scripts of its item, which wants braces if it becomes several. */
  readonly kind: "row" | "item" | "base";
}

/** LaTeX whose parts cannot be told apart. */
export class SpanError extends RangeError {}

const GROUPS: ReadonlyMap<string, number> = new Map(
  (
    [
      [2, "frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel"],
      [
        1,
        "sqrt hat widehat vec bar overline underline tilde widetilde dot ddot check acute grave breve mathring " +
          "overrightarrow overleftarrow overbrace underbrace boxed boldsymbol",
      ],
    ] as const
  ).flatMap(([count, names]) => names.split(" ").map((name): [string, number] => [`\\${name}`, count])),
);
/** Commands whose group is text and not a formula. */
const TEXT = /^\\(?:text\w*|math(?:rm|bf|bb|cal|frak|scr|it|sf|tt)|operatorname|mbox)\*?$/;
const TOKEN = /\\(?:[A-Za-z]+\*?|.)|\s+|./suy;

/**
 * Return all parts, outer ones first.
 *
 * @throws SpanError A brace, `\left` or environment has no partner.
 */
export function spansOf(latex: string): Span[] {
  const reader = new SpanReader(latex);
  reader.row([]);
  if (reader.token) throw new SpanError(`${reader.token} has no partner`);
  return reader.spans.sort((a, b) => a.start - b.start || b.end - a.end);
}

class SpanReader {
  readonly spans: Span[] = [];
  token = "";
  private place = 0;
  private end = 0; // of the last token

  constructor(private readonly latex: string) {
    this.next();
  }

  /** Read items up to one of the closing tokens, which is not consumed. */
  row(closing: readonly string[]): void {
    const start = this.place;
    let end = start;
    while (
      this.token &&
      !closing.includes(this.token) &&
      !"}&".includes(this.token) &&
      !/^\\(\\|right|end)$/.test(this.token)
    ) {
      this.item();
      end = this.end;
    }
    if (end > start) this.add(start, end, "row");
  }

  /** Read a symbol or structure with its scripts. */
  private item(): void {
    const start = this.place;
    const first = this.token;
    this.base();
    const base = this.end;
    while (this.token === "'" || /^\\(no)?limits$/.test(this.token)) this.next();
    while (this.token === "^" || this.token === "_") {
      this.next();
      this.group();
    }
    this.add(start, this.end, "item");
    if (this.end > base && /^[A-Za-z0-9]$/.test(first)) this.add(start, base, "base");
  }

  private base(): void {
    const command = this.token;
    if (command === "{") return this.group();
    this.next();
    if (command === "\\left") return this.fence();
    if (command === "\\begin") return this.environment();
    if (TEXT.test(command)) return this.plain();
    const groups = GROUPS.get(command) ?? 0;
    if (groups && this.token === "[") {
      this.next();
      this.row(["]"]);
      this.expect("]");
    }
    for (let i = 0; i < groups; i++) this.group();
  }

  /** Read a group in braces, or a single token in its place, which is not selected by itself. */
  private group(): void {
    if (this.token !== "{") {
      if (!this.token || this.token === "}") throw new SpanError("a group is missing");
      return this.next();
    }
    this.next();
    this.row([]);
    this.expect("}");
  }

  private fence(): void {
    this.next(); // the delimiter
    this.row([]);
    this.expect("\\right");
    this.next();
  }

  private environment(): void {
    this.plain();
    for (this.row([]); this.token === "&" || this.token === "\\\\"; this.row([])) this.next();
    this.expect("\\end");
    this.plain();
  }

  /** Skip a group whose content is not a formula. */
  private plain(): void {
    const opening = this.token;
    this.next();
    if (opening !== "{") return;
    while (this.token && this.token !== "}") this.next();
    this.expect("}");
  }

  private expect(token: string): void {
    if (this.token !== token) throw new SpanError(`${token} is missing`);
    this.next();
  }

  /** Move to the next token, over spaces. */
  private next(): void {
    this.end = this.place + this.token.length;
    this.place = this.end;
    this.token = "";
    for (TOKEN.lastIndex = this.place; ; this.place = TOKEN.lastIndex) {
      const found = TOKEN.exec(this.latex)?.[0] ?? "";
      if (/^\s+$/.test(found)) continue;
      this.token = found;
      return;
    }
  }

  private add(start: number, end: number, kind: Span["kind"]): void {
    this.spans.push({ start, end, kind });
  }
}
