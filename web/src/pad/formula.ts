/** A formula with a selection or a cursor, which is where new ink goes. */

import { type Span, SpanError, spansOf } from "./spans.ts";

export class Formula {
  /** Parts that can be selected, outer ones first. Empty if the LaTeX cannot be taken apart: then only all of it. */
  readonly spans: readonly Span[];

  /**
   * @param latex The formula.
   * @param start Begin of the selection as an index into `latex`. It is a cursor if it is also the end.
   * @param end End of the selection.
   */
  constructor(
    readonly latex: string,
    readonly start = 0,
    readonly end = latex.length,
  ) {
    this.spans = partsOf(latex);
  }

  /** Whether the whole formula is selected, as it is at first: what is written then replaces it. */
  get isWhole(): boolean {
    return this.start === 0 && this.end === this.latex.length;
  }

  /** The formula with other LaTeX in place of the selection, and a cursor behind it. */
  with(latex: string): Formula {
    const [before, after] = [this.latex.slice(0, this.start), this.latex.slice(this.end)];
    const isBase = this.spans.some(
      ({ start, end, kind }) => kind === "base" && start === this.start && end === this.end,
    );
    const put = isBase && !/^(?:[^\\{}\s]|\\[A-Za-z]+)$/.test(latex) ? `{${latex}}` : latex;
    const first = before + gap(before, put) + put;
    return new Formula(first + gap(first, after) + after, first.length, first.length);
  }

  /** The formula with the smallest part selected that holds a range. A cursor between parts stays one. */
  select(start: number, end: number): Formula {
    if (start === end && this.places.includes(start)) return new Formula(this.latex, start, end);
    const items = this.spans.filter(({ kind }) => kind === "item");
    const rows = this.spans.filter(({ kind }) => kind === "row");
    const row = rows.filter((one) => one.start <= start && end <= one.end).at(-1);
    const own = this.spans.find((one) => one.start === start && one.end === end);
    if (own || !row) return new Formula(this.latex, own?.start, own?.end);
    const parts = items.filter((item) => item.end > start && item.start < end && this.rowOf(item) === row);
    if (!parts.length) return new Formula(this.latex, row.start, row.end);
    return new Formula(this.latex, parts[0]!.start, parts.at(-1)!.end);
  }

  /** The formula with the next larger part selected. */
  widened(): Formula {
    const larger = this.spans
      .filter(({ start, end }) => start <= this.start && this.end <= end && end - start > this.end - this.start)
      .at(-1);
    return new Formula(this.latex, larger?.start, larger?.end);
  }

  /** Move the cursor, or the end of the selection if it is extended. */
  moved(by: 1 | -1, extend: boolean): Formula {
    const { places, start, end } = this;
    const from = by > 0 ? end : start;
    const next = by > 0 ? places.find((place) => place > from) : places.filter((place) => place < from).at(-1);
    if (!extend) {
      const place = start === end ? (next ?? from) : from; // a selection first becomes a cursor at its edge
      return new Formula(this.latex, place, place);
    }
    return by > 0 ? this.select(start, next ?? end) : this.select(next ?? start, end);
  }

  /** Where a cursor can be: between the items of rows. */
  private get places(): readonly number[] {
    const edges = this.spans.filter(({ kind }) => kind === "item").flatMap(({ start, end }) => [start, end]);
    return [...new Set([0, ...edges, this.latex.length])].sort((a, b) => a - b);
  }

  private rowOf(item: Span): Span | undefined {
    return this.spans.filter(({ kind, start, end }) => kind === "row" && start <= item.start && item.end <= end).at(-1);
  }

  /** LaTeX for KaTeX in which every part has its number, `\htmlData{t=3}{x}`, and the cursor is `\htmlData{cursor=0}{}`. */
  marked(): string {
    const parts = this.spans.flatMap((span, t) => (span.kind === "row" ? [] : [{ ...span, t }]));
    const openings = parts.map(({ start, t }) => ({ place: start, text: `\\htmlData{t=${t}}{`, order: t }));
    // Inner parts close first, and everything closes before the next part opens.
    const closings = parts.map(({ end, t }) => ({ place: end, text: "}", order: -parts.length - t }));
    const cursor = { place: this.start, text: "\\htmlData{cursor=0}{\\vphantom{1}}", order: -1e-3 };
    const marks = [...openings, ...closings, ...(this.start === this.end && this.latex ? [cursor] : [])];
    marks.sort((a, b) => a.place - b.place || a.order - b.order);
    let [text, done] = ["", 0];
    for (const mark of marks) {
      text += this.latex.slice(done, mark.place) + mark.text;
      done = mark.place;
    }
    return text + this.latex.slice(done);
  }
}

function partsOf(latex: string): readonly Span[] {
  try {
    return spansOf(latex);
  } catch (error) {
    if (error instanceof SpanError) return [];
    throw error;
  }
}

/** A space where a command would swallow the letter behind it. */
function gap(before: string, after: string): string {
  return /\\[A-Za-z]+$/.test(before) && /^[A-Za-z]/.test(after) ? " " : "";
}
