/** The value of a calculation at a place, in double precision: what answers are checked by. */

import type { Term } from "../convert/meaning.ts";

/** The values of symbols. */
export type Places = ReadonlyMap<string, number>;

const NOWHERE: Places = new Map();
const MOST_TERMS = 1000; // of a sum
const STEP = 2e-4; // of a derivative
const CONSTANTS: Readonly<Record<string, number>> = { e: Math.E, pi: Math.PI, oo: Infinity };
const CALLS: Readonly<Record<string, (...values: number[]) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  cot: (x) => 1 / Math.tan(x),
  sec: (x) => 1 / Math.cos(x),
  csc: (x) => 1 / Math.sin(x),
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  coth: (x) => 1 / Math.tanh(x),
  sech: (x) => 1 / Math.cosh(x),
  csch: (x) => 1 / Math.sinh(x),
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  arsinh: Math.asinh,
  arcosh: Math.acosh,
  artanh: Math.atanh,
  exp: Math.exp,
  ln: Math.log,
  log: (x, base) => (base === undefined ? Math.log(x) : Math.log(x) / Math.log(base)),
  lg: Math.log10,
  sqrt: Math.sqrt,
  root: (x, n) => x ** (1 / n!),
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  sgn: Math.sign,
  max: Math.max,
  min: Math.min,
  factorial: (n) => (Number.isInteger(n) && n >= 0 && n < 171 ? product(1, n, (k) => k) : NaN),
  binomial: (n, k) => (Number.isInteger(k) && k! >= 0 && k! < 171 ? product(1, k!, (i) => (n - k! + i) / i) : NaN),
};

/** Return the value of a calculation, NaN if it has none that is real, finite and known here. */
export function evaluate(term: Term, places: Places = NOWHERE): number {
  const { head, text, parts } = term;
  const at = (i: number): number => evaluate(parts[i]!, places);
  switch (head) {
    case "number":
      return Number(text);
    case "symbol":
      return places.get(text) ?? NaN;
    case "constant":
      return CONSTANTS[text] ?? NaN;
    case "add":
      return parts.reduce((sum, part) => sum + evaluate(part, places), 0);
    case "mul":
      return parts.reduce((found, part) => found * evaluate(part, places), 1);
    case "neg":
      return -at(0);
    case "div":
      return at(1) === 0 ? NaN : at(0) / at(1);
    case "pow":
      return power(at(0), at(1));
    case "call":
      return text === "det" ? determinant(parts[0]!, places) : (CALLS[text]?.(...parts.map((_, i) => at(i))) ?? NaN);
    case "sum":
    case "product":
      return series(term, places);
    case "integral":
      return parts.length === 4 ? integral((x) => evaluate(parts[0]!, placed(term, places, x)), at(2), at(3)) : NaN;
    case "derivative":
      return derivative(term, places, Number(parts[2]!.text));
  }
  return NaN;
}

/** Return the places with a value of a term's own variable. */
function placed({ parts }: Term, places: Places, value: number): Places {
  return new Map(places).set(parts[1]!.text, value);
}

function power(base: number, exponent: number): number {
  if (base === 0 && exponent <= 0) return NaN; // 0^0 differs from tool to tool
  return base ** exponent;
}

function product(first: number, last: number, factor: (k: number) => number): number {
  let found = 1;
  for (let k = first; k <= last; k++) found *= factor(k);
  return found;
}

function determinant(matrix: Term, places: Places): number {
  const size = matrix.parts.length;
  if (size > 3 || matrix.parts.some((row) => row.parts.length !== size)) return NaN;
  const rows = matrix.parts.map((row) => row.parts.map((cell) => evaluate(cell, places)));
  const of = (row: number, columns: readonly number[]): number =>
    columns.reduce((sum, column, i) => {
      const rest = columns.filter((other) => other !== column);
      return sum + (i % 2 ? -1 : 1) * rows[row]![column]! * (rest.length ? of(row + 1, rest) : 1);
    }, 0);
  return of(0, [...rows.keys()]);
}

function series(term: Term, places: Places): number {
  const [first, last] = [evaluate(term.parts[2]!, places), evaluate(term.parts[3]!, places)];
  if (!Number.isInteger(first) || !Number.isInteger(last) || last - first >= MOST_TERMS || last < first) return NaN;
  let found = term.head === "sum" ? 0 : 1;
  for (let k = first; k <= last; k++) {
    const value = evaluate(term.parts[0]!, placed(term, places, k));
    found = term.head === "sum" ? found + value : found * value;
  }
  return found;
}

/** Return a derivative by five points. */
function derivative(term: Term, places: Places, order: number): number {
  const at = places.get(term.parts[1]!.text) ?? NaN;
  const step = STEP * 2 ** (3 * (order - 1)) * Math.max(1, Math.abs(at));
  const f = (x: number): number => {
    const there = placed(term, places, x);
    return order > 1 ? derivative(term, there, order - 1) : evaluate(term.parts[0]!, there);
  };
  if (!(order >= 1 && order <= 3)) return NaN;
  return (f(at - 2 * step) - 8 * f(at - step) + 8 * f(at + step) - f(at + 2 * step)) / (12 * step);
}

/** Return a definite integral by the tanh-sinh rule, NaN if finer steps change it. */
export function integral(f: (x: number) => number, from: number, to: number): number {
  if (from === -Infinity && to === Infinity) return integral(f, from, 0) + integral(f, 0, to);
  if (to === Infinity) return halfLine((x) => f(from + x));
  if (from === -Infinity) return halfLine((x) => f(to - x));
  const [middle, half] = [(from + to) / 2, (to - from) / 2];
  // An end, where the function may be infinite, is never reached: its distance is computed, not a difference.
  const weighted = (t: number): number => {
    const u = (Math.PI / 2) * Math.sinh(t);
    const rest = 2 / (1 + Math.exp(2 * Math.abs(u))); // distance from the nearer end, in halves
    const x = u < 0 ? from + half * rest : to - half * rest;
    if (x === from || x === to) return 0;
    return (f(u === 0 ? middle : x) * half * (Math.PI / 2) * Math.cosh(t)) / Math.cosh(u) ** 2;
  };
  return settled(weighted, 3.6);
}

function halfLine(f: (x: number) => number): number {
  return settled((t) => {
    const x = Math.exp((Math.PI / 2) * Math.sinh(t));
    const weight = x * (Math.PI / 2) * Math.cosh(t);
    return f(x) * weight || 0;
  }, 4);
}

/** Return an integral over [-reach, reach] by the trapezoidal rule with finer and finer steps until it settles. */
function settled(f: (t: number) => number, reach: number): number {
  let before = NaN;
  for (let points = 32; points <= 1024; points *= 2) {
    const step = reach / points;
    let sum = 0;
    for (let i = -points; i <= points; i++) sum += f(i * step);
    const found = sum * step;
    if (isClose(found, before, 1e-11)) return found;
    before = found;
  }
  return NaN;
}

/** Return whether two numbers are finite and agree. */
export function isClose(a: number, b: number, tolerance = 1e-9): boolean {
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
}

/** Return whether a limit is this number: nearer and nearer places have values that are nearer and nearer to it. */
export function tends(limit: Term, target: number): boolean {
  const point = evaluate(limit.parts[2]!);
  const sides = { "limit+": [1], "limit-": [-1] }[limit.head + limit.text] ?? [1, -1];
  const to = Number.isFinite(point) ? sides : [Math.sign(point)];
  return to.every((side) => {
    const values = [2, 3, 4, 5].map((digits) => {
      const x = Number.isFinite(point) ? point + side * 10 ** -digits : side * 10 ** digits;
      return evaluate(limit.parts[0]!, placed(limit, NOWHERE, x));
    });
    if (values.some((value) => Number.isNaN(value))) return false;
    const steps = values.slice(1).map((value, i) => [values[i]!, value] as const);
    if (!Number.isFinite(target)) {
      const sign = Math.sign(target);
      return steps.every(([last, next]) => sign * next > 2 * sign * last && sign * last > 0);
    }
    const [far, near] = [1e-6, 2e-2].map((share) => share * Math.max(1, Math.abs(target)));
    const shrinks = steps.every(([last, next]) => {
      return Math.abs(next - target) <= Math.max(far!, 0.5 * Math.abs(last - target));
    });
    return shrinks && Math.abs(values.at(-1)! - target) <= near!;
  });
}
