/** Drawings of strokes as small SVG pictures. */

import type { Point } from "../recognizer/preprocess.ts";

const SVG = "http://www.w3.org/2000/svg";
const SIZE = 100; // units of the larger side of the strokes
const MARGIN = 8;
const LEAST_SIZE = 1e-9; // of strokes that are dots in one place

/**
 * Draw strokes in their box.
 *
 * @param strokes Strokes of [x, y], at least one.
 * @param lit Indices of the strokes to highlight.
 */
export function drawing(strokes: readonly (readonly Point[])[], lit: ReadonlySet<number> = new Set()): SVGSVGElement {
  const [left, top, right, bottom] = boxOf(strokes);
  const scale = SIZE / Math.max(right - left, bottom - top, LEAST_SIZE);
  const [width, height] = [(right - left) * scale + 2 * MARGIN, (bottom - top) * scale + 2 * MARGIN];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${round(width)} ${round(height)}`);
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("drawing");
  strokes.forEach((stroke, i) => {
    const places = stroke.map(([x, y]) => `${round((x - left) * scale + MARGIN)} ${round((y - top) * scale + MARGIN)}`);
    const path = document.createElementNS(SVG, "path");
    // A line to the same place shows a dot, because its ends are round.
    path.setAttribute("d", `M${places.length === 1 ? [places[0], places[0]].join("L") : places.join("L")}`);
    if (lit.has(i)) path.classList.add("lit");
    svg.append(path);
  });
  return svg;
}

function boxOf(strokes: readonly (readonly Point[])[]): [number, number, number, number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of strokes.flat()) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return [left, top, right, bottom];
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
