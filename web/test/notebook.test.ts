/** The notebook's pad in JupyterLab and Notebook 7: written on in a headless Chromium, read by Python, used in cells. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fit } from "../src/page/inkml.ts";
import { Browser, type Tab } from "./chromium.ts";
import { options, readInks, Writer } from "./writer.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const python = process.env.PYTHON ?? `${root}.venv/bin/python`;
/** The programs, by their modules, with the path of a notebook. */
const PROGRAMS = { jupyterlab: "doc/tree/", notebook: "notebooks/" };
type Program = keyof typeof PROGRAMS;
const PAD = `document.querySelector("tegashiki-pad")`;
const CELLS = [
  "from tegashiki.notebook import Pad\npad = Pad(height=180)\npad",
  "seen = []\npad.observe(lambda change: seen.append(change.new), 'latex')",
  "print([pad.latex, str(pad.sympy()), len(pad.candidates), len(pad.ink.strokes), seen[-1:], pad.formulas])",
  "pad.latex = r'\\frac{1}{2}'",
  "pad.to_cell()",
];

/** Why a program cannot be run, undefined if it can. */
function missing(program: Program): string | undefined {
  const wanted = `${program}, ipykernel, anywidget, sympy, antlr4`;
  const { status } = existsSync(python) ? spawnSync(python, ["-c", `import ${wanted}`]) : { status: 1 };
  return status
    ? `${python} has not all of ${wanted}; the environment variable PYTHON can name another one`
    : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Start a program in a folder. Resolves with its address once it answers. */
async function start(program: Program, folder: string): Promise<{ address: string; lab: ChildProcess }> {
  const port = await freePort();
  const settings = ["--no-browser", "--allow-root", "--expose-app-in-browser", "--ServerApp.token=", `--port=${port}`];
  const env = {
    ...process.env,
    PYTHONPATH: [root, process.env.PYTHONPATH].filter(Boolean).join(":"),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTERLAB_SETTINGS_DIR: join(folder, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(folder, "workspaces"),
  };
  const lab = spawn(python, ["-m", program, ...settings], { cwd: folder, env, stdio: "ignore" });
  const address = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 1800; tries++) {
    const answered = await fetch(`${address}api`).catch(() => undefined);
    if (answered?.ok) return { address, lab };
    await new Promise((done) => setTimeout(done, 100));
  }
  lab.kill();
  throw new Error(`${program} has not started within three minutes`);
}

async function withNotebook(program: Program, run: (tab: Tab) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tegashiki-lab-"));
  const notifications = join(folder, "settings/@jupyterlab/apputils-extension");
  mkdirSync(notifications, { recursive: true });
  writeFileSync(join(notifications, "notification.jupyterlab-settings"), `{ "fetchNews": "false" }`);
  const cells = CELLS.map((source, id) => {
    return { cell_type: "code", execution_count: null, id: `cell-${id}`, metadata: {}, outputs: [], source };
  });
  const kernelspec = { display_name: "Python 3", language: "python", name: "python3" };
  const notebook = { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
  writeFileSync(join(folder, "pad.ipynb"), JSON.stringify(notebook));
  const { address, lab } = await start(program, folder);
  const browser = new Browser();
  try {
    await run(await browser.open(`${address}${PROGRAMS[program]}pad.ipynb`, 900, 760));
  } finally {
    await browser.close();
    const ended = new Promise((done) => lab.once("exit", done));
    lab.kill(); // it ends its kernels first
    await ended;
    rmSync(folder, { recursive: true, maxRetries: 5 });
  }
}

/** Run the selected cell, and wait until it is done. */
async function runCell(tab: Tab, cell: number): Promise<void> {
  const chosen = `window.jupyterapp.shell.currentWidget.content`;
  await tab.evaluate(`void (${chosen}.activeCellIndex = ${cell})`);
  await tab.evaluate(`window.jupyterapp.commands.execute("notebook:run-cell").then(() => undefined)`);
}

const output = (cell: number): string =>
  `document.querySelectorAll(".jp-Notebook .jp-Cell")[${cell}].querySelector(".jp-OutputArea-output pre")?.textContent`;

for (const program of Object.keys(PROGRAMS) as Program[]) {
  const chosen = { skip: missing(program) ?? options.skip };
  test(`${program}: what is written is the formula of other cells`, chosen, () => writeOn(program));
}

async function writeOn(program: Program): Promise<void> {
  const [ink] = readInks();
  await withNotebook(program, async (tab) => {
    await tab.until(`window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle"`, 300);
    await runCell(tab, 0);
    await tab.until(PAD, 120);
    await runCell(tab, 1);
    await tab.evaluate(`${PAD}.scrollIntoView({ block: "center" })`);
    const writer = await Writer.on(tab, `${PAD}.shadowRoot.querySelector("canvas")`, "true");
    await writer.draw(fit(ink!.strokes, writer.box.width, writer.box.height));
    const complete = `${PAD}.shadowRoot.querySelector(".readings").dataset.state === "complete"`;
    await tab.until(`${complete} && ${PAD}.value === ${JSON.stringify(ink!.label)}`, 120);
    await writer.press("1");
    await tab.until(`${complete} && ${PAD}.shadowRoot.querySelector(".readings button").ariaPressed === "true"`);
    await writer.press("Enter");
    await tab.until(`${PAD}.strokes.length === 0`);
    assert.equal(await tab.evaluate(`document.querySelectorAll(".jp-MarkdownCell").length`), 0, "1 made a heading");
    await writer.draw(fit(ink!.strokes, writer.box.width, writer.box.height));
    await tab.until(`${complete} && ${PAD}.value === ${JSON.stringify(ink!.label)}`);
    await runCell(tab, 2);
    await tab.until(output(2));
    const { length } = ink!.strokes;
    const label = ink!.label.replaceAll("\\", "\\\\");
    assert.equal(
      await tab.evaluate(output(2)),
      `['${label}', '(b + (b + 2)) + sqrt(1)', 5, ${length}, ['${label}'], ['${label}']]\n`,
    );
    await writer.picture(program);
    await runCell(tab, 3);
    await tab.until(`${PAD}.value === "\\\\frac{1}{2}" && ${PAD}.strokes.length === 0`);
    await runCell(tab, 4);
    const text = `window.jupyterapp.shell.currentWidget.content.widgets[5]?.model.sharedModel.source`;
    await tab.until(`${text} === "%%latex\\n$$\\\\frac{1}{2}$$"`);
  });
}
