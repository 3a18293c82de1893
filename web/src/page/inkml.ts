/** Ink files: InkML and JSON in, InkML out, as the Python package writes and reads them. */

import type { Point } from "../recognizer/preprocess.ts";

const NAMESPACE = "http://www.w3.org/2003/InkML";
const MAX_CHARACTERS = 8 * 2 ** 20;

/**
 * The strokes of a file; pen-up and empty traces are left out.
 *
 * @throws Error that says what is wrong with it.
 */
export function readInk(text: string): Point[][] {
  if (text.length > MAX_CHARACTERS) throw new Error(`${text.length} characters, the limit is ${MAX_CHARACTERS}`);
  const strokes = text.trimStart().startsWith("{") ? readJson(text) : readInkml(text);
  if (!strokes.length) throw new Error("no strokes in it");
  return strokes;
}

/** An InkML document with the strokes and what they say, "" where nobody knows. */
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

/** Move and scale strokes into the middle of a sheet; what is read in them stays the same. */
export function fit(strokes: readonly (readonly Point[])[], width: number, height: number): Point[][] {
  const [xs, ys] = [0, 1].map((axis) => strokes.flatMap((stroke) => stroke.map((point) => point[axis]!))) as [number[], number[]];
  const [left, right, top, bottom] = [least(xs), -least(xs.map((x) => -x)), least(ys), -least(ys.map((y) => -y))];
  const scale = Math.min((0.8 * width) / (right - left || 1), (0.7 * height) / (bottom - top || 1));
  const move = ([x, y]: Point): Point => [
    width / 2 + (x - (left + right) / 2) * scale,
    height / 2 + (y - (top + bottom) / 2) * scale,
  ];
  return strokes.map((stroke) => stroke.map(move));
}

function readJson(text: string): Point[][] {
  const { strokes } = JSON.parse(text) as { strokes?: unknown };
  if (!Array.isArray(strokes)) throw new Error(`expected {"strokes": [[[x, y], ...], ...]}`);
  return strokes.map((stroke: unknown) => {
    const points = Array.isArray(stroke) ? stroke.map((point: unknown) => (Array.isArray(point) ? numbers(point) : [])) : [];
    if (!points.length || points.some((point) => point.length < 2)) throw new Error("a stroke is no list of [x, y]");
    return points.map(([x, y]): Point => [x!, y!]);
  });
}

function numbers(values: readonly unknown[]): number[] {
  return values.filter((value): value is number => Number.isFinite(value));
}

function readInkml(text: string): Point[][] {
  const document = new DOMParser().parseFromString(text, "application/xml");
  if (document.documentElement.localName !== "ink" || document.querySelector("parsererror")) throw new Error("no InkML");
  const formats = [...document.getElementsByTagNameNS("*", "traceFormat")];
  const channels = formats.length === 1 ? [...formats[0]!.getElementsByTagNameNS("*", "channel")] : [];
  const axes = ["X", "Y"].map((name, axis) => {
    const found = channels.findIndex((channel) => channel.getAttribute("name")?.toUpperCase() === name);
    if (channels.length && found < 0) throw new Error(`its traces have no channel ${name}`);
    const sign = channels[found]?.getAttribute("orientation") === "-ve" ? -1 : 1;
    return { column: found < 0 ? axis : found, sign };
  });
  return [...document.getElementsByTagNameNS("*", "trace")]
    .filter((trace) => trace.getAttribute("type") !== "penUp" && trace.textContent!.trim())
    .map((trace) => points(trace.textContent!, axes));
}

function points(text: string, axes: readonly { column: number; sign: number }[]): Point[] {
  const rows = text.trim().replace(/,\s*$/, "").split(",");
  return rows.map((row) => {
    const values = row.trim().split(/\s+/).map(Number);
    const [x, y] = axes.map(({ column, sign }) => sign * (values[column] ?? NaN)) as [number, number];
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw new Error(`not a point of plain numbers: ${row.slice(0, 40)}`);
    return [x, y];
  });
}

/** InkML knows no exponents. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(12) : text;
}

function least(values: readonly number[]): number {
  return values.reduce((found, value) => Math.min(found, value), Infinity);
}
