/** The picture under the sheet: the strokes found in it are on the sheet, one line of writing at a time. */

import { type Message, messageOf } from "../parts/texts.ts";
import type { Point } from "../recognizer/preprocess.ts";
import { drawing } from "./drawing.ts";
import { element, made } from "./element.ts";
import { fitting } from "./inkml.ts";
import { texts } from "./language.ts";
import { findHandwriting, type Handwriting } from "./picture-file.ts";

/** A line of writing on the sheet, and where the picture lies under it. */
interface Line {
  /** In CSS pixels of the sheet. */
  readonly strokes: Point[][];
  readonly left: number;
  readonly top: number;
  readonly width: number;
  isDone: boolean;
}

export interface PhotoListener {
  /** Put the strokes of a line on the sheet. */
  found(strokes: readonly Point[][]): void;
  say(message?: Message, wrong?: boolean): void;
}

export class Photo {
  private lines: Line[] = [];
  private shown: Line | undefined;
  private address = "";
  private reading = new AbortController();
  private readonly image = element<HTMLImageElement>("photo");
  private readonly list = element("lines");

  /**
   * @param canvas The sheet.
   * @param script URL of the worker that finds strokes.
   */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly script: string,
    private readonly listener: PhotoListener,
  ) {}

  /** Find the strokes in a picture and show its first line. A picture that is being read is forgotten. */
  async open(file: File): Promise<void> {
    this.reading.abort();
    this.reading = new AbortController();
    const { signal } = this.reading;
    const address = URL.createObjectURL(file);
    this.listener.say((now) => now.findingStrokes);
    try {
      const found = await findHandwriting(file, address, this.script, signal);
      this.show(address, found);
    } catch (error) {
      URL.revokeObjectURL(address);
      if (!signal.aborted) this.listener.say((now) => `${file.name}: ${messageOf(error)(now)}`, true);
    }
  }

  private show(address: string, found: Handwriting): void {
    const { clientWidth, clientHeight } = this.canvas;
    const lines = found.lines.map((strokes): Line => {
      const { scale, move } = fitting(strokes, clientWidth, clientHeight);
      const [left, top] = move([-0.5, -0.5]); // whole numbers are the middles of pixels
      return {
        strokes: strokes.map((stroke) => stroke.map(move)),
        left,
        top,
        width: found.columns * scale,
        isDone: false,
      };
    });
    URL.revokeObjectURL(this.address);
    this.address = this.image.src = address;
    [this.lines, this.shown] = [lines, undefined];
    this.listener.found(lines[0]!.strokes);
    const count = lines.length > 1 ? lines.length : lines[0]!.strokes.length;
    this.listener.say((now) => (lines.length > 1 ? now.linesFound(count) : now.strokesFound(count)));
  }

  /** Show the picture as long as there are strokes, under those of its line that are among them. */
  follow(strokes: readonly (readonly Point[])[]): void {
    const there = new Set(strokes.map(keyOf));
    const line = this.lines.find((each) => each.strokes.some((stroke) => there.has(keyOf(stroke))));
    this.shown = strokes.length ? (line ?? this.shown) : undefined;
    const { image, shown } = this;
    image.hidden = !shown;
    if (shown) {
      const { clientLeft, clientTop } = this.canvas; // inside its border
      image.style.left = `${shown.left + clientLeft}px`;
      image.style.top = `${shown.top + clientTop}px`;
      image.style.width = `${shown.width}px`;
    }
    this.draw();
  }

  /** Go on to the next line that is not done, once the strokes of a line are. */
  finish(strokes: readonly (readonly Point[])[]): void {
    const there = new Set(strokes.map(keyOf));
    const place = this.lines.findIndex((each) => each.strokes.some((stroke) => there.has(keyOf(stroke))));
    if (place < 0) return;
    this.lines[place]!.isDone = true;
    const next = [...this.lines.slice(place), ...this.lines.slice(0, place)].find(({ isDone }) => !isDone);
    if (next) this.listener.found(next.strokes);
  }

  /** Draw the list of lines, if there are several. */
  draw(): void {
    this.list.hidden = !this.shown || this.lines.length < 2;
    if (this.list.hidden) return;
    const items = this.lines.map((line, place) => {
      const [item, button] = [document.createElement("li"), made("button")];
      button.title = texts().lineOf(place + 1, this.lines.length);
      button.setAttribute("aria-label", button.title);
      button.setAttribute("aria-pressed", String(line === this.shown));
      button.append(drawing(line.strokes));
      if (line.isDone) button.append("✓");
      button.addEventListener("click", () => this.listener.found(line.strokes));
      item.append(button);
      return item;
    });
    this.list.replaceChildren(...items);
  }
}

/** What tells a stroke from others: sessions copy the points. */
function keyOf(stroke: readonly Point[]): string {
  return `${stroke.length} ${stroke[0]}`;
}
