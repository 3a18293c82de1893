/** The answer to a formula that expects one, as an offer beside the readings. Its script is loaded with the first one. */

import type { Candidate } from "../recognizer/recognizer.ts";
import type { Texts } from "./texts.ts";
import { html } from "./typeset.ts";

const SECONDS = 10; // for a formula, and for loading the script with the first one
const CALCULATED = new Set([
  "=",
  "\\int",
  "\\iint",
  "\\iiint",
  "\\sum",
  "\\prod",
  "\\lim",
  "d",
  "\\partial",
  "\\prime",
]);

/** An answer, and the reading that it is the answer to. */
export interface Answer {
  latex: string;
  candidate: Candidate;
}

export class Answers {
  private worker: Worker | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The formula that the worker has, and the one that it gets next. */
  private asked: Candidate | undefined;
  private next: Candidate | undefined;
  private found: Answer | undefined;
  /** LaTeX of the reading whose answer is wanted. */
  private current: string | undefined;

  /**
   * @param place Where an answer is shown, hidden while there is none.
   * @param script Returns the URL of the worker's script, `answers.js`.
   * @param take Called when the user clicks on an answer.
   */
  constructor(
    private readonly place: HTMLElement,
    private readonly script: () => string,
    private readonly take: (answer: Answer) => void,
    private texts: Texts,
  ) {
    place.hidden = true;
  }

  /** Offer the answer to a reading as soon as it is found; without a reading, none. */
  ask(candidate: Candidate | undefined): void {
    this.current = candidate?.latex;
    const isShown = candidate && candidate.latex === this.found?.candidate.latex;
    if (!isShown) this.show(undefined);
    const asks = candidate?.tokens.some((token) => CALCULATED.has(token));
    const isAsked = candidate && candidate.latex === this.asked?.latex;
    this.next = isShown || isAsked || !asks ? undefined : candidate;
    if (!this.asked) this.start();
  }

  /** Change the language. */
  translate(texts: Texts): void {
    this.texts = texts;
    this.show(this.found);
  }

  /** End the worker. */
  close(): void {
    this.next = undefined;
    this.stop();
  }

  private start(): void {
    [this.asked, this.next] = [this.next, undefined];
    if (!this.asked) return;
    this.timer = setTimeout(() => this.stop(), 1000 * SECONDS);
    try {
      this.worker ??= this.launch();
      this.worker.postMessage(this.asked.tokens);
    } catch {
      this.stop(); // the browser allows no such worker
    }
  }

  private launch(): Worker {
    const worker = new Worker(this.script());
    worker.onmessage = ({ data }: MessageEvent<string | undefined>) => worker === this.worker && this.hear(data);
    worker.onerror = (event) => {
      event.preventDefault(); // without answers, everything else goes on
      if (worker === this.worker) this.stop();
    };
    return worker;
  }

  /** End the worker and go on with the next formula. */
  private stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.hear(undefined);
  }

  private hear(latex: string | undefined): void {
    clearTimeout(this.timer);
    const candidate = this.asked;
    this.asked = undefined;
    if (latex && candidate?.latex === this.current && candidate) this.show({ latex, candidate });
    this.start();
  }

  private show(found: Answer | undefined): void {
    this.found = found;
    this.place.hidden = !found;
    this.place.replaceChildren(...(found ? [this.button(found)] : []));
  }

  private button(found: Answer): HTMLButtonElement {
    const { latex, candidate } = found;
    const button = document.createElement("button");
    const isEquation = candidate.tokens.at(-1) !== "=" && latex.includes("=");
    button.type = "button";
    button.innerHTML = `<small></small>${html(isEquation ? latex : `=${latex}`)}`;
    button.querySelector("small")!.textContent = this.texts.answer;
    button.dataset.latex = latex;
    button.setAttribute("aria-label", `${this.texts.answer}: ${latex}`);
    button.title = this.texts.answerTitle;
    button.part.add("answer");
    button.addEventListener("click", () => this.take(found));
    return button;
  }
}
