/** The lines of a sheet: the one that is being written, as `Readings` shows it, and a list of all of them. */

import type { PageSession } from "../recognizer/page-session.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import { joinRows, rowsToLatex } from "../recognizer/rows.ts";
import type { Session } from "../recognizer/session.ts";
import { written } from "./decimal-commas.ts";
import type { ReadableSession } from "./readings.ts";
import type { Sheet } from "./sheet.ts";
import type { Texts } from "./texts.ts";
import { html } from "./typeset.ts";

/** The formula that all lines make. */
export type Whole = Pick<Candidate, "latex" | "tokens">;

export class PageLines {
  /** The line that is being written. */
  readonly current: ReadableSession;
  /** Shows the strokes of all lines. What is highlighted is given by the strokes of the current line. */
  readonly sheet: Pick<Sheet, "show">;
  /** The reading of each line that was found last. */
  private readonly found = new WeakMap<Session, Candidate>();
  private reads = 0;

  /**
   * @param rows The list of lines. It is hidden while there is only one.
   * @param chosen Called when the user has chosen a line, which is then the current one.
   */
  constructor(
    private readonly page: PageSession,
    sheet: Pick<Sheet, "show">,
    private readonly rows: HTMLElement,
    private readonly chosen: () => void,
    private texts: Texts,
  ) {
    this.current = readable(page);
    this.sheet = {
      show: (_, lit = new Set()) => sheet.show(page.strokes, new Set([...lit].map((stroke) => stroke + this.first))),
    };
  }

  /** The readings of the lines that have been read, from the top. */
  get readings(): Candidate[] {
    return this.page.lines.flatMap((line) => this.readingOf(line) ?? []);
  }

  /** Return the index in the current line of a stroke of the sheet, undefined if it belongs to another line. */
  inCurrent(stroke: number | undefined): number | undefined {
    if (stroke === undefined) return undefined;
    const index = stroke - this.first;
    return index >= 0 && index < this.page.line.strokes.length ? index : undefined;
  }

  /** Take note of the reading of the current line, and show all lines. */
  note(reading: Candidate | undefined): void {
    if (reading) this.found.set(this.page.line, reading);
    else this.found.delete(this.page.line);
    this.draw();
  }

  /** Read the other lines, as far as they have changed. Ends early if this is called again meanwhile. */
  async read(): Promise<void> {
    this.reads += 1;
    const { reads } = this;
    for (const line of this.page.lines) {
      if (line === this.page.line) continue;
      const reading = line.acceptedForAll ?? (await line.candidates(1)).candidates[0];
      if (reads !== this.reads) return;
      if (reading) this.found.set(line, reading);
    }
    this.draw();
  }

  /** Change the language of everything that is shown. */
  translate(texts: Texts): void {
    this.texts = texts;
    this.draw();
  }

  /** Show the readings of the lines, if there are several. */
  private draw(): void {
    const { lines, current } = this.page;
    const rows = lines.length > 1 ? lines.map((line, index) => this.row(line, index, index === current)) : [];
    this.rows.replaceChildren(...rows);
    this.rows.hidden = !rows.length;
  }

  private row(line: Session, index: number, isCurrent: boolean): HTMLLIElement {
    const [item, button] = [document.createElement("li"), document.createElement("button")];
    const latex = this.readingOf(line)?.latex;
    button.type = "button";
    button.innerHTML = latex ? html(latex) : "…";
    button.dataset.latex = latex ?? "";
    button.title = this.texts.lineNumber(index + 1);
    button.setAttribute("aria-label", `${button.title}: ${latex ?? "…"}`);
    button.setAttribute("aria-current", String(isCurrent));
    button.addEventListener("click", () => {
      this.page.goTo(index);
      this.chosen();
    });
    item.append(button);
    return item;
  }

  private readingOf(line: Session): Candidate | undefined {
    return line.acceptedForAll ?? this.found.get(line);
  }

  /** The index of the first stroke of the current line. */
  private get first(): number {
    const { lines, current } = this.page;
    return lines.slice(0, current ?? 0).reduce((sum, { strokes }) => sum + strokes.length, 0);
  }
}

/** Return the formula that lines make, if `commas` is true with decimal commas; undefined if there is no line. */
export function wholeOf(lines: readonly Whole[], commas: boolean): Whole | undefined {
  const all = lines.map((line) => written(line, commas));
  if (all.length < 2) return all[0];
  const rows = all.map(({ tokens }) => tokens);
  return { latex: rowsToLatex(rows), tokens: joinRows(rows) };
}

/** The current line of a page. Its readings end when another line is written. */
function readable(page: PageSession): ReadableSession {
  return {
    get strokes() {
      return page.line.strokes;
    },
    get acceptedForAll() {
      return page.line.acceptedForAll;
    },
    async *stream(n) {
      const { line } = page;
      for await (const found of line.stream(n)) {
        if (page.line !== line) return;
        yield found;
      }
    },
    alternatives: (token, candidate) => page.line.alternatives(token, candidate),
  };
}
