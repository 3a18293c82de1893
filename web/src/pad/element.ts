/** The custom element: a field of a form that is filled by pen. */

import { type Answer, Answers } from "../parts/answers.ts";
import { DecimalCommas, hasDecimalComma, written } from "../parts/decimal-commas.ts";
import { keyName } from "../parts/keys.ts";
import { PageLines, wholeOf } from "../parts/page-lines.ts";
import { LOADING, Readings } from "../parts/readings.ts";
import { Selecting } from "../parts/selecting.ts";
import { Sheet } from "../parts/sheet.ts";
import { messageOf, type Texts, textsOf } from "../parts/texts.ts";
import { PageSession } from "../recognizer/page-session.ts";
import type { Point } from "../recognizer/preprocess.ts";
import type { Candidate, Reader } from "../recognizer/recognizer.ts";
import type { Candidates } from "../recognizer/session.ts";
import { Field } from "./field.ts";
import { type Files, filesBeside, filesIn } from "./files.ts";
import { Formula } from "./formula.ts";
import { borrow, release } from "./shared-reader.ts";
import { type Action, View } from "./view.ts";

/** What the event `reading` tells. */
export interface ReadingDetail {
  /** Distinct readings, likeliest first. Empty if nothing is written. */
  candidates: readonly Candidate[];
  /** True if better readings follow. */
  partial: boolean;
}

/** What the event `accept` tells. */
export interface AcceptDetail {
  candidate: Candidate;
}

/** What the event `answer` tells. */
export interface AnswerDetail extends Answer {
  /** LaTeX of the answer. */
  latex: string;
  /** The reading that it is the answer to. */
  candidate: Candidate;
}

/** What the event `commit` tells. */
export interface CommitDetail {
  /** The whole formula, which is now the value. */
  latex: string;
  /** The reading of the ink, which may be a part of the formula. If there are several lines, that of the last one. */
  candidate: Candidate;
  /** The ink, in CSS pixels of the sheet, y downwards. */
  strokes: readonly (readonly Point[])[];
  /** The lines of the ink from the top; one without the attribute `several-lines`. */
  lines: readonly { candidate: Candidate; strokes: readonly (readonly Point[])[] }[];
}

const LINE_ACTIONS = ["beginLine", "joinLine"] as const;

export class TegashikiPad extends Field {
  static readonly observedAttributes = [
    "value",
    "candidates",
    "answers",
    "decimal-comma",
    "restrict",
    "several-lines",
    "theme",
    "lang",
    "required",
    "model",
    "assets",
  ];

  private readonly view: View;
  private readonly session: PageSession;
  private readonly lines: PageLines;
  private readonly readings: Readings;
  private readonly selecting: Selecting;
  private readonly offers: Answers;
  private readonly commas: DecimalCommas;
  private texts: Texts = textsOf();
  /** The tag of the element's language, which there may be no texts in. */
  private language = "";
  private sheet: Sheet | undefined;
  /** Undone when the element leaves the document. */
  private connection: AbortController | undefined;
  private ownReader: Reader | undefined;
  /** The files of the shared reader that the element has borrowed, and that reader. */
  private borrowed: { files: Files; reader: Reader & { loaded: Promise<void> } } | undefined;
  /** The formula without the ink, and the part of it that the ink replaces: all of it at first. */
  private formula = new Formula("");
  /** Whether the value is no longer that of the attribute. */
  private dirty = false;
  /** The value that was last told to the form. */
  private told = "";
  private erasing = false;

  constructor() {
    super();
    this.internals.role = "group";
    const shadow = this.attachShadow({ mode: "open", delegatesFocus: true });
    this.view = new View((action) => this.act(action));
    this.view.attach(shadow);
    this.session = new PageSession(this.makeReader(), false);
    const sheet = { show: (...shown: Parameters<Sheet["show"]>) => this.sheet?.show(...shown) };
    const listener = {
      shown: (found: Candidates) => this.hear(found),
      accept: (candidate: Candidate) => this.accept(candidate),
    };
    const edit = (change: () => unknown) => this.edit(change);
    this.lines = new PageLines(this.session, sheet, this.view.rows, () => edit(() => undefined), this.texts);
    this.readings = new Readings(this.lines.current, this.lines.sheet, this.view.places, listener, this.texts);
    this.selecting = new Selecting(this.session, edit, (on, count) => this.showSelection(on, count));
    this.showSelection(false, 0);
    this.view.show(false, ...LINE_ACTIONS);
    const take = (answer: Answer) => this.send<AnswerDetail>("answer", answer);
    this.offers = new Answers(this.view.answer, () => this.files().answers, take, this.texts);
    this.commas = new DecimalCommas(this.view.comma, () => this.rewrite(), this.texts);
    this.view.canvas.addEventListener("pointerdown", () => this.view.canvas.focus({ preventScroll: true }));
    this.view.latex.addEventListener("change", () => this.typed());
    this.view.formula.selected = (formula) => this.choose(formula);
    this.view.formula.deleted = () => this.cut();
    this.view.root.addEventListener("keydown", (event) => this.key(event));
  }

  // --- the formula

  /** LaTeX of the formula: what was there before, with the accepted or the likeliest reading in place of its selection. */
  get value(): string {
    return this.whole.latex;
  }

  /** Set the formula. Ink that reads otherwise is cleared, and frameworks may set the value that they were told. */
  set value(latex: string) {
    this.dirty = true;
    if (latex !== this.value) this.stand(new Formula(latex));
  }

  /** Begin of the selection, as an index into the LaTeX of the formula. If it is also the end, there is a cursor. */
  get selectionStart(): number {
    return this.formula.start;
  }

  /** End of the selection. */
  get selectionEnd(): number {
    return this.formula.end;
  }

  /** The ink, in CSS pixels of the sheet, y downwards. */
  get strokes(): readonly (readonly Point[])[] {
    return this.session.strokes;
  }

  /** Set the ink. It is read. */
  set strokes(strokes: readonly (readonly Point[])[]) {
    this.edit(() => this.session.replaceStrokes(strokes));
  }

  /** The readings shown, likeliest first. */
  get shown(): readonly Candidate[] {
    return this.readings.shown;
  }

  /** What reads the ink, if it is not the package's own model in a worker: set this before the element is connected. */
  get reader(): Reader | undefined {
    return this.ownReader;
  }

  set reader(reader: Reader | undefined) {
    this.ownReader = reader;
    this.borrowAgain();
  }

  // --- as a field of a form

  formResetCallback(): void {
    this.dirty = false;
    this.stand(new Formula(this.defaultValue));
  }

  formDisabledCallback(disabled: boolean): void {
    this.view.root.inert = disabled;
  }

  formStateRestoreCallback(state: string, mode: "restore" | "autocomplete"): void {
    const plain = { standing: state, lines: [] };
    const { standing, lines } =
      mode === "autocomplete" ? plain : (JSON.parse(state) as { standing: string; lines: Point[][][] });
    this.value = standing;
    if (lines.length) this.edit(() => this.session.replaceLines(lines));
  }

  // --- actions

  undo(): void {
    this.edit(() => this.session.undo());
  }

  redo(): void {
    this.edit(() => this.session.redo());
  }

  /** Erase the ink, or if there is none the formula. */
  clear(): void {
    if (this.session.strokes.length) return this.edit(() => this.session.clear());
    this.value = "";
    this.tell("change");
  }

  /** Let the next stroke begin a new line below the current one. */
  beginLine(): void {
    this.session.beginLine();
    if (this.session.lines.length) this.readings.say(({ lineBegins }) => lineBegins);
  }

  /** Make the current line one with the line above it. */
  joinLine(): void {
    this.edit(() => this.session.joinLine());
  }

  /** Accept a reading that is shown. */
  accept(candidate: Candidate): void {
    this.edit(() => this.session.accept(candidate));
    if (this.session.line.accepted === candidate) this.send<AcceptDetail>("accept", { candidate });
  }

  /**
   * Select a part of the formula, or put the cursor into it: there goes what is written next. Ink is finished first.
   *
   * @param start Index into the LaTeX.
   * @param end Other end. The smallest part that holds the range is selected.
   */
  select(start: number, end = start): void {
    this.choose(this.whole.select(start, end));
  }

  /**
   * Finish the ink: its reading stays in the formula. If it replaced the whole formula, what is written next begins a new
   * one, else it comes behind it.
   */
  async commit(): Promise<void> {
    if (!this.readings.chosen) return;
    const { formula, whole, session } = this;
    const ink = session.lines.map((line) => line.strokes);
    const { on } = this.commas;
    const committed = session.commit();
    this.formula = whole;
    this.edit(() => undefined);
    try {
      const readings = (await committed).lines;
      const finished = filled(formula, readings, on);
      if (finished.latex !== whole.latex) this.formula = finished; // else another selection may have been made meanwhile
      this.update();
      const lines = readings.map((candidate, line) => ({ candidate, strokes: ink[line]! }));
      this.send<CommitDetail>("commit", { latex: this.value, candidate: readings.at(-1)!, strokes: ink.flat(), lines });
      this.tell("change");
    } catch (error) {
      this.formula = formula;
      await this.read(); // a failed commit restores the ink
      this.readings.say(messageOf(error), true);
    }
  }

  // --- the element's life

  connectedCallback(): void {
    for (const name of ["value", "strokes", "reader"] as const) this.takeOver(name);
    this.connection = new AbortController();
    const { signal } = this.connection;
    this.sheet = this.selecting.sheet = this.makeSheet(signal);
    this.selecting.switch(false);
    this.erase(this.erasing);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw(), { signal });
    this.label();
    this.borrowAgain();
  }

  disconnectedCallback(): void {
    this.connection?.abort();
    this.connection = this.sheet = this.selecting.sheet = undefined;
    this.offers.close();
    this.giveBack();
  }

  attributeChangedCallback(name: string): void {
    if (name === "value" && !this.dirty) this.stand(new Formula(this.defaultValue));
    if (name === "restrict") this.limit();
    if (name === "candidates") void this.read();
    if (name === "answers") this.offer();
    if (name === "decimal-comma") this.switchCommas();
    if (name === "several-lines") this.switchLines();
    if (name === "theme") this.redraw();
    if (name === "lang") this.label();
    if (name === "required") this.update();
    if (name === "model" || name === "assets") this.borrowAgain();
  }

  // --- inside

  /** Set a property again that was set before the element was defined, and that hides the class's own since then. */
  private takeOver(name: "value" | "strokes" | "reader"): void {
    const own = Object.getOwnPropertyDescriptor(this, name);
    if (!own) return;
    delete (this as Partial<TegashikiPad>)[name];
    Object.assign(this, { [name]: own.value as unknown });
  }

  /** The session's reader: whatever reads the ink at the moment. */
  private makeReader(): Reader {
    const current = (): Reader | undefined => this.ownReader ?? this.borrowed?.reader;
    return {
      get maxStrokes() {
        return current()?.maxStrokes ?? Infinity;
      },
      read: (request, signal) =>
        current()?.read(request, signal) ??
        Promise.reject(new Error("the pad is in no document: nothing reads its ink")),
    };
  }

  private makeSheet(signal: AbortSignal): Sheet {
    const listener = {
      wrote: (points: Point[]) => this.edit(() => this.write(points)),
      rubbed: (indices: number[]) => this.edit(() => this.session.erase(...indices)),
      over: (stroke: number | undefined) => this.readings.lightStroke(this.lines.inCurrent(stroke)),
      around: (points: Point[], stroke: number | undefined) => this.selecting.around(points, stroke),
      dragged: (dx: number, dy: number) => this.selecting.move(dx, dy),
    };
    return new Sheet(this.view.canvas, listener, signal);
  }

  /** Take the reader of the files that the attributes name now, and read with it. */
  private borrowAgain(): void {
    this.giveBack();
    if (this.connection && !this.ownReader) this.borrow();
    this.limit(); // readings of the last reader are not kept
  }

  private files(): Files {
    return this.assets ? filesIn(this.assets) : filesBeside();
  }

  private borrow(): void {
    const files = this.files();
    if (this.model) files.model = new URL(this.model, document.baseURI).href;
    const reader = borrow(files);
    this.borrowed = { files, reader };
    this.readings.say(LOADING);
    const isCurrent = (): boolean => this.borrowed?.reader === reader;
    reader.loaded.then(
      () => isCurrent() && this.readings.message === LOADING && this.readings.say(),
      (error: unknown) => isCurrent() && this.readings.say(messageOf(error), true),
    );
  }

  private giveBack(): void {
    if (this.borrowed) release(this.borrowed.files);
    this.borrowed = undefined;
  }

  private limit(): void {
    const words = this.restrict.split(/\s+/).filter(Boolean);
    const [preset] = words;
    const isPreset = words.length === 1 && /^[a-z]{2,}$/.test(preset!);
    this.attempt(() => this.session.restrict(isPreset ? preset : words.length ? words : undefined));
    void this.read();
  }

  private label(): void {
    const lang = this.closest<HTMLElement>("[lang]")?.lang;
    const tags = lang ? [lang] : navigator.languages;
    this.texts = textsOf(...tags);
    this.language = tags[0] ?? "";
    this.view.label(this.texts);
    this.readings.translate(this.texts);
    this.lines.translate(this.texts);
    this.offers.translate(this.texts);
    this.commas.translate(this.texts);
    this.switchCommas();
  }

  /** The formula with the reading of the ink. */
  private get whole(): Formula {
    return filled(this.formula, this.lines.readings, this.commas.on);
  }

  /** Make a formula the value, in place of what is written. */
  private stand(formula: Formula): void {
    this.formula = formula;
    this.told = formula.latex;
    this.session.clear();
    void this.read();
  }

  /** Take another selection. Ink belongs to the last one, so it is finished. */
  private choose(formula: Formula): void {
    void this.commit();
    this.formula = formula;
    this.update();
  }

  private cut(): void {
    const { start, end } = this.whole;
    if (start === end) return;
    void this.commit();
    this.stand(this.formula.with(""));
    this.tell("input");
    this.tell("change");
  }

  private typed(): void {
    this.value = this.view.latex.value.trim();
    this.tell("input");
    this.tell("change");
  }

  /** Add a stroke, unless it is a gesture that takes others away. */
  private write(points: readonly Point[]): void {
    this.session.addStroke(points);
    const struck = this.gestures ? this.session.applyGesture().length : 0;
    if (struck) this.readings.say((texts) => texts.struck(struck));
  }

  private edit(change: () => unknown): void {
    this.readings.say();
    this.dirty = true;
    this.attempt(change);
    this.selecting.forget();
    this.readings.forgetAlternatives();
    void this.read();
  }

  private attempt(change: () => unknown): void {
    try {
      change();
    } catch (error) {
      this.readings.say(messageOf(error), true);
    }
  }

  private async read(): Promise<void> {
    this.redraw();
    this.enable();
    await this.readings.read(this.candidates);
    await this.lines.read().catch(() => undefined); // the error is shown once the line is the current one
    this.follow();
  }

  private hear({ candidates, partial }: Candidates): void {
    this.lines.note(this.readings.chosen);
    const changed = this.follow();
    if (!partial) this.offer();
    if (candidates.length || changed) this.send<ReadingDetail>("reading", { candidates, partial });
  }

  /** Follow the readings of the lines. Returns whether the value has changed. */
  private follow(): boolean {
    this.offerCommas();
    const changed = this.value !== this.told;
    this.update();
    this.enable();
    if (changed) this.tell("input");
    return changed;
  }

  /** Offer the answer to the reading, if the attribute asks for that. */
  private offer(): void {
    const { chosen } = this.readings;
    this.offers.ask(this.answers && chosen ? written(chosen, this.commas.on) : undefined);
  }

  /** Offer decimal commas in the reading, where they are the custom or the attribute asks for them. */
  private offerCommas(): void {
    const asked = this.decimalComma;
    const wanted = asked === "on" || (asked !== "off" && hasDecimalComma(this.language));
    this.commas.offer(wanted ? this.lines.readings : []);
  }

  /** Follow the attribute or the language. Where decimal commas are no longer offered, the reading has none. */
  private switchCommas(): void {
    const { on } = this.commas;
    this.offerCommas();
    this.update();
    if (on !== this.commas.on) this.offer();
  }

  /** Show the reading anew, with decimal commas or without. */
  private rewrite(): void {
    this.update();
    this.offer();
    this.tell("input");
  }

  /** Show the value and tell it to the form. */
  private update(): void {
    const { value } = this;
    this.told = value;
    this.view.formula.show(this.whole);
    if (this.view.latex.value !== value) this.view.latex.value = value;
    const { latex: standing } = this.formula;
    const lines = this.session.lines.map(({ strokes }) => strokes);
    this.internals.setFormValue(value, JSON.stringify({ standing, lines }));
    if (this.required && !value) {
      this.internals.setValidity({ valueMissing: true }, this.texts.required, this.view.canvas);
    } else this.internals.setValidity({});
  }

  private redraw(): void {
    this.sheet?.show(this.session.strokes);
  }

  private enable(): void {
    const { strokes, canUndo, canRedo, current } = this.session;
    const written = strokes.length > 0;
    const clear = written || this.formula.latex !== "";
    const done = written && this.shown.length > 0;
    const always = { erase: true, select: true, duplicate: true, delete: true };
    const lines = { beginLine: current !== undefined, joinLine: Boolean(current) };
    this.view.enable({ ...always, ...lines, undo: canUndo, redo: canRedo, clear, done });
  }

  private switchLines(): void {
    this.session.automatic = this.severalLines;
    this.view.show(this.severalLines, ...LINE_ACTIONS);
  }

  private switchSelecting(on: boolean): void {
    if (on) this.erase(false);
    this.selecting.switch(on);
  }

  private showSelection(on: boolean, count: number): void {
    this.view.press("select", on);
    this.view.show(count > 0, "duplicate", "delete");
  }

  private erase(on: boolean): void {
    if (on && this.selecting.on) this.switchSelecting(false);
    this.erasing = on;
    if (this.sheet) this.sheet.erasing = on;
    this.view.press("erase", on);
  }

  private act(action: Action): void {
    if (action === "erase") return this.erase(!this.erasing);
    if (action === "select") return this.switchSelecting(!this.selecting.on);
    if (action === "duplicate") return this.selecting.copy();
    if (action === "delete") return this.selecting.delete();
    if (action === "done") return void this.commit();
    this[action]();
  }

  private key(event: KeyboardEvent): void {
    const target = event.composedPath()[0];
    const key = keyName(event);
    const pressing = target instanceof HTMLButtonElement && key === "enter";
    if (target === this.view.latex || pressing || event.altKey) return;
    const action = this.selecting.keys()[key] ?? this.keys()[key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation(); // the page may have shortcuts of its own
    action();
  }

  /** What keys do now. The page gets the others, such as an Escape that closes its dialog. */
  private keys(): Record<string, () => void> {
    const { readings, view } = this;
    const stop = () => {
      this.erase(false);
      this.switchSelecting(false);
      readings.forgetAlternatives();
      readings.light(undefined);
    };
    return {
      "control z": () => this.undo(),
      "control shift z": () => this.redo(),
      "control y": () => this.redo(),
      delete: () => this.clear(),
      e: () => this.erase(!this.erasing),
      s: () => this.switchSelecting(!this.selecting.on),
      ...(this.severalLines && { n: () => this.beginLine() }),
      arrowright: () => readings.step(1),
      arrowleft: () => readings.step(-1),
      arrowdown: () => readings.focusAlternatives(),
      ...(readings.chosen && { enter: () => void this.commit() }),
      ...((this.erasing || this.selecting.on || !view.places.alternatives.hidden) && { escape: stop }),
      ...Object.fromEntries(readings.shown.map((candidate, i) => [`${i + 1}`, () => this.accept(candidate)])),
    };
  }

  /** Fire an event of form fields. */
  private tell(name: "input" | "change"): void {
    this.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
  }

  private send<T>(name: string, detail: T): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/**
 * A formula with the readings of lines in its selection, perhaps with decimal commas. If that was all, it is so again:
 * the next ink begins a new formula.
 */
function filled(formula: Formula, lines: readonly Candidate[], commas: boolean): Formula {
  const whole = wholeOf(lines, commas);
  if (!whole) return formula;
  return formula.isWhole ? new Formula(whole.latex) : formula.with(whole.latex);
}
