/** The page: connects a session with the sheet, the candidates and the buttons. */

import { Answers } from "../parts/answers.ts";
import { DecimalCommas, written } from "../parts/decimal-commas.ts";
import { keyName } from "../parts/keys.ts";
import { PageLines, type Whole, wholeOf } from "../parts/page-lines.ts";
import { LOADING, Readings } from "../parts/readings.ts";
import { Selecting } from "../parts/selecting.ts";
import { Sheet } from "../parts/sheet.ts";
import { type Message, messageOf } from "../parts/texts.ts";
import { html } from "../parts/typeset.ts";
import { WorkerReader } from "../parts/worker-reader.ts";
import { PageSession } from "../recognizer/page-session.ts";
import type { Point } from "../recognizer/preprocess.ts";
import type { Candidate } from "../recognizer/recognizer.ts";
import type { Candidates } from "../recognizer/session.ts";
import { join } from "../recognizer/vocabulary.ts";
import { copyText, save } from "./clipboard.ts";
import { CommaSwitch } from "./comma-switch.ts";
import { COPIES } from "./copies.ts";
import { keepDraft, takeDraft } from "./draft.ts";
import { element, made } from "./element.ts";
import { History } from "./history.ts";
import { fit, readInk, writeInkml } from "./inkml.ts";
import { offerInstall } from "./install.ts";
import { offerLanguages, texts } from "./language.ts";
import { LearntSymbols } from "./learnt-symbols.ts";
import { Lessons } from "./lessons.ts";
import { isMemory, MemoryPanel } from "./memory-panel.ts";
import { keepKeys, MemoryStore } from "./memory-store.ts";
import { keepOffline, takeUpdated } from "./offline.ts";
import { Pad } from "./pad.ts";
import { Photo } from "./photo.ts";
import { isPicture } from "./picture-file.ts";
import { keep, kept } from "./settings.ts";
import { Spelling } from "./spelling.ts";

const SHOWN = 5;
const WASM = "litert/litert_wasm_compat_internal.js";
const THEME = "tegashiki.theme";
const LEARNING = "tegashiki.learning";
const SEVERAL_LINES = "tegashiki.lines";
const GESTURES = "tegashiki.gestures";

const address = (path: string): string => new URL(path, document.baseURI).href;
const model = document.querySelector<HTMLMetaElement>('meta[name="model"]')!.content;

const reader = new WorkerReader(address("worker.js"), address(model), address(WASM), {
  made: (made) => keepKeys(store, made),
});
const store = new MemoryStore(() => {
  reader.remember(store.formulas);
  panel.show();
});
const panel = new MemoryPanel(store, new LearntSymbols(reader), (message, wrong) => say(message, wrong));
const lessons = new Lessons(store, (error) => say(messageOf(error), true));
const spelling = new Spelling(spell);
const session = new PageSession(reader);
const history = new History();
const pad = Pad.find();
const canvas = element<HTMLCanvasElement>("sheet");
const sheet = new Sheet(canvas, {
  wrote: (points) => attempt(() => write(points)),
  rubbed: (indices) => attempt(() => edit(() => session.erase(...indices))),
  over: (stroke) => readings.lightStroke(lines.inCurrent(stroke)),
  around: (points, stroke) => selecting.around(points, stroke),
  dragged: (dx, dy) => selecting.move(dx, dy),
});
const selecting = new Selecting(session, (change) => attempt(() => edit(change)), showSelection);
selecting.sheet = sheet;
const lines = new PageLines(session, sheet, element("rows"), () => edit(() => undefined), texts());
const photo = new Photo(canvas, address("pictures.js"), {
  found: (strokes) => attempt(() => edit(() => session.replaceLines([strokes]))),
  say: (message, wrong) => say(message, wrong),
});
const places = {
  candidates: element("candidates"),
  alternatives: element("alternatives"),
  status: element("status"),
};
const readings = new Readings(lines.current, lines.sheet, places, { shown, accept, spell: spellSymbol }, texts());
const answers = new Answers(
  element("answer"),
  () => address("answers.js"),
  ({ latex }) => void copyAnswer(latex),
  texts(),
);
const commas = new DecimalCommas(element("comma"), showFormula, texts());
const commaSwitch = new CommaSwitch(switchCommas);
const say = (message?: Message, wrong?: boolean): void => readings.say(message, wrong);
let started = 0; // when the last reading began

// --- the session

/** Add a stroke, unless it is a gesture that takes others away. */
function write(points: Point[]): void {
  let taken: number[] = [];
  edit(() => {
    session.addStroke(points);
    if (element<HTMLInputElement>("gestures").checked) taken = session.applyGesture();
  });
  if (taken.length) say((now) => now.struck(taken.length));
}

function edit(change: () => unknown): void {
  say();
  change();
  selecting.forget();
  const takenBack = teach();
  spelling.close();
  readings.forgetAlternatives();
  if (takenBack) void takenBack.then(() => read());
  else void read();
}

/** Teach what is accepted now. Returns a promise if the acceptance was undone, until it is forgotten. */
function teach(): Promise<unknown> | undefined {
  if (!reader.learns) return undefined;
  const { strokes, acceptedForAll, accepted } = session.line;
  return lessons.follow(strokes, acceptedForAll, Boolean(accepted));
}

/** Show the strokes and then their readings. */
async function read(): Promise<void> {
  started = performance.now();
  sheet.show(session.strokes);
  photo.follow(session.strokes);
  buttons();
  await readings.read(SHOWN);
  await lines.read().catch(() => undefined); // the error is shown once the line is the current one
  offerCommas();
  showLatex();
}

function shown({ partial }: Candidates): void {
  lines.note(readings.chosen);
  offerCommas();
  showLatex();
  if (!partial) askAnswer();
  if (session.strokes.length) {
    performance.measure(partial ? "first reading" : "candidates", { start: started, end: performance.now() });
  }
}

/** The formula of all lines as it is shown and copied. */
function whole(): Whole | undefined {
  return wholeOf(lines.readings, commas.on);
}

/** Show the LaTeX of all lines. */
function showLatex(): void {
  element("latex").textContent = whole()?.latex ?? "";
  buttons();
}

function askAnswer(): void {
  answers.ask(readings.chosen && written(readings.chosen, commas.on));
}

/** Show the LaTeX and the answer anew. */
function showFormula(): void {
  showLatex();
  askAnswer();
}

/** Offer decimal commas if the switch is on. */
function offerCommas(): void {
  commas.offer(commaSwitch.on ? lines.readings : []);
}

function switchCommas(): void {
  offerCommas();
  showFormula();
}

function accept(candidate: Candidate | undefined): void {
  if (candidate) attempt(() => edit(() => session.accept(candidate)));
}

/** Accept LaTeX that the writer has typed. Returns whether it can be accepted. */
async function spell(latex: string): Promise<boolean> {
  try {
    const candidate = await session.line.spell(latex);
    edit(() => session.accept(candidate));
    return true;
  } catch (error) {
    say(messageOf(error), true);
    return false;
  }
}

/** Ask for the LaTeX of a symbol of a reading. */
function spellSymbol(token: number, { tokens }: Candidate): void {
  const [before, after] = [join(tokens.slice(0, token)), join(tokens.slice(token + 1))];
  spelling.open(tokens[token]!, "symbolLatex", (typed) => `${before} ${typed} ${after}`);
}

/** Commit the expression and add it to the history. Later strokes belong to the next expression. */
async function done(): Promise<void> {
  if (!readings.chosen) return;
  const ink = session.lines.map(({ strokes }) => strokes);
  const { on } = commas;
  const committed = session.commit();
  edit(() => undefined);
  try {
    const reading = await committed;
    if (reader.learns) for (const [i, line] of reading.lines.entries()) lessons.finish(ink[i]!, line);
    if (!session.strokes.length) photo.finish(ink.flat());
    const { latex } = wholeOf(reading.lines, on)!;
    history.add(latex);
    remember();
    void pad?.deliver(latex).then(say, ({ message }: Error) => say((now) => now.notDelivered(message), true));
  } catch (error) {
    await read(); // a failed commit restores the expression
    say(messageOf(error), true);
  }
}

// --- copies and files

async function copy(form: keyof typeof COPIES): Promise<void> {
  const formula = whole();
  if (!formula) return;
  try {
    say(await COPIES[form].copy(formula, session.strokes));
  } catch (error) {
    say(messageOf(error), true);
  }
}

async function copyAnswer(latex: string): Promise<void> {
  try {
    await copyText(latex);
    say((now) => now.copied(now.answer));
  } catch (error) {
    say(messageOf(error), true);
  }
}

function copyMenu(): void {
  const buttons = (Object.keys(COPIES) as (keyof typeof COPIES)[]).map((form) => {
    const button = made("button", COPIES[form].name(texts()));
    button.addEventListener("click", () => {
      element("copies").hidePopover();
      void copy(form);
    });
    return button;
  });
  element("copies").replaceChildren(...buttons);
}

async function open(file: File | undefined): Promise<void> {
  if (!file) return;
  if (isPicture(file)) return photo.open(file);
  if (await isMemory(file)) return panel.import(file);
  try {
    const strokes = fit(readInk(new Uint8Array(await file.arrayBuffer())), canvas.clientWidth, canvas.clientHeight);
    edit(() => session.replaceStrokes(strokes));
  } catch (error) {
    say(() => `${file.name}: ${(error as Error).message}`, true);
  }
}

function saveInk(): void {
  const isAccepted = session.lines.every(({ acceptedForAll }) => acceptedForAll);
  const ink = writeInkml(session.strokes, isAccepted ? wholeOf(lines.readings, false)!.latex : "");
  save(new Blob([ink], { type: "application/inkml+xml" }), "ink.inkml");
}

function remember(): void {
  const entries = history.entries.map((latex) => {
    const [item, button] = [document.createElement("li"), document.createElement("button")];
    button.innerHTML = html(latex);
    button.title = texts().copyOf(latex);
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => void copyText(latex).then(() => say(({ copied }) => copied("LaTeX"))));
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
  attempt(() => edit(() => session.replaceLines(draft.lines.map(({ strokes }) => strokes))));
  for (const [i, line] of session.lines.entries()) {
    const { candidates } = await line.candidates(SHOWN).catch(() => ({ candidates: [] })); // `edit` shows the error
    const accepted = candidates.find(({ latex }) => latex === draft.lines[i]!.accepted);
    if (accepted && session.lines[i] === line) session.goTo(i);
    if (accepted && session.line === line) accept(accepted);
  }
}

// --- the rest of the page

function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    sheet.show(session.strokes);
    say(messageOf(error), true);
  }
}

function buttons(): void {
  const disable = (ids: string, off: boolean) => {
    for (const id of ids.split(" ")) element<HTMLButtonElement>(id).disabled = off;
  };
  disable("undo", !session.canUndo);
  disable("redo", !session.canRedo);
  disable("clear save", !session.strokes.length);
  disable("begin-line", session.current === undefined);
  disable("join-line", !session.current);
  disable("copy-latex copy-mathml copy-png copy-as correct done", !readings.chosen);
  disable("forget", !history.entries.length);
}

function erase(on: boolean): void {
  if (on) select(false);
  sheet.erasing = on;
  element("eraser").setAttribute("aria-pressed", String(on));
}

function select(on: boolean): void {
  if (on) erase(false);
  selecting.switch(on);
}

function showSelection(on: boolean, count: number): void {
  element("select").setAttribute("aria-pressed", String(on));
  element("selection").hidden = !on;
  for (const id of ["selection-copy", "selection-delete"]) element<HTMLButtonElement>(id).disabled = !count;
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

function switchLearning(): void {
  lessons.on = element<HTMLInputElement>("learning").checked;
  keep(LEARNING, lessons.on ? "on" : "off");
}

function beginLine(): void {
  session.beginLine();
  if (session.lines.length) say(({ lineBegins }) => lineBegins);
}

function switchLines(): void {
  const { checked } = element<HTMLInputElement>("several-lines");
  session.automatic = checked;
  element("line-buttons").hidden = !checked;
  keep(SEVERAL_LINES, checked ? "on" : "off");
}

function translated(): void {
  readings.translate(texts());
  lines.translate(texts());
  answers.translate(texts());
  commas.translate(texts());
  commaSwitch.follow();
  switchCommas();
  photo.draw();
  copyMenu();
  remember();
  panel.show();
}

const onClick: Record<string, () => unknown> = {
  undo: () => edit(() => session.undo()),
  redo: () => edit(() => session.redo()),
  eraser: () => erase(!sheet.erasing),
  select: () => select(!selecting.on),
  "selection-all": () => selecting.all(),
  "selection-copy": () => selecting.copy(),
  "selection-delete": () => selecting.delete(),
  clear: () => edit(() => session.clear()),
  open: () => element("file").click(),
  photograph: () => element("camera").click(),
  save: saveInk,
  theme: switchTheme,
  done,
  forget: () => {
    history.clear();
    remember();
  },
  correct: () => readings.chosen && spelling.open(readings.chosen.latex, "latex"),
  "begin-line": beginLine,
  "join-line": () => attempt(() => edit(() => session.joinLine())),
  "copy-latex": () => copy("latex"),
  "copy-mathml": () => copy("mathml"),
  "copy-png": () => copy("picture"),
};
const onKey: Record<string, () => unknown> = {
  "control z": onClick.undo!,
  "control shift z": onClick.redo!,
  "control y": onClick.redo!,
  "control o": onClick.open!,
  "control s": () => session.strokes.length && saveInk(),
  delete: () => session.strokes.length && onClick.clear!(),
  e: onClick.eraser!,
  s: onClick.select!,
  escape: () => {
    element("copies").hidePopover();
    erase(false);
    select(false);
    readings.forgetAlternatives();
    spelling.close();
    readings.light(undefined);
  },
  arrowright: () => readings.step(1),
  arrowleft: () => readings.step(-1),
  arrowdown: () => readings.focusAlternatives(),
  enter: done,
  n: onClick["begin-line"]!,
  l: onClick.correct!,
  c: onClick["copy-latex"]!,
  m: onClick["copy-mathml"]!,
  p: onClick["copy-png"]!,
  ...Object.fromEntries(Array.from({ length: SHOWN }, (_, i) => [`${i + 1}`, () => accept(readings.shown[i])])),
};

for (const [id, action] of Object.entries(onClick)) element(id).addEventListener("click", () => void action());
document.addEventListener("keydown", (event) => {
  const key = keyName(event);
  const pressing = key === "enter" && event.target instanceof HTMLButtonElement;
  const choosing = event.target instanceof HTMLSelectElement; // its keys are those of the list
  const action = selecting.keys()[key] ?? onKey[key];
  if (pressing || choosing || event.altKey || !action) return;
  event.preventDefault();
  void action();
});
for (const id of ["file", "camera"]) {
  element<HTMLInputElement>(id).addEventListener("change", ({ target }) => {
    const input = target as HTMLInputElement;
    void open(input.files?.[0]);
    input.value = "";
  });
}
document.addEventListener("paste", ({ clipboardData }) => {
  const picture = [...(clipboardData?.files ?? [])].find(isPicture);
  if (picture) void open(picture);
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
offerLanguages(element<HTMLSelectElement>("language"), translated);
copyMenu();
remember();
say(LOADING);
lessons.on = element<HTMLInputElement>("learning").checked = kept(LEARNING) !== "off";
element("learning").addEventListener("change", switchLearning);
element<HTMLInputElement>("several-lines").checked = kept(SEVERAL_LINES) !== "off";
element("several-lines").addEventListener("change", switchLines);
switchLines();
element<HTMLInputElement>("gestures").checked = kept(GESTURES) !== "off";
element<HTMLInputElement>("gestures").addEventListener("change", ({ target }) =>
  keep(GESTURES, (target as HTMLInputElement).checked ? "on" : "off"),
);
const updated = takeUpdated();
restore().then(() => updated && say((now) => now.updated));
keepDraft(session);
pad?.stay(() => say(({ programEnded }) => programEnded, true));
offerInstall(element<HTMLButtonElement>("install"));
keepOffline((update) => {
  element("new-version").hidden = false;
  element("update").addEventListener("click", update);
}).catch((error: unknown) => console.warn("The page does not work offline:", error));
reader.loaded.then(
  () => {
    if (!reader.learns) panel.refuse(({ cannotLearn }) => cannotLearn);
    document.body.dataset.ready = "true";
    if (readings.message === LOADING) say();
  },
  (error: unknown) => say(messageOf(error), true),
);
