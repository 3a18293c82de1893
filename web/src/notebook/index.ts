/** The front end of `tegashiki.notebook.Pad`, for anywidget: the web component, with Python as its recogniser. */

import type { CommitDetail, ReadingDetail, TegashikiPad } from "../pad/index.ts";
import "../pad/index.ts";
import { KernelReader } from "./kernel-reader.ts";
import type { Model } from "./model.ts";

const SETTINGS = ["choices", "restrict", "several_lines", "language", "height"] as const;

/** Show a pad in an output. Returns what takes it away. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const pad = document.createElement("tegashiki-pad");
  const reader = new KernelReader(model);
  pad.reader = reader;
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own, such as 1 to 6 for headings
  const stop = [follow(model, pad), tell(model, pad), () => reader.close()];
  el.append(pad);
  return () => {
    for (const end of stop) end();
    pad.remove();
  };
}

/** Set the pad to the model's attributes, now and whenever they change. */
function follow(model: Model, pad: TegashikiPad): () => void {
  const theme = notebookTheme();
  if (theme) pad.theme = theme;
  const settings = () => {
    pad.candidates = model.get("choices");
    pad.restrict = model.get("restrict");
    pad.severalLines = model.get("several_lines");
    pad.lang = model.get("language");
    pad.style.setProperty("--tegashiki-height", `${model.get("height")}px`);
  };
  const strokes = () => {
    const own = model.get("strokes");
    if (JSON.stringify(own) !== JSON.stringify(pad.strokes)) pad.strokes = own;
  };
  const latex = () => {
    pad.value = model.get("latex");
  };
  settings();
  latex();
  strokes();
  const listeners: [string, () => void][] = [
    ...SETTINGS.map((name): [string, () => void] => [`change:${name}`, settings]),
    ["change:strokes", strokes],
    ["change:latex", latex],
  ];
  for (const [name, listener] of listeners) model.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) model.off(name, listener);
  };
}

/** Tell the model what is written and read. */
function tell(model: Model, pad: TegashikiPad): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  const save = () => {
    model.set("strokes", pad.strokes as [number, number][][]);
    model.set("latex", pad.value);
    model.save_changes();
  };
  const on = <T>(name: string, hear: (detail: T) => void): void =>
    pad.addEventListener(name, (event) => hear((event as CustomEvent<T>).detail), { signal });
  on("input", save);
  on("change", save);
  on<ReadingDetail>("reading", ({ candidates, partial }) => {
    if (partial) return;
    save();
    model.send({ kind: "reading", candidates });
  });
  on<CommitDetail>("commit", (detail) => model.send({ kind: "commit", ...detail }));
  return () => listening.abort();
}

/** The theme of the notebook, undefined if it says nothing. */
function notebookTheme(): "light" | "dark" | undefined {
  const { classList, dataset } = document.body;
  if (dataset.jpThemeLight === "false" || classList.contains("vscode-dark")) return "dark";
  if (dataset.jpThemeLight === "true" || classList.contains("vscode-light")) return "light";
  return undefined;
}

export default { render };
