/** The history of finished expressions, stored in the browser. */

const KEY = "tegashiki.history";
const KEPT = 100;

export class History {
  private latex = load();

  /** LaTeX of the expressions, newest first. */
  get entries(): readonly string[] {
    return this.latex;
  }

  add(latex: string): void {
    this.store([latex, ...this.latex].slice(0, KEPT));
  }

  clear(): void {
    this.store([]);
  }

  private store(latex: string[]): void {
    this.latex = latex;
    try {
      localStorage.setItem(KEY, JSON.stringify(latex));
    } catch {
      // Storage is blocked or full: the history lasts as long as the page is open.
    }
  }
}

function load(): string[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as unknown;
    return Array.isArray(kept) ? kept.filter((latex) => typeof latex === "string") : [];
  } catch {
    return [];
  }
}
