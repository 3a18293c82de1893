/** Read ink from JSON: `{"strokes": [[[x, y], ...], ...]}`. Further numbers of a point, such as its time, are ignored. */

import { MAX_NUMBERS } from "./trace.ts";

const POINT = "a point is [x, y], and perhaps time and pressure";

/** Read the strokes of a JSON text. */
export function readJson(text: string): [number, number][][] {
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${shown(value)} is not a JSON object`);
  const { strokes } = value as { strokes?: unknown };
  if (!Array.isArray(strokes)) throw new Error(`strokes: ${shown(strokes)} is not a JSON array`);
  const points = strokes.map(readStroke);
  if (areRows(strokes as unknown[][][]))
    throw new Error(`strokes: each holds all of its x, then all of its y; ${POINT}`);
  return points;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`not JSON (${(error as Error).message})`);
  }
}

function readStroke(stroke: unknown, index: number): [number, number][] {
  if (!Array.isArray(stroke)) throw new Error(`stroke ${index}: ${shown(stroke)} is not a JSON array`);
  return stroke.map((point: unknown, at) => {
    const [x, y] = Array.isArray(point) ? (point as unknown[]) : [];
    const place = `stroke ${index}, point ${at}`;
    if (typeof x !== "number" || typeof y !== "number") throw new Error(`${place}: ${shown(point)} is not [x, y]`);
    const { length } = point as unknown[];
    if (length > MAX_NUMBERS) {
      throw new Error(`${place}: ${length} numbers, the limit is ${MAX_NUMBERS}; ${POINT}, not all x and then all y`);
    }
    return [x, y];
  });
}

/**
 * Whether strokes are certainly stored by rows: all x, then all y, then perhaps all times.
 *
 * Points have the same number of values in all strokes, while rows are as long as their stroke. An ink of one stroke,
 * or of strokes with equally many points, cannot be told apart and counts as points.
 */
function areRows(strokes: readonly (readonly unknown[][])[]): boolean {
  const rows = strokes[0]?.length;
  const widths = strokes.map((stroke) => new Set(stroke.map(({ length }) => length)));
  return (
    (rows === 2 || rows === 3) &&
    strokes.every(({ length }) => length === rows) &&
    widths.every(({ size }) => size === 1) &&
    new Set(widths.flatMap((width) => [...width])).size > 1
  );
}

/** The beginning of a value, for an error message. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 40);
}
