/** A headless Chromium, controlled through the DevTools protocol over a pipe, and a static web server for it. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const MISSING = "Chromium is not installed on this machine; the environment variable CHROMIUM can name its program";
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".txt": "text/plain",
};

/** Path of Chromium's program, undefined where it is not installed. The environment variable CHROMIUM comes first. */
function findChromium(): string | undefined {
  return [process.env.CHROMIUM ?? "", ...PLACES].find((path) => path && existsSync(path));
}

/**
 * Options of tests that run Chromium.
 *
 * Where Chromium is not installed, the tests are skipped. Where the environment variable CI is set, they run and fail.
 */
export function chromiumOptions(program = findChromium(), ci = process.env.CI): { skip: string | false } {
  return { skip: program || ci ? false : MISSING };
}

/** Serve the files of a folder on the loopback address. The returned address ends with a slash. */
export async function serve(folder: string): Promise<{ address: string; server: Server; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url!, "http://page").pathname));
    requests.push(path);
    const file = join(resolve(folder), path.endsWith("/") ? `${path}index.html` : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    return response
      .writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" })
      .end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server, requests };
}

interface Message {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

const GONE: Message = { error: { message: "the browser has ended" } };

/** A browser process. */
export class Browser {
  private readonly process: ChildProcess;
  private readonly profile = mkdtempSync(join(tmpdir(), "tegashiki-"));
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly listeners: ((message: Message) => void)[] = [];
  private next = 1;
  private text = "";
  private ended = false;

  /** @throws Error Chromium is not installed. */
  constructor(program = findChromium()) {
    if (!program) throw new Error(MISSING);
    const options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run"];
    this.process = spawn(program, [...options, `--user-data-dir=${this.profile}`], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.process.once("exit", () => {
      this.ended = true;
      for (const answer of this.waiting.values()) answer(GONE);
    });
    (this.process.stdio[4] as Readable).on("data", (data: Buffer) => this.receive(data.toString("utf8")));
  }

  /** Open an address in a new tab. */
  async open(address: string, width = 1000, height = 700): Promise<Tab> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(this, sessionId as string);
    await tab.prepare(width, height);
    await tab.goto(address);
    return tab;
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    if (this.ended) return Promise.reject(new Error(`${method}: ${GONE.error!.message}`));
    const id = this.next++;
    (this.process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((done, fail) => {
      this.waiting.set(id, ({ result, error }) =>
        error ? fail(new Error(`${method}: ${error.message}`)) : done(result!),
      );
    });
  }

  listen(listener: (message: Message) => void): void {
    this.listeners.push(listener);
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.process.once("exit", done));
    if (!this.ended) {
      await this.send("Browser.close").catch(() => undefined);
      await closed;
    }
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private receive(data: string): void {
    const messages = (this.text + data).split("\0");
    this.text = messages.pop()!;
    for (const message of messages.map((text) => JSON.parse(text) as Message)) {
      if (message.id !== undefined) this.waiting.get(message.id)?.(message);
      else for (const listener of this.listeners) listener(message);
    }
  }
}

/** A tab with a page. */
export class Tab {
  /** Errors of the page and its workers: exceptions and console messages of the level "error". */
  readonly errors: string[] = [];
  /** DevTools sessions of the page's workers, newest last. */
  private readonly workers: string[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly session: string,
  ) {
    browser.listen(({ method, params, sessionId }) => {
      if (sessionId !== session && !this.workers.includes(sessionId!)) return;
      if (method === "Target.attachedToTarget") this.attach(params!.sessionId as string);
      if (method === "Runtime.exceptionThrown" || (method === "Runtime.consoleAPICalled" && params!.type === "error")) {
        this.errors.push(JSON.stringify(params).slice(0, 600));
      }
    });
  }

  async prepare(width: number, height: number): Promise<void> {
    await this.send("Page.enable");
    await this.send("Runtime.enable");
    await this.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
    await this.resize(width, height);
  }

  async resize(width: number, height: number, scale = 1): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: scale, mobile: false };
    await this.send("Emulation.setDeviceMetricsOverride", metrics);
    // Until a frame is drawn, input may still be scaled for the previous screen.
    await this.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))`);
  }

  async goto(address: string): Promise<void> {
    await this.send("Page.navigate", { url: address });
    await this.until(`document.readyState === "complete" && location.href !== "about:blank"`);
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.browser.send(method, params, this.session);
  }

  /** Evaluate an expression and await its value. Rejects with the error that it throws. */
  evaluate<T>(expression: string): Promise<T> {
    return this.evaluateIn(this.session, expression);
  }

  /** Like `evaluate`, in the newest of the page's workers. */
  evaluateInWorker<T>(expression: string): Promise<T> {
    return this.evaluateIn(this.workers.at(-1)!, expression);
  }

  private async evaluateIn<T>(session: string, expression: string): Promise<T> {
    const parameters = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.browser.send("Runtime.evaluate", parameters, session);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Wait until an expression is true. */
  async until(expression: string, seconds = 60): Promise<void> {
    const end = Date.now() + 1000 * seconds;
    while (!(await this.evaluate<boolean>(`Boolean(${expression})`).catch(() => false))) {
      if (Date.now() > end)
        throw new Error(`not within ${seconds} s: ${expression}; errors: ${this.errors.join("\n")}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** Listen to a worker's console too. The browser repeats earlier messages. */
  private attach(worker: string): void {
    this.workers.push(worker);
    void this.browser.send("Runtime.enable", {}, worker).catch(() => undefined); // it may have ended already
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data as string, "base64");
  }
}
