/** Read and write the file of a memory: JSON with one formula a line, as `tegashiki/memory/file.py` (docs/memory.md). */

import { constants, memory as limits } from "../grammar.json";
import { canonical } from "../latex.ts";
import { join } from "../vocabulary.ts";
import type { Formula, Keys } from "./formula.ts";

/** What the field `kind` of every memory says. */
export const KIND = "tegashiki writer memory";
const FORMAT = 1;

/** A file that is not a memory, or is damaged. */
export class MemoryFileError extends RangeError {}

/** Return the text of a memory's file. */
export function writeFormulas(formulas: readonly Formula[]): string {
  const restrictions = new Map<string, number>();
  const lines = formulas.map((formula) => JSON.stringify(entryOf(formula, restrictions)));
  const allowed = [...restrictions.keys()].map((tokens) => JSON.parse(tokens) as string[]);
  const head = JSON.stringify({ kind: KIND, format: FORMAT, restrictions: allowed });
  return `${head.slice(0, -1)},\n"formulas":[\n${lines.join(",\n")}\n]}\n`;
}

/** @param restrictions For each restriction as JSON its index; new ones are added. */
function entryOf({ strokes, tokens, learnt, allowed, keys }: Formula, restrictions: Map<string, number>): object {
  const name = allowed && JSON.stringify(allowed);
  if (name && !restrictions.has(name)) restrictions.set(name, restrictions.size);
  return {
    latex: join(tokens),
    learnt,
    strokes: strokes.map((stroke) => [...stroke.map((value, i) => value - (stroke[i - 2] ?? 0))]),
    ...(name && { restriction: restrictions.get(name) }),
    ...(keys && {
      keys: { model: keys.model, missed: keys.missed, width: keys.width, vectors: toBase64(keys.vectors) },
    }),
  };
}

/**
 * Read a memory's file.
 *
 * @param content The file.
 * @param name Its name, for errors.
 * @throws MemoryFileError The file is damaged, not a memory, or of a newer format.
 */
export function readFormulas(content: string | Uint8Array, name: string): Formula[] {
  if (content.length > limits.max_bytes)
    throw new MemoryFileError(`${name} has more than ${limits.max_bytes} bytes, the limit`);
  let about: unknown;
  try {
    about = JSON.parse(
      typeof content === "string" ? content : new TextDecoder("utf-8", { fatal: true }).decode(content),
    );
  } catch {
    throw new MemoryFileError(`${name} is damaged, or not a writer's memory`);
  }
  if (!isRecord(about) || about.kind !== KIND || !Number.isInteger(about.format)) {
    throw new MemoryFileError(`${name} is not a writer's memory: it lacks the kind '${KIND}'`);
  }
  if ((about.format as number) > FORMAT) {
    throw new MemoryFileError(
      `${name} has format ${String(about.format)}, this version of tegashiki reads up to ${FORMAT}: update tegashiki`,
    );
  }
  return formulasIn(about, name);
}

function formulasIn(about: Record<string, unknown>, name: string): Formula[] {
  let place = "";
  try {
    const restrictions = list(about.restrictions, limits.max_formulas).map((tokens) =>
      [...new Set(list(tokens, limits.max_formulas).map(text))].sort(),
    );
    return list(about.formulas, limits.max_formulas).map((entry, number) => {
      place = `: formula ${number}`;
      return formulaOf(entry, restrictions);
    });
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0]!.slice(0, 200);
    throw new MemoryFileError(`${name} is damaged${place}: ${reason}`);
  }
}

function formulaOf(entry: unknown, restrictions: readonly string[][]): Formula {
  if (!isRecord(entry)) throw new RangeError(`${shown(entry)} is no formula`);
  const tokens = canonical(text(entry.latex));
  const strokes = list(entry.strokes, limits.max_strokes).map(stroke);
  const points = strokes.reduce((total, { length }) => total + length / 2, 0);
  if (!tokens.length || !strokes.length || points > constants.max_points) {
    throw new RangeError(`expected LaTeX and strokes, with at most ${constants.max_points} points`);
  }
  const learnt = whole(entry.learnt, 0, 2 ** 53);
  const restricted = "restriction" in entry && {
    allowed: restrictions[whole(entry.restriction, 0, restrictions.length - 1)],
  };
  const keys = "keys" in entry && { keys: keysOf(entry.keys, tokens.length + 1) };
  return { strokes, tokens, learnt, ...restricted, ...keys };
}

function stroke(value: unknown): Int32Array {
  const steps = list(value, 2 * constants.max_points);
  if (!steps.length || steps.length % 2) throw new RangeError("a stroke is not a list of x and y on the grid");
  const placed = new Int32Array(steps.length);
  steps.forEach((step, i) => {
    const place = whole(step, -limits.max_step, limits.max_step) + (placed[i - 2] ?? 0);
    if (place < 0 || place > limits.max_step) throw new RangeError("a stroke is not a list of x and y on the grid");
    placed[i] = place;
  });
  return placed;
}

function keysOf(entry: unknown, count: number): Keys {
  if (!isRecord(entry)) throw new RangeError(`${shown(entry)} are no keys`);
  const width = whole(entry.width, 1, limits.max_width);
  const vectors = fromBase64(text(entry.vectors));
  if (vectors.length && vectors.length !== count * width) {
    throw new RangeError(`${vectors.length} numbers are not ${count} keys of ${width}`);
  }
  return { model: text(entry.model), width, vectors, missed: whole(entry.missed, 0, count) };
}

function toBase64(bytes: Int8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte & 255)).join(""));
}

function fromBase64(coded: string): Int8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(coded) || coded.length % 4) throw new RangeError("the keys are no base64");
  return Int8Array.from(atob(coded), (character) => character.charCodeAt(0));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new RangeError(`${shown(value)} is not a string`);
  if (/\p{Surrogate}/u.test(value)) throw new RangeError("text with half of a character");
  return value;
}

function list(value: unknown, most: number): unknown[] {
  if (!Array.isArray(value) || value.length > most) {
    throw new RangeError(`${shown(value)} is not a list of at most ${most} entries`);
  }
  return value;
}

function whole(value: unknown, low: number, high: number): number {
  if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
    throw new RangeError(`${shown(value)} is not an integer from ${low} to ${high}`);
  }
  return value as number;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 40);
}
