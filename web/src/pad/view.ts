/** The elements inside a pad. */

import type { Places } from "../parts/readings.ts";
import type { Texts } from "../parts/texts.ts";
import { FormulaView } from "./formula-view.ts";
import style from "./pad.css";

/** What the toolbar's buttons are called. */
export type Action =
  | "undo"
  | "redo"
  | "erase"
  | "select"
  | "duplicate"
  | "delete"
  | "beginLine"
  | "joinLine"
  | "clear"
  | "done";

const ICONS: Readonly<Record<Action, string>> = {
  undo: "↶",
  redo: "↷",
  erase: "⌫",
  select: "⬚",
  duplicate: "⧉",
  delete: "⌦",
  beginLine: "⏎",
  joinLine: "⤒",
  clear: "✕",
  done: "✓",
};
const ACTIONS = Object.keys(ICONS) as Action[];
let sheets: { shadow: CSSStyleSheet; fonts: CSSStyleSheet } | undefined;

/** The elements of one pad. */
export class View {
  readonly root = make("div", "pad");
  readonly canvas = make("canvas", "sheet");
  readonly formula = new FormulaView(make("div", "formula"));
  readonly latex = make("input", "latex");
  readonly rows = make("ol", "rows");
  readonly comma = make("div", "comma");
  readonly answer = make("div", "answer");
  readonly places: Places = {
    candidates: make("ol", "candidates"),
    alternatives: make("ol", "alternatives"),
    status: make("p", "status"),
  };
  private readonly toolbar = make("div", "toolbar");
  private readonly buttons = new Map<Action, HTMLButtonElement>();

  /** @param act Called when a button is pressed. */
  constructor(act: (action: Action) => void) {
    for (const action of ACTIONS) {
      const button = make("button", action);
      button.part.add("button");
      button.type = "button";
      button.innerHTML = `<span aria-hidden="true">${ICONS[action]}</span>`;
      button.addEventListener("click", () => act(action));
      this.buttons.set(action, button);
    }
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application"); // screen readers pass the keys on
    this.toolbar.setAttribute("role", "toolbar");
    this.toolbar.append(...this.buttons.values());
    this.places.candidates.className = "readings";
    this.places.alternatives.className = "readings alternatives";
    this.places.alternatives.hidden = true;
    this.places.status.setAttribute("role", "status");
    this.rows.hidden = true;
    this.comma.className = "readings comma";
    this.answer.className = "readings answer";
    for (const offer of [this.comma, this.answer]) offer.setAttribute("role", "status");
    Object.assign(this.latex, { type: "text", spellcheck: false, autocomplete: "off", autocapitalize: "off" });
    const { candidates, alternatives, status } = this.places;
    // The sheet comes first, so that it gets the focus that the pad is given.
    this.root.append(
      this.canvas,
      this.toolbar,
      status,
      this.rows,
      candidates,
      this.comma,
      this.answer,
      alternatives,
      this.formula.element,
      this.latex,
    );
  }

  /** Fill the shadow root. */
  attach(shadow: ShadowRoot): void {
    sheets ??= styleSheets();
    // A document takes fonts only from its own style sheets.
    const { adoptedStyleSheets } = document;
    if (!adoptedStyleSheets.includes(sheets.fonts)) document.adoptedStyleSheets = [...adoptedStyleSheets, sheets.fonts];
    shadow.adoptedStyleSheets = [sheets.shadow];
    shadow.append(this.root);
  }

  /** Set all texts. */
  label(texts: Texts): void {
    const { candidates, alternatives } = this.places;
    this.canvas.ariaLabel = texts.sheet;
    this.toolbar.ariaLabel = texts.toolbar;
    candidates.ariaLabel = texts.readings;
    alternatives.ariaLabel = texts.alternatives;
    this.rows.ariaLabel = texts.rows;
    this.formula.element.ariaLabel = texts.formula;
    this.latex.ariaLabel = texts.latex;
    this.latex.placeholder = "LaTeX";
    for (const [action, button] of this.buttons) {
      button.ariaLabel = texts[action];
      button.title = texts[`${action}Title`];
    }
  }

  /** Enable the buttons that have something to do. */
  enable(possible: Readonly<Record<Action, boolean>>): void {
    for (const [action, button] of this.buttons) button.disabled = !possible[action];
  }

  press(action: Action, on: boolean): void {
    this.buttons.get(action)!.ariaPressed = String(on);
  }

  /** Show or hide buttons. */
  show(shown: boolean, ...actions: readonly Action[]): void {
    for (const action of actions) this.buttons.get(action)!.hidden = !shown;
  }
}

/** Create an element whose CSS part and class are its name. */
function make<K extends keyof HTMLElementTagNameMap>(tag: K, name: string): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.part.add(name);
  element.classList.add(name);
  return element;
}

function styleSheets(): { shadow: CSSStyleSheet; fonts: CSSStyleSheet } {
  const [shadow, fonts] = [new CSSStyleSheet(), new CSSStyleSheet()];
  shadow.replaceSync(style);
  const faces = [...shadow.cssRules].filter((rule) => rule instanceof CSSFontFaceRule);
  fonts.replaceSync(faces.map(({ cssText }) => cssText).join("\n"));
  return { shadow, fonts };
}
