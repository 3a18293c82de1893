/** What is on the sheet, kept while the page is reloaded. It belongs to one tab. */

import type { PageSession } from "../recognizer/page-session.ts";
import type { Point } from "../recognizer/preprocess.ts";

const KEY = "tegashiki.draft";

interface Line {
  strokes: readonly (readonly Point[])[];
  /** LaTeX of the accepted reading, if there was one for all strokes. */
  accepted?: string | undefined;
}

export interface Draft {
  lines: readonly Line[];
}

/** Store the ink of a page whenever the page is left. */
export function keepDraft(page: PageSession): void {
  addEventListener("pagehide", () => {
    const lines = page.lines.map(({ strokes, acceptedForAll }) => ({ strokes, accepted: acceptedForAll?.latex }));
    const draft: Draft = { lines };
    try {
      if (lines.length) sessionStorage.setItem(KEY, JSON.stringify(draft));
    } catch {
      // Storage is blocked or full: a reload loses the ink.
    }
  });
}

/** Return the stored ink, undefined if there is none. It can be taken once. */
export function takeDraft(): Draft | undefined {
  try {
    const stored = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    const draft = JSON.parse(stored ?? "null") as Draft | null;
    return Array.isArray(draft?.lines) ? draft : undefined;
  } catch {
    return undefined;
  }
}
