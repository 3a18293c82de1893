/** What is on the sheet, kept while the page is reloaded. It belongs to one tab. */

import type { Point } from "../recognizer/preprocess.ts";
import type { Session } from "../recognizer/session.ts";

const KEY = "tegashiki.draft";

export interface Draft {
  strokes: Point[][];
  /** LaTeX of the accepted reading, if there was one for all strokes. */
  accepted?: string | undefined;
}

/** Store the ink of a session whenever the page is left. */
export function keepDraft(session: Session): void {
  addEventListener("pagehide", () => {
    const draft = { strokes: session.strokes, accepted: session.acceptedForAll?.latex };
    try {
      if (session.strokes.length) sessionStorage.setItem(KEY, JSON.stringify(draft));
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
    return Array.isArray(draft?.strokes) ? draft : undefined;
  } catch {
    return undefined;
  }
}
