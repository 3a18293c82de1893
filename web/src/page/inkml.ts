/** Read ink from InkML and JSON files, exactly as the Python package does (docs/inkml.md), and write InkML. */

import type { Point } from "../recognizer/preprocess.ts";
import { type Context, ContextReader, over, pointsIn, relative, type Step, stepOf } from "./context.ts";
import { decodeJson, decodeXml, isXml } from "./encoding.ts";
import { readJson } from "./json-ink.ts";
import { readFormat } from "./trace.ts";

const NAMESPACE = "http://www.w3.org/2003/InkML";
const MAX_BYTES = 8 * 2 ** 20;
const MAX_ELEMENTS = 100_000;
const MAX_DEPTH = 200;
const MAX_STROKES = 2048;
const MAX_POINTS = 200_000;
const MAX_STROKE_POINTS = 10_000;
const MAX_COORDINATE = 1e12;

/**
 * Read the strokes of an InkML or JSON file. Pen-up traces and empty traces are left out.
 *
 * @throws Error The file is damaged, has no strokes or exceeds a limit.
 */
export function readInk(bytes: Uint8Array): Point[][] {
  if (bytes.length > MAX_BYTES) throw new Error(`${bytes.length} bytes, the limit is ${MAX_BYTES}`);
  if (!bytes.some((byte) => byte > 0x20)) throw new Error("the file is empty");
  const strokes = isXml(bytes) ? new InkmlReader(parseXml(decodeXml(bytes))).strokes() : readJson(decodeJson(bytes));
  check(strokes);
  return strokes;
}

/** Write strokes as an InkML document. `latex` becomes its label, unless it is empty. */
export function writeInkml(strokes: readonly (readonly Point[])[], latex: string): string {
  const document = new DOMParser().parseFromString(`<ink xmlns="${NAMESPACE}"></ink>`, "application/xml");
  const ink = document.documentElement;
  const add = (parent: Element, name: string, attributes: Record<string, string>, text = "") => {
    const element = document.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    parent.append("\n  ", element);
    return element;
  };
  const format = add(ink, "traceFormat", {});
  for (const name of ["X", "Y"]) add(format, "channel", { name, type: "decimal" });
  if (latex) add(ink, "annotation", { type: "truth" }, latex);
  strokes.forEach((stroke, id) => {
    add(ink, "trace", { id: String(id) }, stroke.map(([x, y]) => `${decimal(x)} ${decimal(y)}`).join(", "));
  });
  ink.append("\n");
  return new XMLSerializer().serializeToString(document);
}

/** Scale strokes to fit a sheet and centre them. This does not change how they are recognized. */
export function fit(strokes: readonly (readonly Point[])[], width: number, height: number): Point[][] {
  const { move } = fitting(strokes, width, height);
  return strokes.map((stroke) => stroke.map(move));
}

/** How `fit` moves points, and by which factor it scales them. */
export function fitting(
  strokes: readonly (readonly Point[])[],
  width: number,
  height: number,
): { scale: number; move(point: Point): Point } {
  const [xs, ys] = [0, 1].map((axis) => strokes.flatMap((stroke) => stroke.map((point) => point[axis]!))) as [
    number[],
    number[],
  ];
  const [left, right, top, bottom] = [least(xs), -least(xs.map((x) => -x)), least(ys), -least(ys.map((y) => -y))];
  const scale = Math.min((0.8 * width) / (right - left || 1), (0.7 * height) / (bottom - top || 1));
  const move = ([x, y]: Point): Point => [
    width / 2 + (x - (left + right) / 2) * scale,
    height / 2 + (y - (top + bottom) / 2) * scale,
  ];
  return { scale, move };
}

/** Check the limits that hold for ink of every file format. */
function check(strokes: readonly (readonly Point[])[]): void {
  if (!strokes.length) throw new Error("no strokes in it");
  if (strokes.length > MAX_STROKES)
    throw new Error(`${strokes.length} strokes, the limit is ${MAX_STROKES}: split the ink`);
  strokes.forEach((stroke, index) => {
    if (!stroke.length) throw new Error(`stroke ${index} is empty, expected at least one point`);
    if (stroke.length > MAX_STROKE_POINTS) {
      throw new Error(
        `stroke ${index}: ${stroke.length} points, the limit is ${MAX_STROKE_POINTS}: thin or split the stroke`,
      );
    }
    const wrong = stroke.find((point) => !point.every((value) => Math.abs(value) <= MAX_COORDINATE));
    if (wrong) throw new Error(`stroke ${index}: the coordinates ${wrong} are not finite or above ${MAX_COORDINATE}`);
  });
  const points = strokes.reduce((count, stroke) => count + stroke.length, 0);
  if (points > MAX_POINTS) throw new Error(`${points} points, the limit is ${MAX_POINTS}: thin or split the ink`);
}

/** Parse an InkML text and return its root element. */
function parseXml(text: string): Element {
  const uncommented = text.replace(/<!--.*?-->/gs, "");
  if (uncommented.includes("<!DOCTYPE") && uncommented.includes("<!ENTITY")) {
    throw new Error("declares an entity, which is not allowed");
  }
  const document = new DOMParser().parseFromString(text, "application/xml");
  const [wrong] = document.getElementsByTagName("parsererror");
  const root = document.documentElement;
  if (wrong) throw new Error(`not well-formed XML (${(wrong.textContent ?? "").trim().slice(0, 200)})`);
  if (root.localName !== "ink") throw new Error(`the root element is <${root.localName.slice(0, 40)}>, expected <ink>`);
  let count = 0;
  let depth = 0;
  for (let level: Element[] = [root]; level.length; level = level.flatMap((element) => [...element.children])) {
    [count, depth] = [count + level.length, depth + 1];
    if (depth > MAX_DEPTH) throw new Error(`elements nested deeper than ${MAX_DEPTH}`);
    if (count > MAX_ELEMENTS) throw new Error(`more than ${MAX_ELEMENTS} elements, the limit`);
  }
  return root;
}

/** Read the strokes of one document. */
class InkmlReader {
  private readonly byId = new Map<string, Element>();
  private readonly contexts: ContextReader;
  /** The context of traces that name none, at the current position in the file. */
  private current: Context;
  /** The step of the first stroke that has one; all strokes are converted to it. */
  private step: Step | undefined;
  private readonly found: [number, number][][] = [];
  private readonly strokeOf = new Map<Element, [number, number][]>();

  constructor(private readonly root: Element) {
    for (const element of [root, ...root.getElementsByTagName("*")]) {
      const id = element.getAttribute("xml:id") || element.getAttribute("id");
      if (id && !this.byId.has(id)) this.byId.set(id, element);
    }
    this.contexts = new ContextReader(root, (reference) => this.target(reference));
    this.current = this.contexts.initial;
  }

  strokes(): [number, number][][] {
    this.readTraces(this.root, {});
    return this.found;
  }

  /** The element that "#id", or a bare "id", refers to. */
  private target(reference: string | null): Element | undefined {
    return reference ? this.byId.get(reference.trim().replace(/^#/, "")) : undefined;
  }

  private readTraces(parent: Element, inherited: Context): void {
    for (const element of parent.children) {
      const name = element.localName;
      if (name === "traceFormat" && parent === this.root) {
        this.current = over({ format: readFormat(element) }, this.current);
      } else if (name === "context" && parent === this.root) {
        this.current = over(this.contexts.of(element), this.current);
      } else if (["trace", "traceGroup", "definitions"].includes(name)) {
        const own = over(this.contexts.read(element.getAttribute("contextRef")), inherited);
        if (name === "trace") this.readTrace(element, over(own, this.current));
        else this.readTraces(element, own);
      }
    }
  }

  private readTrace(trace: Element, context: Context): void {
    if (trace.getAttribute("type") === "penUp") return;
    const [child] = trace.children;
    if (child) throw new Error(`a trace holds <${child.localName.slice(0, 40)}>, expected points alone: take it out`);
    const points = this.inOneUnit(pointsIn(context, trace.textContent ?? ""), stepOf(context));
    if (!points.length) return;
    const before = this.target(trace.getAttribute("priorRef"));
    const continued =
      ["middle", "end"].includes(trace.getAttribute("continuation") ?? "") && before && this.strokeOf.get(before);
    if (continued) {
      for (const point of points) continued.push(point);
    } else if (this.found.push(points) > MAX_STROKES) {
      throw new Error(`more than ${MAX_STROKES} strokes, the limit: split the ink`);
    }
    this.strokeOf.set(trace, continued || points);
  }

  /** Convert points to the step of the first stroke that has one. */
  private inOneUnit(points: [number, number][], step: Step | undefined): [number, number][] {
    if (!points.length || !step) return points;
    this.step ??= step;
    const factor = relative(step, this.step);
    return points.map(([x, y]) => [x * factor, y * factor]);
  }
}

/** Format a number without an exponent, which InkML does not allow. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(12) : text;
}

function least(values: readonly number[]): number {
  return values.reduce((found, value) => Math.min(found, value), Infinity);
}
