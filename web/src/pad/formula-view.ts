/** The formula of a pad, typeset: a part of it is selected, or a cursor is put into it, by pointer or keyboard. */

import { keyName } from "../parts/keys.ts";
import { html, mathml } from "../parts/typeset.ts";
import { Formula } from "./formula.ts";

export class FormulaView {
  /** Called when the user selects something. */
  selected: (formula: Formula) => void = () => undefined;
  /** Called when the user deletes the selection. */
  deleted: () => void = () => undefined;
  private formula = new Formula("");
  private typeset = "";
  /** The part that a drag began on, by its number. */
  private grabbed: number | undefined;

  constructor(readonly element: HTMLElement) {
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-live", "polite");
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.drag(event));
    element.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["pointerup", "pointercancel"]) {
      element.addEventListener(name, () => {
        this.grabbed = undefined;
      });
    }
  }

  /** Show a formula, with MathML for screen readers. */
  show(formula: Formula): void {
    this.formula = formula;
    const { latex } = formula;
    const marked = formula.isWhole ? new Formula(latex).marked() : formula.marked();
    if (marked === this.typeset) return this.highlight();
    this.typeset = marked;
    const drawn = html(marked);
    const isBroken = drawn.includes("katex-error"); // a command that takes its argument in another way
    this.element.innerHTML = latex && `${isBroken ? html(latex) : drawn}<span class="spoken">${mathml(latex)}</span>`;
    this.highlight();
  }

  private highlight(): void {
    const { start, end, spans, isWhole } = this.formula;
    for (const part of this.element.querySelectorAll<HTMLElement>("[data-t]")) {
      const span = spans[Number(part.dataset.t)];
      const isIn = span && start < end && !isWhole && start <= span.start && span.end <= end;
      part.classList.toggle("selected", Boolean(isIn));
    }
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.element.focus({ preventScroll: true });
    const part = this.partAt(event);
    this.grabbed = part;
    const { formula } = this;
    if (part === undefined) return this.selected(this.nearest(event.clientX));
    const { start, end } = formula.spans[part]!;
    const again = start === formula.start && end === formula.end;
    this.selected(again ? formula.widened() : formula.select(start, end));
  }

  private drag(event: PointerEvent): void {
    if (this.grabbed === undefined) return;
    const other = this.partAt(event);
    if (other === undefined || other === this.grabbed) return;
    const [from, to] = [this.formula.spans[this.grabbed]!, this.formula.spans[other]!];
    this.selected(this.formula.select(Math.min(from.start, to.start), Math.max(from.end, to.end)));
  }

  /** The smallest part at a place. What lies on top there may be an empty box of KaTeX. */
  private partAt({ clientX, clientY }: PointerEvent): number | undefined {
    let best: { part: number | undefined; area: number } = { part: undefined, area: Infinity };
    for (const part of this.element.querySelectorAll<HTMLElement>("[data-t]")) {
      const { left, right, top, bottom } = part.getBoundingClientRect();
      const area = (right - left) * (bottom - top);
      const isIn = left <= clientX && clientX <= right && top <= clientY && clientY <= bottom;
      if (isIn && area <= best.area) best = { part: Number(part.dataset.t), area };
    }
    return best.part;
  }

  /** The formula with the cursor at the edge of a part that is nearest to a place. */
  private nearest(x: number): Formula {
    let best = { place: this.formula.latex.length, distance: Infinity };
    for (const part of this.element.querySelectorAll<HTMLElement>("[data-t]")) {
      const span = this.formula.spans[Number(part.dataset.t)];
      if (!span || part.parentElement?.closest("[data-t]")) continue; // parts within parts
      const { left, right } = part.getBoundingClientRect();
      for (const [place, edge] of [
        [span.start, left],
        [span.end, right],
      ] as const) {
        if (Math.abs(edge - x) < best.distance) best = { place, distance: Math.abs(edge - x) };
      }
    }
    return this.formula.select(best.place, best.place);
  }

  private key(event: KeyboardEvent): void {
    const { formula } = this;
    const { length } = formula.latex;
    const move = (by: 1 | -1) => this.selected(formula.moved(by, event.shiftKey));
    const actions: Record<string, () => void> = {
      arrowleft: () => move(-1),
      arrowright: () => move(1),
      arrowup: () => this.selected(formula.widened()),
      home: () => this.selected(formula.select(0, 0)),
      end: () => this.selected(formula.select(length, length)),
      "control a": () => this.selected(new Formula(formula.latex)),
      delete: () => this.deleted(),
      backspace: () => this.deleted(),
    };
    const action = actions[keyName(event)];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }
}
