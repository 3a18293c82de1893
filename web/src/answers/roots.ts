/** Look for the real roots of a function, to know whether a list of them is whole. */

/** Where functions are looked at: closely around 0, and ever more widely up to a million. */
const PLACES = [...scale(-1), 0, ...scale(1)].sort((a, b) => a - b);

function scale(sign: number): number[] {
  const near = Array.from({ length: 1000 }, (_, i) => (i + 0.5137) * 0.05);
  const small = Array.from({ length: 200 }, (_, i) => 10 ** (-6 + i / 45)).filter((x) => x < 0.02);
  const far = Array.from({ length: 300 }, (_, i) => 50.1 * 10 ** (i / 69));
  return [...small, ...near, ...far].map((x) => sign * x);
}

/** Return whether a function seems to have a root that is not among those known. */
export function hasOtherRoots(f: (x: number) => number, known: readonly number[]): boolean {
  const isKnown = (x: number): boolean =>
    known.some((root) => Math.abs(x - root) <= 1e-4 * Math.max(1, Math.abs(root)));
  const values = PLACES.map(f);
  for (let i = 1; i < PLACES.length; i++) {
    const [a, b] = [PLACES[i - 1]!, PLACES[i]!];
    const [left, right] = [values[i - 1]!, values[i]!];
    if (left === 0 && !isKnown(a)) return true;
    if (left * right < 0 && Number.isFinite(left * right)) {
      const root = bisected(f, a, b);
      if (Math.abs(f(root)) <= 1e-6 * Math.max(Math.abs(left), Math.abs(right)) && !isKnown(root)) return true;
    }
    const next = values[i + 1] ?? NaN;
    const isLow = left * right > 0 && right * next > 0 && Math.abs(right) <= Math.min(Math.abs(left), Math.abs(next));
    if (isLow && touches(f, a, PLACES[i + 1]!, isKnown)) return true;
  }
  return false;
}

function bisected(f: (x: number) => number, from: number, to: number): number {
  const sign = Math.sign(f(from));
  let [a, b] = [from, to];
  for (let i = 0; i < 80; i++) {
    const middle = (a + b) / 2;
    if (Math.sign(f(middle)) === sign) a = middle;
    else b = middle;
  }
  return Math.abs(f(a)) < Math.abs(f(b)) ? a : b;
}

/** Return whether a function touches 0 between two places, where it is lower than at them. */
function touches(f: (x: number) => number, from: number, to: number, isKnown: (x: number) => boolean): boolean {
  let [a, b] = [from, to];
  for (let i = 0; i < 60; i++) {
    const [left, right] = [a + (b - a) / 3, b - (b - a) / 3];
    if (Math.abs(f(left)) < Math.abs(f(right))) b = right;
    else a = left;
  }
  const lowest = (a + b) / 2;
  const scale = Math.max(Math.abs(f(from)), Math.abs(f(to)));
  return Number.isFinite(scale) && Math.abs(f(lowest)) <= 1e-10 * scale && !isKnown(lowest);
}
