/**
 * The web component `<tegashiki-pad>`: a sheet to write mathematics on, with its readings, as a field of a form.
 *
 *     <script type="module" src="pad.js"></script>
 *     <tegashiki-pad name="formula" required></tegashiki-pad>
 *
 * See docs/component.md.
 */

import { TegashikiPad } from "./element.ts";

export type { Point } from "../recognizer/preprocess.ts";
export type { Candidate, Reader, Reading, ReadRequest } from "../recognizer/recognizer.ts";
export type { AcceptDetail, AnswerDetail, CommitDetail, ReadingDetail } from "./element.ts";
export { TegashikiPad };

declare global {
  interface HTMLElementTagNameMap {
    "tegashiki-pad": TegashikiPad;
  }
}

if (globalThis.customElements && !customElements.get("tegashiki-pad")) {
  customElements.define("tegashiki-pad", TegashikiPad);
}
