/** The panel that shows what the memory has learnt, symbol by symbol, and forgets, exports and imports it. */

import { type Message, messageOf } from "../parts/texts.ts";
import { html } from "../parts/typeset.ts";
import { spellings } from "../recognizer/grammar.json";
import { KIND, readFormulas, writeFormulas } from "../recognizer/memory/file.ts";
import { type Formula, sameInk } from "../recognizer/memory/formula.ts";
import { join } from "../recognizer/vocabulary.ts";
import { save } from "./clipboard.ts";
import { drawing } from "./drawing.ts";
import { element, made } from "./element.ts";
import { texts } from "./language.ts";
import type { Drawn, LearntSymbol, LearntSymbols } from "./learnt-symbols.ts";
import type { MemoryStore } from "./memory-store.ts";

const HEAD = 200; // bytes of a file that say what it is
const SHOWN = 24; // drawings of a symbol
const FILE_NAME = "writer-memory.json";
const BOX = "\\square";

export class MemoryPanel {
  /** Why the model cannot learn, undefined if it can. */
  private refusal: Message | undefined;
  /** What was forgotten last. */
  private forgotten: readonly Formula[] = [];
  /** The formula whose details are shown, and the symbol among whose drawings it is. */
  private opened: { formula: Formula; token: string } | undefined;
  private drawn = 0; // number of times that the list was asked for

  /**
   * @param store The memory.
   * @param symbols Finds the drawings of symbols.
   * @param say Shows a message, or an error.
   */
  constructor(
    private readonly store: MemoryStore,
    private readonly symbols: LearntSymbols,
    private readonly say: (message: Message, wrong?: boolean) => void,
  ) {
    const onClick: Record<string, () => unknown> = {
      "memory-show": () => this.toggle(),
      "memory-export": () => this.export(),
      "memory-import": () => element("memory-file").click(),
      "memory-clear": () => this.forget(this.store.formulas),
      "memory-undo": () => this.undo(),
    };
    for (const [id, action] of Object.entries(onClick)) element(id).addEventListener("click", () => void action());
    element<HTMLInputElement>("memory-file").addEventListener("change", ({ target }) => {
      const input = target as HTMLInputElement;
      const [file] = input.files ?? [];
      if (file) void this.import(file);
      input.value = "";
    });
    this.show();
  }

  /** Say that the model cannot learn, and why. */
  refuse(reason: Message): void {
    this.refusal = reason;
    element<HTMLInputElement>("learning").disabled = true;
    this.show();
  }

  /** Show what the memory holds now. */
  show(): void {
    const { formulas, trouble } = this.store;
    const count = texts().learntFrom(formulas.length);
    element("learnt").textContent = [count, (this.refusal ?? trouble)?.(texts())].filter(Boolean).join(" ");
    for (const id of ["memory-show", "memory-export", "memory-clear"]) {
      element<HTMLButtonElement>(id).disabled = !formulas.length;
    }
    element("memory-undo").hidden = !this.forgotten.length;
    if (!formulas.length) this.close();
    if (!element("memory-panel").hidden) void this.list();
  }

  /** Merge a memory's file. */
  async import(file: File): Promise<void> {
    try {
      const formulas = readFormulas(new Uint8Array(await file.arrayBuffer()), file.name);
      const added = await this.store.change((memory) => memory.merge(formulas));
      this.say(({ imported }) => imported(file.name, added, formulas.length));
    } catch (error) {
      this.say(messageOf(error), true);
    }
  }

  private export(): void {
    save(new Blob([writeFormulas(this.store.formulas)], { type: "application/json" }), FILE_NAME);
  }

  private toggle(): void {
    if (!element("memory-panel").hidden) return this.close();
    element("memory-panel").hidden = false;
    element("memory-show").setAttribute("aria-expanded", "true");
    void this.list();
  }

  private close(): void {
    this.opened = undefined;
    element("memory-panel").hidden = true;
    element("memory-show").setAttribute("aria-expanded", "false");
  }

  private async forget(formulas: readonly Formula[]): Promise<void> {
    const forgotten = await this.store.change((memory) => {
      const found = memory.formulas.filter((each) => formulas.some((other) => sameInk(each, other)));
      for (const formula of found) memory.forget(formula);
      return found;
    });
    if (forgotten.length) this.forgotten = forgotten;
    this.opened = undefined;
    this.show();
    const [first, ...rest] = forgotten;
    this.say((now) =>
      first && !rest.length ? now.forgotten(join(first.tokens)) : now.manyForgotten(forgotten.length),
    );
    element("memory-undo").focus(); // the button that was pressed is gone
  }

  private async undo(): Promise<void> {
    const { forgotten } = this;
    this.forgotten = [];
    await this.store.change((memory) => memory.merge(forgotten));
    this.say(({ learntAgain }) => learntAgain);
    element("memory-show").focus();
  }

  // --- the list of symbols

  private async list(): Promise<void> {
    const turn = ++this.drawn;
    try {
      const symbols = await this.symbols.of(this.store.formulas);
      if (turn !== this.drawn) return; // the memory has changed
      const focused = (document.activeElement as HTMLElement | null)?.dataset.place;
      element("symbols").replaceChildren(...symbols.map((symbol) => this.row(symbol)));
      if (focused)
        element("symbols")
          .querySelector<HTMLElement>(`[data-place="${CSS.escape(focused)}"]`)
          ?.focus();
    } catch (error) {
      this.say(messageOf(error), true);
    }
  }

  private row({ token, drawings }: LearntSymbol): HTMLLIElement {
    const [item, name, list] = [made("li"), made("h3"), made("ul")];
    if (token) name.innerHTML = html(shownAs(token));
    else name.textContent = texts().unread;
    if (token) name.setAttribute("aria-label", token);
    list.append(...drawings.slice(0, SHOWN).map((drawn, i) => this.drawing(drawn, token, `${token} ${i}`)));
    item.append(name, list);
    if (drawings.length > SHOWN) item.append(made("small", texts().more(drawings.length - SHOWN)));
    const opened = drawings.find(({ formula }) => this.isOpened(formula, token));
    if (opened) item.append(this.details(opened));
    return item;
  }

  private isOpened(formula: Formula, token: string): boolean {
    return this.opened !== undefined && this.opened.token === token && sameInk(this.opened.formula, formula);
  }

  /** A button with the drawing of a symbol, which shows the whole formula. */
  private drawing(drawn: Drawn, token: string, place: string): HTMLLIElement {
    const { formula, ink, strokes } = drawn;
    const [item, button] = [made("li"), made("button")];
    const latex = join(formula.tokens);
    button.append(drawing(strokes.map((stroke) => ink[stroke]!)));
    button.dataset.place = place;
    button.title = texts().drawing(latex, date(formula));
    button.setAttribute("aria-label", texts().drawingOf(token, latex, date(formula)));
    button.setAttribute("aria-expanded", String(this.isOpened(formula, token)));
    button.addEventListener("click", () => {
      this.opened = this.isOpened(formula, token) ? undefined : { formula, token };
      void this.list();
    });
    item.append(button);
    return item;
  }

  /** The whole formula of a drawing. */
  private details({ formula, ink, strokes }: Drawn): HTMLElement {
    const [box, latex, forget] = [made("div"), made("div"), made("button", texts().forgetThis)];
    box.className = "details";
    latex.innerHTML = html(join(formula.tokens));
    latex.setAttribute("aria-label", join(formula.tokens));
    forget.addEventListener("click", () => void this.forget([formula]));
    box.append(drawing(ink, new Set(strokes)), latex, made("small", texts().learntOn(date(formula))), forget);
    return box;
  }
}

/** Whether a file says that it is a memory. */
export async function isMemory(file: File): Promise<boolean> {
  return (await file.slice(0, HEAD).text()).includes(JSON.stringify(KIND));
}

function date({ learnt }: Formula): string {
  return new Date(1000 * learnt).toLocaleDateString(texts().code, { dateStyle: "medium" });
}

/** LaTeX that shows a token. What takes an argument gets an empty box. */
function shownAs(token: string): string {
  if (token === "\\frac" || token === "\\binom") return `${token}{${BOX}}{${BOX}}`;
  return token === "\\sqrt" || spellings.accents.includes(token) ? `${token}{${BOX}}` : token;
}
