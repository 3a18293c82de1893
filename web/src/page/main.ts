/** The page: connects a session with the sheet, the candidates and the buttons. */

import type { Candidate } from "../recognizer/recognizer.ts";
import { type Candidates, Session } from "../recognizer/session.ts";
import { join } from "../recognizer/vocabulary.ts";
import { copyPicture, copyText, save } from "./clipboard.ts";
import { element, made } from "./element.ts";
import { History } from "./history.ts";
import { fit, readInk, writeInkml } from "./inkml.ts";
import { LearntSymbols } from "./learnt-symbols.ts";
import { Lessons } from "./lessons.ts";
import { isMemory, MemoryPanel } from "./memory-panel.ts";
import { keepKeys, MemoryStore } from "./memory-store.ts";
import { Sheet } from "./sheet.ts";
import { Spelling } from "./spelling.ts";
import { formulaHtml, html, mathml, png } from "./typeset.ts";
import { ReaderStopped, WorkerReader } from "./worker-reader.ts";

const SHOWN = 5;
const WASM = "litert/litert_wasm_compat_internal.js";
const THEME = "tegashiki.theme";
const LEARNING = "tegashiki.learning";
const CANNOT_LEARN = "This model cannot learn: its file has an older format. Export it again with `tegashiki export`.";

const address = (path: string): string => new URL(path, document.baseURI).href;
const model = document.querySelector<HTMLMetaElement>('meta[name="model"]')!.content;

const reader = new WorkerReader(address("worker.js"), address(model), address(WASM), (made) => keepKeys(store, made));
const store = new MemoryStore(() => {
  reader.remember(store.formulas);
  panel.show();
});
const panel = new MemoryPanel(store, new LearntSymbols(reader), say);
const lessons = new Lessons(store, ({ message }) => say(message, true));
const spelling = new Spelling(spell);
const session = new Session(reader);
const history = new History();
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
  const takenBack = teach();
  spelling.close();
  questioned = undefined;
  if (takenBack) void takenBack.then(() => read());
  else void read();
}

/** Teach what is accepted now. Returns a promise if the acceptance was undone, until it is forgotten. */
function teach(): Promise<unknown> | undefined {
  if (!reader.learns) return undefined;
  return lessons.follow(session.strokes, session.acceptedForAll, Boolean(session.accepted));
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
    say(stopped && again ? `${message} It cannot read this ink: undo a stroke, or save the ink.` : message, true);
    if (stopped && !again) return read(true);
  }
  return buttons();
}

/** Commit the expression and add it to the history. Later strokes belong to the next expression. */
async function done(): Promise<void> {
  if (!chosen()) return;
  const { strokes } = session;
  const committed = session.commit();
  edit(() => undefined);
  try {
    const reading = await committed;
    if (reader.learns) lessons.finish(strokes, reading);
    history.add(reading.latex);
    remember();
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
  element("latex").textContent = chosen()?.latex ?? "";
  element("candidates").dataset.state = partial ? "partial" : "complete";
  const long = candidates.length > 0 && !candidates[0]!.complete;
  const last = noted;
  noted = long ? "The ink is longer than the longest formula of the model: finish a part of it first." : "";
  if (pinReleased) noted = "The accepted reading no longer fits the ink.";
  if (noted || element("status").textContent === last) say(noted); // keep other messages, such as "LaTeX is copied."
  buttons();
}

function card(candidate: Candidate, index: number): HTMLLIElement {
  const { item, button } = choice(candidate, `${index + 1}`);
  const acceptedForAll = candidate === session.acceptedForAll;
  button.setAttribute("aria-pressed", String(acceptedForAll));
  button.title = acceptedForAll ? "Click on a symbol to see its alternatives (Arrow right)" : `Accept (${index + 1})`;
  button.addEventListener("click", ({ target }) => {
    if (!acceptedForAll) return accept(candidate);
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
  button.innerHTML = `<small><b>${name}</b>${percent} %</small>${formulaHtml(candidate)}`;
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
    element("alternatives").replaceChildren(...others.map((other) => alternative(other, token)), other(token));
    element("alternatives").hidden = false;
    say("");
  } catch (error) {
    if (questioned === token) say((error as Error).message, true); // otherwise the ink has changed
  }
}

function alternative(other: Candidate, token: number): HTMLLIElement {
  const { item, button } = choice(other, "");
  button.title = "Accept";
  button.querySelector(`[data-t="${token}"]`)?.classList.add("lit");
  button.addEventListener("click", () => accept(other));
  return item;
}

/** Create the button for a symbol that is not among the alternatives. */
function other(token: number): HTMLLIElement {
  const [item, button] = [made("li"), made("button", "Other…")];
  button.title = "Type the symbol's LaTeX";
  button.addEventListener("click", () => {
    const { tokens } = shown[0]!;
    const [before, after] = [join(tokens.slice(0, token)), join(tokens.slice(token + 1))];
    spelling.open(tokens[token]!, "The symbol's LaTeX", (typed) => `${before} ${typed} ${after}`);
  });
  item.append(button);
  return item;
}

/** Accept LaTeX that the writer has typed. Returns whether it can be accepted. */
async function spell(latex: string): Promise<boolean> {
  try {
    const candidate = await session.spell(latex);
    edit(() => session.accept(candidate));
    return true;
  } catch (error) {
    say((error as Error).message, true);
    return false;
  }
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
    if (what === "PNG") return say(`The picture is ${await copyPicture(png(latex))}.`);
    await copyText(what === "LaTeX" ? latex : mathml(latex));
    say(`${what} is copied.`);
  } catch (error) {
    say((error as Error).message, true);
  }
}

async function open(file: File | undefined): Promise<void> {
  if (!file) return;
  if (await isMemory(file)) return panel.import(file);
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
    button.title = `Copy ${latex}`;
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => void copyText(latex).then(() => say("LaTeX is copied.")));
    item.append(button);
    return item;
  });
  element("history").replaceChildren(...entries);
  buttons();
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
  disable("copy-latex copy-mathml copy-png correct done", !chosen());
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
  keep(THEME, name);
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is blocked: the choice lasts until the page is closed.
  }
}

function switchLearning(): void {
  lessons.on = element<HTMLInputElement>("learning").checked;
  keep(LEARNING, lessons.on ? "on" : "off");
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
  correct: () => chosen() && spelling.open(chosen()!.latex, "LaTeX"),
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
    spelling.close();
    light(undefined);
  },
  arrowright: () => step(1),
  arrowleft: () => step(-1),
  arrowdown: () => element("alternatives").querySelector("button")?.focus(),
  enter: done,
  l: onClick.correct!,
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
  if (pressing || event.altKey || !onKey[key]) return;
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
remember();
lessons.on = element<HTMLInputElement>("learning").checked = kept(LEARNING) !== "off";
element("learning").addEventListener("change", switchLearning);
reader.loaded.then(
  () => {
    if (!reader.learns) panel.refuse(CANNOT_LEARN);
    document.body.dataset.ready = "true";
    if (!session.strokes.length) say("");
  },
  (error: unknown) => say((error as Error).message, true),
);
