/** Answers as LaTeX, in the form that SymPy gives them: rational factors first, whole radicands, highest powers first. */

import { type Term, term } from "../convert/meaning.ts";
import { evaluate } from "./evaluate.ts";
import { NoAnswer } from "./library.ts";
import { symbolsOf } from "./question.ts";

/** A rational number times powers. */
interface Product {
  above: bigint;
  below: bigint;
  powers: Power[];
}

interface Power {
  base: Term;
  exponent: Term;
}

const COMMANDS = new Set("sin cos tan cot sec csc sinh cosh tanh coth log".split(" "));
const OTHERS: Readonly<Record<string, string>> = { ln: "log", arsinh: "asinh", arcosh: "acosh", artanh: "atanh" };
const ONE = term("number", "1");

/** Return LaTeX of a calculation that the library gave. */
export function latexOf(found: Term): string {
  const terms = termsOf(found).map((part) => ({ part, product: productOf(part) }));
  terms.sort((a, b) => order(a.part, b.part));
  return terms.reduce((text, { product }) => {
    if (text) return `${text} ${product.above < 0n ? "-" : "+"} ${written(absolute(product))}`;
    return product.above < 0n ? `- ${written(absolute(product))}`.replace(/^- (?=\d+$)/, "-") : written(product);
  }, "");
}

function absolute(product: Product): Product {
  return product.above < 0n ? { ...product, above: -product.above } : product;
}

/** Return the terms of a sum, without those that are zero. */
function termsOf(found: Term): Term[] {
  if (found.head === "add") return found.parts.flatMap(termsOf);
  if (found.head === "neg") return termsOf(found.parts[0]!).map((part) => term("neg", "", part));
  return [found];
}

/** Sort terms as SymPy does: by powers of the letters, the highest first, then numbers by their values. */
function order(a: Term, b: Term): number {
  const names = [...new Set([...symbolsOf(a), ...symbolsOf(b)])].sort();
  for (const name of names) {
    const difference = degree(b, name) - degree(a, name);
    if (difference) return difference;
  }
  if (names.length) return Number(!symbolsOf(a).size) - Number(!symbolsOf(b).size);
  return evaluate(a) - evaluate(b);
}

/** Return the exponent of a letter in a product; what is inside a function does not count. */
function degree(found: Term, name: string): number {
  const power = productOf(found).powers.find(({ base }) => base.head === "symbol" && base.text === name);
  const value = power ? evaluate(power.exponent) : 0;
  return Number.isNaN(value) ? 0.5 : value;
}

// --- products

function productOf(found: Term): Product {
  const product: Product = { above: 1n, below: 1n, powers: [] };
  multiply(product, found, ONE);
  mergeRoots(product);
  const divisor = gcd(product.above, product.below);
  return { ...product, above: product.above / divisor, below: product.below / divisor };
}

/** Multiply a product by a power. */
function multiply(product: Product, base: Term, exponent: Term): void {
  const [first, second] = base.parts as [Term, Term];
  const isWhole = rationalOf(exponent)?.[1] === 1n;
  // (xy)^{1/2} is x^{1/2}y^{1/2} for positive numbers only.
  if (!isWhole && base.head !== "number" && !isPositive(base)) return add(product, base, exponent);
  if (base.head === "mul") return base.parts.forEach((part) => multiply(product, part, exponent));
  if (base.head === "div") {
    multiply(product, first, exponent);
    return multiply(product, second, negated(exponent));
  }
  if (base.head === "neg" && isWhole) {
    if (rationalOf(exponent)![0] % 2n) product.above = -product.above;
    return multiply(product, first, exponent);
  }
  if (base.head === "pow") return multiply(product, first, times(second, exponent));
  if (base.head === "call" && base.text === "sqrt") {
    return multiply(product, first, times(term("div", "", ONE, term("number", "2")), exponent));
  }
  const rational = rationalOf(exponent);
  if (base.head === "number" && rational) return numberPower(product, BigInt(base.text), ...rational);
  add(product, base, exponent);
}

function isPositive(found: Term): boolean {
  return symbolsOf(found).size === 0 && !hasNegative(found) && evaluate(found) > 0;
}

function hasNegative({ head, parts }: Term): boolean {
  return head === "neg" || parts.some(hasNegative);
}

/** Multiply by a whole number to a rational power: the whole part of the exponent becomes a factor. */
function numberPower(product: Product, base: bigint, above: bigint, below: bigint): void {
  if (base === 0n) {
    if (above < 0n) throw new NoAnswer("division by zero");
    product.above = 0n;
    return;
  }
  const rest = ((above % below) + below) % below;
  const whole = (above - rest) / below;
  if (whole >= 0n) product.above *= base ** whole;
  else product.below *= base ** -whole;
  if (rest) add(product, term("number", `${base}`), fraction(rest, below));
}

function add(product: Product, base: Term, exponent: Term): void {
  const same = product.powers.find((power) => equal(power.base, base));
  if (!same) return void product.powers.push({ base, exponent });
  product.powers.splice(product.powers.indexOf(same), 1);
  const sum = plus(same.exponent, exponent);
  const rational = rationalOf(sum);
  if (base.head === "number" && rational) return numberPower(product, BigInt(base.text), ...rational);
  if (rational?.[0] !== 0n) product.powers.push({ base, exponent: sum });
}

/** Make the square roots of numbers one root without square factors. */
function mergeRoots(product: Product): void {
  const isRoot = ({ base, exponent }: Power): boolean =>
    base.head === "number" && rationalOf(exponent)?.join("/") === "1/2";
  const roots = product.powers.filter(isRoot);
  if (!roots.length) return;
  let radicand = roots.reduce((found, { base }) => found * BigInt(base.text), 1n);
  product.powers = product.powers.filter((power) => !isRoot(power));
  for (let k = 2n; k * k <= radicand && k < 1000n; k++) {
    while (radicand % (k * k) === 0n) {
      radicand /= k * k;
      product.above *= k;
    }
  }
  if (radicand > 1n) product.powers.push({ base: term("number", `${radicand}`), exponent: fraction(1n, 2n) });
}

/** Return a rational number as numerator and denominator, undefined for other terms. */
export function rationalOf({ head, text, parts }: Term): [bigint, bigint] | undefined {
  if (head === "number") return /^\d+$/.test(text) ? [BigInt(text), 1n] : undefined;
  const values = parts.map(rationalOf);
  const [a, b] = values;
  if (!a || values.includes(undefined)) return undefined;
  const all = values as [bigint, bigint][];
  if (head === "neg") return [-a[0], a[1]];
  if (head === "div" && b?.[0]) return reduced(a[0] * b[1], a[1] * b[0]);
  if (head === "mul") return all.reduce((x, y) => reduced(x[0] * y[0], x[1] * y[1]));
  if (head === "add") return all.reduce((x, y) => reduced(x[0] * y[1] + y[0] * x[1], x[1] * y[1]));
  return undefined;
}

function reduced(above: bigint, below: bigint): [bigint, bigint] {
  const divisor = gcd(above, below) * (below < 0n ? -1n : 1n);
  return [above / divisor, below / divisor];
}

function gcd(a: bigint, b: bigint): bigint {
  const found = b === 0n ? a : gcd(b, a % b);
  return found < 0n ? -found : found;
}

function fraction(above: bigint, below: bigint): Term {
  const size = term("number", `${above < 0n ? -above : above}`);
  const positive = below === 1n ? size : term("div", "", size, term("number", `${below}`));
  return above < 0n ? term("neg", "", positive) : positive;
}

function simple(found: Term): Term {
  const rational = rationalOf(found);
  return rational ? fraction(...rational) : found;
}

function times(a: Term, b: Term): Term {
  if (equal(a, ONE)) return b;
  return equal(b, ONE) ? a : simple(term("mul", "", a, b));
}

function plus(a: Term, b: Term): Term {
  return simple(term("add", "", a, b));
}

function negated(found: Term): Term {
  return simple(found.head === "neg" ? found.parts[0]! : term("neg", "", found));
}

function equal(a: Term, b: Term): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

// --- text

/** Return LaTeX of a product whose sign is not written. */
function written({ above, below, powers }: Product): string {
  const sorted = [...powers].sort((a, b) => rank(a) - rank(b) || (name(a) < name(b) ? -1 : 1));
  const isBelow = ({ base, exponent }: Power): boolean => isNegative(exponent) && !equal(base, term("constant", "e"));
  const over = sorted
    .filter((power) => !isBelow(power))
    .map((power) => powered(power, powers.length + Number(above > 1n)));
  const under = sorted.filter(isBelow).map(({ base, exponent }) => {
    return powered({ base, exponent: negated(exponent) }, sorted.filter(isBelow).length + Number(below > 1n));
  });
  if (above !== 1n || !over.length) over.unshift(`${above}`);
  if (below !== 1n) under.unshift(`${below}`);
  return under.length ? `\\frac{${over.join(" ")}}{${under.join(" ")}}` : over.join(" ");
}

function isNegative(exponent: Term): boolean {
  return exponent.head === "neg" || evaluate(exponent) < 0;
}

function name({ base }: Power): string {
  return base.head === "number" ? base.text.padStart(30, "0") : base.text;
}

/** The place of a factor: numbers, constants, letters, sums, exponentials, functions. */
function rank({ base }: Power): number {
  if (base.head === "constant") return base.text === "e" ? 4 : 1;
  return { number: 0, symbol: 2, add: 3 }[base.head] ?? 5;
}

function powered({ base, exponent }: Power, factors: number): string {
  const rational = rationalOf(exponent);
  const isPlain = ["number", "symbol", "constant", "call"].includes(base.head);
  if (rational?.join("/") === "1/1") return !isPlain && factors > 1 ? bracketed(latexOf(base)) : atom(base);
  if (rational && rational[0] === 1n) {
    const index = rational[1] === 2n ? "" : `[${rational[1]}]`;
    return `\\sqrt${index}{${atom(base)}}`;
  }
  const above = `^{${latexOf(exponent)}}`;
  if (base.head === "call" && base.text !== "abs") return called(base, above);
  return `${isPlain ? atom(base) : bracketed(latexOf(base))}${above}`;
}

function bracketed(latex: string): string {
  return `\\left(${latex}\\right)`;
}

function atom(found: Term): string {
  if (found.head === "number") return found.text;
  if (["add", "mul", "div", "neg", "pow"].includes(found.head)) return latexOf(found);
  if (found.head === "constant") return { e: "e", pi: "\\pi", oo: "\\infty" }[found.text]!;
  if (found.head === "symbol") return symbol(found.text);
  if (found.head === "call") return called(found, "");
  throw new NoAnswer(found.head);
}

/** Return LaTeX of a symbol's name: `alpha_1` is `\alpha_{1}`. */
export function symbol(name: string): string {
  const [letter, ...sub] = name.split("_");
  const written = letter!.length > 1 ? `\\${letter}` : letter!;
  return sub.length ? `${written}_{${sub.join("")}}` : written;
}

function called({ text, parts }: Term, power: string): string {
  const inside = latexOf(parts[0]!);
  if (text === "abs") return `\\left|{${inside}}\\right|${power}`;
  const name = OTHERS[text] ?? text.replace(/^arc/, "a");
  const command = COMMANDS.has(name) ? `\\${name}` : `\\operatorname{${name}}`;
  return `${command}${power}{\\left(${inside} \\right)}`;
}
