/** The readings of a session in their lists: shown as they come, with alternatives and with their strokes highlighted. */

import { isSure } from "../recognizer/doubt.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import type { Candidates, Session } from "../recognizer/session.ts";
import { isDoubtful, showDoubt } from "./doubt.ts";
import type { Sheet } from "./sheet.ts";
import { type Message, messageOf, type Texts } from "./texts.ts";
import { formulaHtml } from "./typeset.ts";
import { ReaderStopped } from "./worker-reader.ts";

const NONE: Candidates = { candidates: [], pinReleased: false, partial: false, outdated: false };

const NOTHING: Message = () => "";
/** What is said until the model is loaded. */
export const LOADING: Message = ({ loading }) => loading;

/** The elements that readings are shown in. */
export interface Places {
  candidates: HTMLElement;
  alternatives: HTMLElement;
  /** What the user is told. It has the class "wrong" while that is an error. */
  status: HTMLElement;
}

/** What is needed of a session to show its readings. */
export type ReadableSession = Pick<Session, "strokes" | "acceptedForAll" | "stream" | "alternatives">;

export interface ReadingsListener {
  /** Readings are shown. */
  shown(found: Candidates): void;
  /** The user has chosen a reading to accept. */
  accept(candidate: Candidate): void;
  /** The user wants another symbol than the alternatives. Without this method, none is offered. */
  spell?(token: number, reading: Candidate): void;
}

export class Readings {
  /** What the user is told at the moment. */
  message = NOTHING;
  private found = NONE;
  /** The token of the first candidate whose alternatives are shown. */
  private questioned: number | undefined;
  private noted = NOTHING; // the message about the reading shown

  constructor(
    private readonly session: ReadableSession,
    private readonly sheet: Pick<Sheet, "show">,
    private readonly places: Places,
    private readonly listener: ReadingsListener,
    private texts: Texts,
  ) {}

  /** The readings that are shown, likeliest first. */
  get shown(): readonly Candidate[] {
    return this.found.candidates;
  }

  /** The reading to copy or commit: the accepted one, else the likeliest. */
  get chosen(): Candidate | undefined {
    return this.session.acceptedForAll ?? this.shown[0];
  }

  /** Tell the user something, or without a message nothing any more. */
  say(message = NOTHING, wrong = false): void {
    this.message = message;
    this.places.status.textContent = message(this.texts);
    this.places.status.classList.toggle("wrong", wrong);
  }

  /** Change the language of everything that is shown. */
  translate(texts: Texts): void {
    this.texts = texts;
    const { questioned } = this;
    this.draw();
    this.places.status.textContent = this.message(texts);
    if (questioned !== undefined) void this.offer(questioned);
  }

  /**
   * Read the strokes of the session and show the readings, the greedy one first.
   *
   * @param n Number of readings.
   * @param again Whether the recogniser has already stopped while reading this ink.
   */
  async read(n: number, again = false): Promise<void> {
    if (!this.session.strokes.length) return this.show(NONE);
    try {
      for await (const found of this.session.stream(n)) this.show(found);
    } catch (error) {
      const message = messageOf(error);
      const stopped = error instanceof ReaderStopped;
      this.say(stopped && again ? (texts) => `${message(texts)} ${texts.cannotRead}` : message, true);
      if (stopped && !again) return this.read(n, true);
    }
  }

  /** Show the alternatives of the next or previous symbol of the first candidate. */
  step(by: 1 | -1): void {
    const drawn = (this.shown[0]?.strokesOfToken ?? []).flatMap((strokes, token) => (strokes.length ? [token] : []));
    if (!drawn.length) return;
    const from = this.questioned === undefined ? (by > 0 ? -1 : drawn.length) : drawn.indexOf(this.questioned);
    void this.question(drawn[(from + by + drawn.length) % drawn.length]!);
  }

  /** Move the focus to the first alternative. */
  focusAlternatives(): void {
    this.places.alternatives.querySelector("button")?.focus();
  }

  /** Hide the alternatives. */
  forgetAlternatives(): void {
    this.questioned = undefined;
    this.places.alternatives.hidden = true;
    this.places.alternatives.replaceChildren();
  }

  /** Highlight the symbol that a stroke draws, or if there is no stroke the one whose alternatives are shown. */
  lightStroke(stroke: number | undefined): void {
    if (stroke === undefined) return this.light(this.questioned);
    const token = this.shown[0]?.strokesOfToken.findIndex((strokes) => strokes.includes(stroke)) ?? -1;
    this.light(token < 0 ? undefined : token);
  }

  /** Highlight a token of a candidate, by default the first one, and its strokes. */
  light(token: number | undefined, candidate = this.shown[0]): void {
    const { candidates } = this.places;
    for (const lit of candidates.querySelectorAll(".lit")) lit.classList.remove("lit");
    const strokes = token === undefined ? [] : (candidate?.strokesOfToken[token] ?? []);
    if (candidate && strokes.length) {
      const button = candidates.querySelectorAll("button")[this.shown.indexOf(candidate)];
      button?.querySelector(`[data-t="${token}"]`)?.classList.add("lit");
    }
    this.sheet.show(this.session.strokes, new Set(strokes));
  }

  private show(found: Candidates): void {
    this.found = found;
    this.draw();
    const last = this.noted;
    this.noted = this.note();
    // Keep other messages, such as "LaTeX is copied."
    if (this.noted !== NOTHING || this.message === last) this.say(this.noted);
    this.listener.shown(found);
  }

  private draw(): void {
    const { candidates, partial } = this.found;
    this.forgetAlternatives();
    this.places.candidates.replaceChildren(...candidates.map((candidate, index) => this.card(candidate, index)));
    if (this.undecided) showDoubt(this.places.candidates.querySelector("button")!, this.undecided, this.texts);
    this.places.candidates.dataset.state = partial ? "partial" : "complete";
  }

  /** The first candidate, if better ones do not follow and the user has not accepted it. */
  private get undecided(): Candidate | undefined {
    const [best] = this.shown;
    return this.found.partial || best === this.session.acceptedForAll ? undefined : best;
  }

  /** What to say about the readings. */
  private note(): Message {
    const [best] = this.shown;
    if (this.found.pinReleased) return ({ released }) => released;
    if (best && !best.complete) return ({ tooLong }) => tooLong;
    return this.undecided && !isSure(this.undecided) ? ({ notSureOfReading }) => notSureOfReading : NOTHING;
  }

  private card(candidate: Candidate, index: number): HTMLLIElement {
    const { item, button } = choice(candidate, `${index + 1}`);
    const acceptedForAll = candidate === this.session.acceptedForAll;
    button.setAttribute("aria-pressed", String(acceptedForAll));
    button.title = acceptedForAll ? this.texts.symbols : this.texts.acceptNumber(index + 1);
    button.addEventListener("click", ({ target }) => {
      if (!acceptedForAll && !isDoubtful(target as Element)) return this.listener.accept(candidate);
      const token = tokenAt(target as Element);
      return token === undefined ? this.forgetAlternatives() : void this.question(token);
    });
    button.addEventListener("pointerover", ({ target }) => this.light(tokenAt(target as Element), candidate));
    button.addEventListener("pointerleave", () => this.light(this.questioned));
    return item;
  }

  /** Show the alternatives of a token of the first candidate, in place of what is said. */
  private question(token: number): Promise<void> {
    this.say();
    return this.offer(token);
  }

  private async offer(token: number): Promise<void> {
    this.questioned = token;
    this.light(token);
    try {
      const others = await this.session.alternatives(token, this.shown[0]);
      if (this.questioned !== token) return;
      const items = others.map((other) => this.alternative(other, token));
      if (this.listener.spell) items.push(this.other(token));
      this.places.alternatives.replaceChildren(...items);
      this.places.alternatives.hidden = !items.length;
      if (!items.length) this.say(({ noAlternatives }) => noAlternatives);
    } catch (error) {
      if (this.questioned === token) this.say(messageOf(error), true); // otherwise the ink has changed
    }
  }

  private alternative(other: Candidate, token: number): HTMLLIElement {
    const { item, button } = choice(other, "");
    button.title = this.texts.accept;
    button.querySelector(`[data-t="${token}"]`)?.classList.add("lit");
    button.addEventListener("click", () => this.listener.accept(other));
    return item;
  }

  /** Create the button for a symbol that is not among the alternatives. */
  private other(token: number): HTMLLIElement {
    const [item, button] = [document.createElement("li"), document.createElement("button")];
    button.type = "button";
    button.textContent = this.texts.other;
    button.title = this.texts.spell;
    button.addEventListener("click", () => this.listener.spell?.(token, this.shown[0]!));
    item.append(button);
    return item;
  }
}

/** Create a button with a reading and its probability. */
function choice(candidate: Candidate, name: string): { item: HTMLLIElement; button: HTMLButtonElement } {
  const [item, button] = [document.createElement("li"), document.createElement("button")];
  const percent = candidate.probability < 0.01 ? "&lt; 1" : Math.round(100 * candidate.probability);
  button.type = "button";
  button.innerHTML = `<small><b>${name}</b><span class="percent">${percent} %</span></small>${formulaHtml(candidate)}`;
  button.dataset.latex = candidate.latex;
  button.setAttribute("aria-label", candidate.latex);
  button.part.add("candidate");
  item.append(button);
  return { item, button };
}

function tokenAt(target: Element): number | undefined {
  const token = target.closest<HTMLElement>("[data-t]")?.dataset.t;
  return token === undefined ? undefined : Number(token);
}
