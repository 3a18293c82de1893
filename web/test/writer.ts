/** A user of the page in a headless Chromium: writes, presses keys, and inspects the page. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fit } from "../src/page/inkml.ts";
import type { Point } from "../src/recognizer/preprocess.ts";
import { Browser, chromiumOptions, serve, type Tab } from "./chromium.ts";

const root = new URL("../../../", import.meta.url);
const pictures = new URL("web/build/pictures/", root);
/** Options of the tests that need the browser. */
export const options = chromiumOptions();
/** Expressions for the page: the first candidate, whether all candidates are shown, whether the page fits the width. */
export const first = `document.querySelector("#candidates button")?.dataset.latex`;
export const complete = `document.querySelector("#candidates").dataset.state === "complete"`;
export const NARROW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";

/** A plus, in CSS pixels of the sheet. */
export const PLUS: Point[][] = [
  [
    [100, 150],
    [150, 150],
    [200, 150],
  ],
  [
    [150, 100],
    [150, 150],
    [150, 200],
  ],
];

/** How the names of generated inks begin. */
export const MADE_UP = "easy/";

/** An ink with its readings by Python (`tests/web/readings.py`). */
export interface Reading {
  name: string;
  label: string;
  strokes: Point[][];
  candidates: string[];
}

/** The inks that Python has read. */
export function readInks(): Reading[] {
  const file = new URL("web/build/readings.json", root);
  assert.ok(existsSync(file), "no web/build/readings.json: run `make test-web`, which writes it");
  return JSON.parse(readFileSync(file, "utf8")) as Reading[];
}

/** Those that Python reads correctly, by the beginnings of their names. */
export function rightlyRead(...names: string[]): Reading[] {
  const right = readInks().filter(
    ({ name, label, candidates }) => names.some((start) => name.startsWith(start)) && candidates[0] === label,
  );
  assert.ok(right.length, `the model reads none of the inks ${names.join(", ")}`);
  return right;
}

/** Two short inks that Python reads correctly. */
export function twoInks(): [Reading, Reading] {
  const [one, two] = rightlyRead(MADE_UP).filter(({ strokes }) => strokes.length >= 5);
  return [one!, two!];
}

/** Put an ink on the upper or lower half of a sheet, at its left. */
export function half({ strokes }: Reading, { width, height }: Writer["box"], which: 0 | 1): Point[][] {
  const fitted = fit(strokes, width / 2, height / 3);
  const left = Math.min(...fitted.flat().map(([x]) => x));
  return fitted.map((stroke) => stroke.map(([x, y]) => [x - left + 20, y + which * 0.6 * height] as const));
}

export type Pointer = "pen" | "mouse" | "touch";

/** The actions of a test on the page. */
export class Writer {
  /** The sheet inside its border, in CSS pixels of the page. */
  readonly box: { x: number; y: number; width: number; height: number };

  private constructor(
    readonly tab: Tab,
    box: string,
  ) {
    this.box = JSON.parse(box) as Writer["box"];
  }

  /**
   * @param sheet Expression for the canvas that is written on.
   * @param ready Expression that is true once it can be written on.
   */
  static async on(
    tab: Tab,
    sheet = `document.querySelector("#sheet")`,
    ready = `document.body.dataset.ready`,
  ): Promise<Writer> {
    await tab.until(ready);
    return new Writer(
      tab,
      await tab.evaluate(`(() => {
      const sheet = ${sheet};
      const { x, y } = sheet.getBoundingClientRect();
      const { clientLeft, clientTop, clientWidth, clientHeight } = sheet;
      return JSON.stringify({ x: x + clientLeft, y: y + clientTop, width: clientWidth, height: clientHeight });
    })()`),
    );
  }

  /** Draw strokes, given in CSS pixels of the sheet. */
  async draw(strokes: readonly (readonly Point[])[], by: Pointer = "pen"): Promise<void> {
    for (const stroke of strokes) {
      await this.point(by, "Pressed", stroke[0]!);
      for (const point of stroke.slice(1)) await this.point(by, "Moved", point);
      await this.point(by, "Released", stroke.at(-1)!);
    }
  }

  point(by: Pointer, what: "Pressed" | "Moved" | "Released", point: Point): Promise<unknown> {
    if (by === "touch") {
      const type = { Pressed: "touchStart", Moved: "touchMove", Released: "touchEnd" } as const;
      return this.touch(type[what], what === "Released" ? {} : { 0: point });
    }
    return this.buttons(by, what, point, what === "Released" ? 0 : 1, "left");
  }

  /** Press, move or release a pen or a mouse. `buttons` are those held afterwards, `button` is the one that changes. */
  buttons(
    by: Pointer,
    what: "Pressed" | "Moved" | "Released",
    point: Point,
    buttons: number,
    button: string,
  ): Promise<unknown> {
    const event = { type: `mouse${what}`, ...this.place(point), button, buttons, clickCount: 1, pointerType: by };
    return this.tab.send("Input.dispatchMouseEvent", event);
  }

  /** Send a touch event with all fingers that touch the screen afterwards, by their identifiers. */
  touch(
    type: "touchStart" | "touchMove" | "touchEnd" | "touchCancel",
    fingers: Record<number, Point> = {},
  ): Promise<unknown> {
    const touchPoints = Object.entries(fingers).map(([id, point]) => ({ id: Number(id), ...this.place(point) }));
    return this.tab.send("Input.dispatchTouchEvent", { type, touchPoints });
  }

  /** Dispatch a scripted pointer event, for events that the protocol cannot send. */
  dispatch(type: string, point: Point, init: PointerEventInit): Promise<unknown> {
    const { x, y } = this.place(point);
    const whole = { bubbles: true, cancelable: true, clientX: x, clientY: y, ...init };
    return this.tab.evaluate(`void document.getElementById("sheet").dispatchEvent(
      new PointerEvent(${JSON.stringify(type)}, ${JSON.stringify(whole)}))`);
  }

  private place([x, y]: Point): { x: number; y: number } {
    return { x: x + this.box.x, y: y + this.box.y };
  }

  async press(key: string, modifiers = 0): Promise<void> {
    for (const type of ["keyDown", "keyUp"]) await this.tab.send("Input.dispatchKeyEvent", { type, key, modifiers });
  }

  async click(id: string): Promise<void> {
    await this.tab.evaluate(`document.getElementById(${JSON.stringify(id)}).click()`);
  }

  /** Wait for a reading of all strokes. */
  reads(latex: string): Promise<void> {
    return this.tab.until(`${complete} && ${first} === ${JSON.stringify(latex)}`);
  }

  /** The file that a button of the page saves, by default the ink. */
  saved(button = "save"): Promise<string> {
    return this.tab.evaluate(`(async () => {
      const make = URL.createObjectURL;
      let saved;
      URL.createObjectURL = (blob) => make.call(URL, (saved = blob));
      HTMLAnchorElement.prototype.click = () => undefined;
      document.getElementById(${JSON.stringify(button)}).click();
      URL.createObjectURL = make;
      return saved?.text() ?? "";
    })()`);
  }

  /** The strokes on the sheet. */
  async strokes(): Promise<Point[][]> {
    const traces = (await this.saved()).matchAll(/<trace [^>]*>([^<]*)</g);
    return [...traces].map(([, text]) =>
      text!.split(",").map((point) => point.trim().split(" ").map(Number) as unknown as Point),
    );
  }

  /** The box of the painted pixels (left, top, right, bottom) in CSS pixels of the page, undefined for an empty sheet. */
  painted(): Promise<[number, number, number, number] | undefined> {
    return this.tab.evaluate(`(() => {
      const sheet = document.getElementById("sheet");
      const { width, height } = sheet;
      const { data } = sheet.getContext("2d").getImageData(0, 0, width, height);
      const inked = [...Array(width * height).keys()].filter((pixel) => data[4 * pixel + 3] > 100);
      if (!inked.length) return undefined;
      const range = (values) => values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value + 1)], [1e9, 0]);
      const [[left, right], [top, bottom]] = [range(inked.map((pixel) => pixel % width)), range(inked.map((pixel) => Math.floor(pixel / width)))];
      return [left, top, right, bottom].map((value) => (value * sheet.clientWidth) / width);
    })()`);
  }

  async picture(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    writeFileSync(new URL(`${name}.png`, pictures), await this.tab.screenshot());
  }
}

/** Open the page and run a test on it. Fails if there are errors in the page afterwards. */
export async function withPage(
  run: (writer: Writer, requests: string[], browser: Browser) => Promise<void>,
): Promise<void> {
  const { address, server, requests } = await serve(new URL("tegashiki/assets", root).pathname);
  const browser = new Browser();
  try {
    await browser.send("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    const writer = await Writer.on(await browser.open(`${address}web/`));
    await run(writer, requests, browser);
    assert.ok(await writer.tab.evaluate<boolean>(NARROW), "it scrolls sideways");
    assert.deepEqual(writer.tab.errors, []);
  } finally {
    await browser.close();
    server.close();
  }
}
