/**
 * `tegashiki pad` with the page in a headless Chromium: formulas are printed, copied and typed, windows are closed.
 *
 * The browser that the program starts is a script, which notes the address. The test opens it in its own browser.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Browser, type Tab } from "./chromium.ts";
import { environment, python } from "./site.ts";
import { options, PLUS, Writer } from "./writer.ts";

const status = `document.getElementById("status").textContent`;

/** A running `tegashiki pad` and the page that it has opened. */
class Running {
  readonly folder = mkdtempSync(join(tmpdir(), "tegashiki-pad-"));
  readonly process: ChildProcess;
  out = "";
  error = "";
  private readonly ended: Promise<number | null>;

  constructor(...given: string[]) {
    this.program(
      "browser",
      `echo "$@" > "${this.folder}/asked.new"; mv "${this.folder}/asked.new" "${this.folder}/asked"; exec sleep 1000`,
    );
    this.program("xclip", `cat > "${this.folder}/new"; mv "${this.folder}/new" "${this.folder}/clipboard"`);
    this.program("xdotool", `echo "$@" >> "${this.folder}/xdotool.log"; [ "$1" = getactivewindow ] && echo 77; exit 0`);
    const command = ["-m", "tegashiki.cli", "pad", ...given, "--port", "0", "--browser", join(this.folder, "browser")];
    const env = { ...environment, PATH: `${this.folder}:${process.env.PATH}`, DISPLAY: ":7", WAYLAND_DISPLAY: "" };
    this.process = spawn(python, command, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.process.stdout!.on("data", (data: Buffer) => (this.out += data.toString()));
    this.process.stderr!.on("data", (data: Buffer) => (this.error += data.toString()));
    this.ended = new Promise((done) => this.process.once("close", done));
  }

  private program(name: string, script: string): void {
    const path = join(this.folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** Content of a file that a program wrote. */
  async file(name: string): Promise<string> {
    for (let waited = 0; !existsSync(join(this.folder, name)); waited++) {
      assert.ok(waited < 600, `no ${name}: ${this.error}`);
      await new Promise((done) => setTimeout(done, 100));
    }
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** The address of the page. */
  async address(): Promise<string> {
    const [, found] = /--app=(\S+)/.exec(await this.file("asked"))!;
    return found!;
  }

  async end(): Promise<number | null> {
    const status = await this.ended;
    rmSync(this.folder, { recursive: true });
    return status;
  }
}

async function withBrowser(run: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = new Browser();
  try {
    await run(browser);
  } finally {
    await browser.close();
  }
}

async function write(tab: Tab): Promise<Writer> {
  const writer = await Writer.on(tab);
  await writer.draw(PLUS);
  await writer.reads("+");
  await writer.press("Enter");
  return writer;
}

/** Wait until the page is closed, or says that it can be, where the browser does not let it close itself. */
async function closed(browser: Browser, tab: Tab): Promise<void> {
  const says = `${status}.startsWith("The program that opened this window has ended")`;
  for (let waited = 0; waited < 600; waited++) {
    const { targetInfos } = await browser.send("Target.getTargets");
    const isOpen = (targetInfos as { url: string }[]).some(({ url }) => url.includes("#pad="));
    if (!isOpen || (await tab.evaluate<boolean>(says).catch(() => false))) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.fail("the page is neither closed nor says that it can be");
}

test("--print prints the formula and ends, whatever else asks the server", options, async () => {
  await withBrowser(async (browser) => {
    const pad = new Running("--print");
    const address = await pad.address();
    const tab = await browser.open(address);
    const stranger = await fetch(new URL("/pad/accept", address), { method: "POST", body: `{"latex": "bad"}` });
    assert.equal(stranger.status, 403);
    await write(tab);
    assert.equal(await pad.end(), 0);
    assert.deepEqual([pad.out, pad.error], ["+\n", ""]);
    assert.deepEqual(tab.errors, []);
  });
});

test("the clipboard gets every formula, until the window is closed", options, async () => {
  await withBrowser(async (browser) => {
    const pad = new Running();
    const tab = await browser.open(await pad.address());
    for (let formula = 0; formula < 2; formula++) {
      const writer = await write(tab);
      await tab.until(`${status} === "The formula is on the clipboard."`);
      await writer.picture("pad");
      assert.equal(await pad.file("clipboard"), "+");
      rmSync(join(pad.folder, "clipboard"));
    }
    await tab.send("Page.reload"); // closes the page for a moment
    await write(tab);
    assert.equal(await pad.file("clipboard"), "+");
    await tab.send("Page.close");
    assert.equal(await pad.end(), 0);
    assert.deepEqual([pad.out, pad.error], ["", ""]);
  });
});

test("--type types the formula into the window that had the focus", options, async () => {
  await withBrowser(async (browser) => {
    const pad = new Running("--type");
    const tab = await browser.open(await pad.address());
    assert.equal(await pad.file("xdotool.log"), "getactivewindow\n");
    await write(tab);
    await pad.file("xdotool.log");
    const log = join(pad.folder, "xdotool.log");
    await new Promise((done) => pad.process.once("exit", done));
    assert.deepEqual(readFileSync(log, "utf8").split("\n").slice(1, -1), [
      "windowactivate --sync 77",
      "type --clearmodifiers -- +",
    ]);
    assert.equal(await pad.end(), 0);
  });
});

test("a window that is closed without a formula is a status of 1, without a word", options, async () => {
  await withBrowser(async (browser) => {
    const pad = new Running("--print");
    const tab = await browser.open(await pad.address());
    await Writer.on(tab);
    await tab.send("Page.close");
    assert.equal(await pad.end(), 1);
    assert.deepEqual([pad.out, pad.error], ["", ""]);
  });
});

test("an interrupt ends the program and closes the window", options, async () => {
  await withBrowser(async (browser) => {
    const pad = new Running("--print");
    const tab = await browser.open(await pad.address());
    await Writer.on(tab);
    pad.process.kill("SIGINT");
    assert.equal(await pad.end(), 130);
    assert.equal(pad.error, "tegashiki pad: interrupted\n");
    await closed(browser, tab);
  });
});

test("a page whose program was killed says that it has ended", options, async () => {
  await withBrowser(async (browser) => {
    const pad = new Running("--print");
    const tab = await browser.open(await pad.address());
    await Writer.on(tab);
    pad.process.kill("SIGKILL");
    await pad.end();
    await closed(browser, tab);
  });
});
