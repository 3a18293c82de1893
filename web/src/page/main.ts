/** The page: connects a session with the sheet, the candidates and the buttons. */

import { isSure } from "../recognizer/doubt.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import { type Candidates, Session } from "../recognizer/session.ts";
import { copyPicture, copyText, save } from "./clipboard.ts";
import { isDoubtful, showDoubt } from "./doubt.ts";
import { keepDraft, takeDraft } from "./draft.ts";
import { History } from "./history.ts";
import { fit, readInk, writeInkml } from "./inkml.ts";
import { offerInstall } from "./install.ts";
import { offerLanguages, t } from "./languages.ts";
import { keepOffline, takeUpdated } from "./offline.ts";
import { Pad } from "./pad.ts";
import { Sheet } from "./sheet.ts";
import { formulaHtml, html, mathml, png } from "./typeset.ts";
import { ReaderStopped, WorkerReader } from "./worker-reader.ts";

const SHOWN = 5;
const WASM = "litert/litert_wasm_compat_internal.js";
const THEME = "tegashiki.theme";

const element = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;
const address = (path: string): string => new URL(path, document.baseURI).href;
const model = document.querySelector<HTMLMetaElement>('meta[name="model"]')!.content;

const reader = new WorkerReader(address("worker.js"), address(model), address(WASM));
const session = new Session(reader);
const history = new History();
const pad = Pad.find();
const canvas = element<HTMLCanvasElement>("sheet");
const sheet = new Sheet(canvas, {
  wrote: (points) => attempt(() => edit(() => session.addStroke(points))),
  rubbed: (indices) => attempt(() => edit(() => session.erase(...indices))),
  over: (stroke) => light(stroke === undefined ? questioned : tokenOf(stroke)),
});
let shown: readonly Candidate[] = [];
let noted = ""; // status text about the reading shown
/** The token of the first candidate whose alternatives are shown. */
let questioned: number | undefined;

// --- the session

/** The reading to copy or commit: the accepted one, else the likeliest. */
function chosen(): Candidate | undefined {
  return session.acceptedForAll ?? shown[0];
}

function edit(change: () => unknown): void {
  say("");
  change();
  questioned = undefined;
  void read();
}

/**
 * Show the strokes and then their readings, the greedy one first.
 *
 * @param again Whether the recogniser has already stopped while reading this ink.
 */
async function read(again = false): Promise<void> {
  const start = performance.now();
  sheet.show(session.strokes);
  buttons();
  if (!session.strokes.length) return show({ candidates: [], pinReleased: false, partial: false, outdated: false });
  try {
    for await (const found of session.stream(SHOWN)) {
      show(found);
      performance.measure(found.partial ? "first reading" : "candidates", { start, end: performance.now() });
    }
  } catch (error) {
    const { message } = error as Error;
    const stopped = error instanceof ReaderStopped;
    say(stopped && again ? t("{} It cannot read this ink: undo a stroke, or save the ink.", message) : message, true);
    if (stopped && !again) return read(true);
  }
  return buttons();
}

/** Commit the expression and add it to the history. Later strokes belong to the next expression. */
async function done(): Promise<void> {
  if (!chosen()) return;
  const committed = session.commit();
  edit(() => undefined);
  try {
    const { latex } = await committed;
    history.add(latex);
    remember();
    void pad?.deliver(latex).then(
      (message) => say(t(message)),
      (error: Error) => say(t("It stays in the history: {}", error.message), true),
    );
  } catch (error) {
    await read(); // a failed commit restores the expression
    say((error as Error).message, true);
  }
}

// --- readings

function show({ candidates, pinReleased, partial }: Candidates): void {
  shown = candidates;
  forgetAlternatives();
  element("candidates").replaceChildren(...candidates.map(card));
  const best = partial || candidates[0] === session.acceptedForAll ? undefined : candidates[0];
  if (best) showDoubt(element("candidates").querySelector("button")!, best);
  element("latex").textContent = chosen()?.latex ?? "";
  element("candidates").dataset.state = partial ? "partial" : "complete";
  const long = candidates.length > 0 && !candidates[0]!.complete;
  const last = noted;
  noted = long ? t("The ink is longer than the longest formula of the model: finish a part of it first.") : "";
  if (!noted && best && !isSure(best)) noted = t("Not sure of this reading: choose another one, or correct a symbol.");
  if (pinReleased) noted = t("The accepted reading no longer fits the ink.");
  if (noted || element("status").textContent === last) say(noted); // keep other messages, such as "LaTeX is copied."
  buttons();
}

function card(candidate: Candidate, index: number): HTMLLIElement {
  const { item, button } = choice(candidate, `${index + 1}`);
  const acceptedForAll = candidate === session.acceptedForAll;
  button.setAttribute("aria-pressed", String(acceptedForAll));
  const alternatives = t("Click on a symbol to see its alternatives (Arrow right)");
  button.title = acceptedForAll ? alternatives : t("Accept ({})", index + 1);
  button.addEventListener("click", ({ target }) => {
    if (!acceptedForAll && !isDoubtful(target as Element)) return accept(candidate);
    const token = tokenAt(target as Element);
    return token === undefined ? forgetAlternatives() : void question(token);
  });
  button.addEventListener("pointerover", ({ target }) => light(tokenAt(target as Element), candidate));
  button.addEventListener("pointerleave", () => light(questioned));
  return item;
}

/** Create a button with a reading and its probability. */
function choice(candidate: Candidate, name: string): { item: HTMLLIElement; button: HTMLButtonElement } {
  const [item, button] = [document.createElement("li"), document.createElement("button")];
  const percent = candidate.probability < 0.01 ? "&lt; 1" : Math.round(100 * candidate.probability);
  button.innerHTML = `<small><b>${name}</b><span class="percent">${percent} %</span></small>${formulaHtml(candidate)}`;
  button.dataset.latex = candidate.latex;
  button.setAttribute("aria-label", candidate.latex);
  item.append(button);
  return { item, button };
}

function tokenAt(target: Element): number | undefined {
  const token = target.closest<HTMLElement>("[data-t]")?.dataset.t;
  return token === undefined ? undefined : Number(token);
}

function accept(candidate: Candidate | undefined): void {
  if (candidate) attempt(() => edit(() => session.accept(candidate)));
}

/** Show the alternatives of a token of the first candidate. */
async function question(token: number): Promise<void> {
  questioned = token;
  light(token);
  try {
    const others = await session.alternatives(token, shown[0]);
    if (questioned !== token) return;
    element("alternatives").replaceChildren(...others.map((other) => alternative(other, token)));
    element("alternatives").hidden = !others.length;
    say(others.length ? "" : t("This symbol has no alternatives."));
  } catch (error) {
    if (questioned === token) say((error as Error).message, true); // otherwise the ink has changed
  }
}

function alternative(other: Candidate, token: number): HTMLLIElement {
  const { item, button } = choice(other, "");
  button.title = t("Accept");
  button.querySelector(`[data-t="${token}"]`)?.classList.add("lit");
  button.addEventListener("click", () => accept(other));
  return item;
}

/** Move to the next or previous symbol of the first candidate. */
function step(by: 1 | -1): void {
  const drawn = (shown[0]?.strokesOfToken ?? []).flatMap((strokes, token) => (strokes.length ? [token] : []));
  if (!drawn.length) return;
  const from = questioned === undefined ? (by > 0 ? -1 : drawn.length) : drawn.indexOf(questioned);
  void question(drawn[(from + by + drawn.length) % drawn.length]!);
}

function forgetAlternatives(): void {
  questioned = undefined;
  element("alternatives").hidden = true;
  element("alternatives").replaceChildren();
}

/** Highlight a token of a candidate, by default the first one, and its strokes. */
function light(token: number | undefined, candidate = shown[0]): void {
  for (const lit of document.querySelectorAll("#candidates .lit")) lit.classList.remove("lit");
  const strokes = token === undefined ? [] : (candidate?.strokesOfToken[token] ?? []);
  if (candidate && strokes.length) {
    const button = document.querySelectorAll("#candidates button")[shown.indexOf(candidate)];
    button?.querySelector(`[data-t="${token}"]`)?.classList.add("lit");
  }
  sheet.show(session.strokes, new Set(strokes));
}

function tokenOf(stroke: number): number | undefined {
  const token = shown[0]?.strokesOfToken.findIndex((strokes) => strokes.includes(stroke)) ?? -1;
  return token < 0 ? undefined : token;
}

// --- copies and files

async function copy(what: "LaTeX" | "MathML" | "PNG"): Promise<void> {
  const latex = chosen()?.latex;
  if (!latex) return;
  try {
    if (what === "PNG") {
      const copied = (await copyPicture(png(latex))) === "copied";
      return say(t(copied ? "The picture is copied." : "The picture is saved."));
    }
    await copyText(what === "LaTeX" ? latex : mathml(latex));
    say(t("{} is copied.", what));
  } catch (error) {
    say((error as Error).message, true);
  }
}

async function open(file: File | undefined): Promise<void> {
  if (!file) return;
  try {
    const strokes = fit(readInk(new Uint8Array(await file.arrayBuffer())), canvas.clientWidth, canvas.clientHeight);
    edit(() => session.replaceStrokes(strokes));
  } catch (error) {
    say(`${file.name}: ${(error as Error).message}`, true);
  }
}

function saveInk(): void {
  const ink = writeInkml(session.strokes, session.acceptedForAll?.latex ?? "");
  save(new Blob([ink], { type: "application/inkml+xml" }), "ink.inkml");
}

function remember(): void {
  const entries = history.entries.map((latex) => {
    const [item, button] = [document.createElement("li"), document.createElement("button")];
    button.innerHTML = html(latex);
    button.title = t("Copy {}", latex);
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => void copyText(latex).then(() => say(t("{} is copied.", "LaTeX"))));
    item.append(button);
    return item;
  });
  element("history").replaceChildren(...entries);
  buttons();
}

/** Show the ink that was on the sheet before the page was reloaded. Resolves when it has been read. */
async function restore(): Promise<void> {
  const draft = takeDraft();
  if (!draft) return;
  attempt(() => edit(() => session.replaceStrokes(draft.strokes)));
  const { candidates } = await session.candidates(SHOWN).catch(() => ({ candidates: [] })); // `edit` shows the error
  accept(candidates.find(({ latex }) => latex === draft.accepted));
}

// --- the rest of the page

function say(text: string, wrong = false): void {
  element("status").textContent = text;
  element("status").classList.toggle("wrong", wrong);
}

function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    sheet.show(session.strokes);
    say((error as Error).message, true);
  }
}

function buttons(): void {
  const disable = (ids: string, off: boolean) => {
    for (const id of ids.split(" ")) element<HTMLButtonElement>(id).disabled = off;
  };
  disable("undo", !session.canUndo);
  disable("redo", !session.canRedo);
  disable("clear save", !session.strokes.length);
  disable("copy-latex copy-mathml copy-png done", !chosen());
  disable("forget", !history.entries.length);
}

function erase(on: boolean): void {
  sheet.erasing = on;
  element("eraser").setAttribute("aria-pressed", String(on));
}

function theme(name: string): void {
  document.documentElement.dataset.theme = name;
  sheet.show(session.strokes);
}

function switchTheme(): void {
  const name = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  theme(name);
  try {
    localStorage.setItem(THEME, name);
  } catch {
    // Storage is blocked: the choice lasts until the page is closed.
  }
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const onClick: Record<string, () => unknown> = {
  undo: () => edit(() => session.undo()),
  redo: () => edit(() => session.redo()),
  eraser: () => erase(!sheet.erasing),
  clear: () => edit(() => session.clear()),
  open: () => element("file").click(),
  save: saveInk,
  theme: switchTheme,
  done,
  forget: () => {
    history.clear();
    remember();
  },
  "copy-latex": () => copy("LaTeX"),
  "copy-mathml": () => copy("MathML"),
  "copy-png": () => copy("PNG"),
};
const onKey: Record<string, () => unknown> = {
  "control z": onClick.undo!,
  "control shift z": onClick.redo!,
  "control y": onClick.redo!,
  "control o": onClick.open!,
  "control s": () => session.strokes.length && saveInk(),
  delete: () => session.strokes.length && onClick.clear!(),
  e: onClick.eraser!,
  escape: () => {
    erase(false);
    forgetAlternatives();
    light(undefined);
  },
  arrowright: () => step(1),
  arrowleft: () => step(-1),
  arrowdown: () => element("alternatives").querySelector("button")?.focus(),
  enter: done,
  c: onClick["copy-latex"]!,
  m: onClick["copy-mathml"]!,
  p: onClick["copy-png"]!,
  ...Object.fromEntries(Array.from({ length: SHOWN }, (_, i) => [`${i + 1}`, () => accept(shown[i])])),
};

for (const [id, action] of Object.entries(onClick)) element(id).addEventListener("click", () => void action());
document.addEventListener("keydown", (event) => {
  const control = event.ctrlKey || event.metaKey ? "control " : "";
  const key = `${control}${control && event.shiftKey ? "shift " : ""}${event.key.toLowerCase()}`;
  const pressing = key === "enter" && event.target instanceof HTMLButtonElement;
  const choosing = event.target instanceof HTMLSelectElement; // its keys are those of the list
  if (pressing || choosing || event.altKey || !onKey[key]) return;
  event.preventDefault();
  void onKey[key]();
});
element<HTMLInputElement>("file").addEventListener("change", ({ target }) => {
  const input = target as HTMLInputElement;
  void open(input.files?.[0]);
  input.value = "";
});
for (const name of ["dragover", "dragleave", "drop"] as const) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dropping", name === "dragover");
    if (name === "drop") void open(event.dataTransfer?.files[0]);
  });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => {
  if (!kept(THEME)) theme(matches ? "dark" : "light");
});
theme(kept(THEME) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
offerLanguages(element<HTMLSelectElement>("language"));
remember();
const updated = takeUpdated();
restore().then(() => updated && say(t("This is a new version of the page.")));
keepDraft(session);
pad?.stay(() => say(t("The program that opened this window has ended: the window can be closed."), true));
offerInstall(element<HTMLButtonElement>("install"));
keepOffline((update) => {
  element("new-version").hidden = false;
  element("update").addEventListener("click", update);
}).catch((error: unknown) => console.warn("The page does not work offline:", error));
reader.loaded.then(
  () => {
    document.body.dataset.ready = "true";
    if (!session.strokes.length && !updated) say("");
  },
  (error: unknown) => say((error as Error).message, true),
);
