/** The expressions that were finished, kept in this browser. */

const KEY = "tegashiki.history";
const KEPT = 100;

export class History {
  private latex = load();

  /** The newest first. */
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
      // A browser that keeps nothing for pages keeps the history as long as the page is open.
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
