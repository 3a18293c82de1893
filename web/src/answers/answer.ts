/**
 * The answer to a formula that expects one, in the form that Python gives it: `14` for `2+3\cdot4=`.
 *
 * A library calculates, and what it finds is compared with the formula's own values (evaluate.ts). What does not agree,
 * or cannot be compared, is no answer.
 */

import { DECIMAL_COMMA } from "../convert/decimal-comma.ts";
import { treeOf } from "../convert/formula.ts";
import { meaning, type Term, term } from "../convert/meaning.ts";
import { canonical } from "../recognizer/latex.ts";
import { evaluate, isClose, type Places, tends } from "./evaluate.ts";
import { latexOf, rationalOf, symbol } from "./latex.ts";
import { calculated, Library, NoAnswer, run } from "./library.ts";
import { question, symbolsOf } from "./question.ts";
import { hasOtherRoots } from "./roots.ts";

const DIGITS = 8; // of a decimal
const MOST_ROOTS = 6;
const LONGEST = 200; // characters of an answer
const MOST_PARTS = 150; // of a calculation
const POINTS = [1.4, 2.43, 3.44, 0.37, 0.71, -0.6, 5.3, -1.7];
const FEWEST_POINTS = 3;
/** A fraction with a large denominator. */
const LARGE = /\\frac\{[^{}]*\}\{[^{}]*\d{6}/;

/**
 * Return the answer to a formula as LaTeX, undefined if it expects none or if there is none that can be checked.
 *
 * @param tokens Canonical tokens, such as those of a candidate, perhaps with decimal commas. A formula can take for ever: run this in a worker.
 */
export function answer(tokens: readonly string[]): string | undefined {
  try {
    const asked = question(treeOf(tokens));
    if (!asked || sizeOf(asked.term) > MOST_PARTS) return undefined;
    const found = asked.kind === "value" ? value(asked.term) : roots(asked.term);
    if (found === undefined || found.length > LONGEST) return undefined;
    if (saysTheSame(found, asked.term)) return undefined;
    return tokens.includes(DECIMAL_COMMA) ? found.replace(/(?<=\d)\.(?=\d)/g, DECIMAL_COMMA) : found;
  } catch {
    return undefined; // whatever stops the library, there is no answer
  }
}

/** Return whether an answer is what stands in the formula: `12` for `12=`, `\sin{\left(x \right)}` for `\sin x=`. */
function saysTheSame(found: string, asked: Term): boolean {
  try {
    return JSON.stringify(meaning(treeOf(canonical(found)))) === JSON.stringify(asked);
  } catch {
    return false; // what is no calculation, such as a number with its decimals, is not in the formula
  }
}

function sizeOf({ parts }: Term): number {
  return parts.reduce((size, part) => size + sizeOf(part), 1);
}

function hasDecimal({ head, text, parts }: Term): boolean {
  return (head === "number" && text.includes(".")) || parts.some(hasDecimal);
}

// --- values

function value(asked: Term): string | undefined {
  const library = new Library();
  const text = library.write(asked);
  const forms = [text, `expand(${text})`, `simplify(${text})`].flatMap((form) => {
    try {
      const found = library.read(calculated(form));
      return [{ found, latex: latexOf(found) }];
    } catch {
      return []; // the other forms may be possible
    }
  });
  const isNumber = free(asked).size === 0;
  const agrees = isNumber ? isValue : isSame;
  forms.sort((a, b) => a.latex.length - b.latex.length);
  const best = forms.find(
    ({ found, latex }) => agrees(asked, found) && !isRounding(asked, latex) && isReadAs(latex, found),
  );
  if (!best || !isNumber) return hasDecimal(asked) && !isNumber ? undefined : best?.latex;
  const isExact = /^-?(\d+|\\infty|\\frac\{\d+\}\{\d+\})$/.test(best.latex.replace(/^- /, "-"));
  if (isExact && !hasDecimal(asked)) return best.latex;
  const rounded = decimal(evaluate(best.found));
  if (rounded === undefined) return undefined;
  return hasDecimal(asked) ? rounded : `${best.latex}\\approx ${rounded}`;
}

/** Return whether a fraction may be how the library writes a rounded number. */
function isRounding(asked: Term, latex: string): boolean {
  const exactly = rationalOf(asked)?.join("/");
  return LARGE.test(latex) && latex.replace(/^(-? ?)\\frac\{(\d+)\}\{(\d+)\}$/, "$1$2/$3").replace(" ", "") !== exactly;
}

/** Return whether LaTeX is read as the calculation that it was written for. */
function isReadAs(latex: string, found: Term): boolean {
  if (latex.includes("operatorname")) return true; // is read as letters
  const reread = meaning(treeOf(canonical(latex)));
  const isNumber = symbolsOf(found).size === 0;
  return isNumber ? Object.is(evaluate(reread), evaluate(found)) || isValue(found, reread) : isSame(found, reread);
}

/** Return a number with few digits, undefined if it is too large or small to be read. */
function decimal(found: number): string | undefined {
  const rounded = Number(found.toPrecision(DIGITS));
  const size = Math.abs(rounded);
  return size === 0 || (size >= 1e-4 && size < 10 ** DIGITS) ? `${rounded}` : undefined;
}

/** Return the symbols that a calculation depends on. */
function free(found: Term): Set<string> {
  const { head, parts } = found;
  const isBound = ["sum", "product", "limit"].includes(head) || (head === "integral" && parts.length === 4);
  const own = parts.flatMap((part, i) =>
    [...free(part)].filter((name) => !(isBound && i < 2 && name === parts[1]!.text)),
  );
  return new Set([...(head === "symbol" ? [found.text] : []), ...own]);
}

/** Return whether a number is the value of a calculation. */
function isValue(asked: Term, found: Term): boolean {
  if (symbolsOf(found).size) return false;
  const number = evaluate(found);
  if (asked.head === "limit") return tends(asked, number);
  return Number.isFinite(number) && isClose(evaluate(asked), number);
}

/** Return whether two calculations have the same values. An antiderivative is compared by its derivative. */
function isSame(asked: Term, found: Term): boolean {
  if (asked.head === "integral" && asked.parts.length === 2) {
    const [body, variable] = asked.parts as [Term, Term];
    return isSame(body, term("derivative", "", found, variable, term("number", "1")));
  }
  const names = [...new Set([...symbolsOf(asked), ...symbolsOf(found)])].sort();
  const derived = [asked, found].some(({ head }) => head === "derivative");
  const order = asked.head === "derivative" ? Number(asked.parts[2]!.text) : 1;
  const tolerance = derived ? 10 ** (-9 + 2 * order) : 1e-9;
  let compared = 0;
  for (const point of POINTS) {
    const places: Places = new Map(names.map((name, i) => [name, point + i / 3]));
    const [a, b] = [evaluate(asked, places), evaluate(found, places)];
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
    if (!isClose(a, b, tolerance)) return false;
    compared++;
  }
  return compared >= FEWEST_POINTS;
}

// --- roots

function roots(equation: Term): string | undefined {
  const [left, right] = equation.parts as [Term, Term];
  const [name] = symbolsOf(equation);
  const library = new Library();
  const difference = `(${library.write(left)})-(${library.write(right)})`;
  const variable = library.write(term("symbol", name!));
  const found = split(run(`solve(${difference},${variable})`)).flatMap((text) => {
    if (/\bi\b/.test(text)) return []; // not real
    const root = library.read(run(text));
    const at = evaluate(root);
    return Number.isFinite(at) ? [{ root, at }] : [];
  });
  const sorted = found.sort((a, b) => a.at - b.at).filter(({ at }, i, all) => !i || !isClose(at, all[i - 1]!.at));
  if (!sorted.length || sorted.length > MOST_ROOTS) return undefined;
  const f = (x: number): number => {
    const places = new Map([[name!, x]]);
    return evaluate(left, places) - evaluate(right, places);
  };
  if (!sorted.every(({ at }) => Math.abs(f(at)) <= 1e-9)) return undefined;
  if (
    hasOtherRoots(
      f,
      sorted.map(({ at }) => at),
    )
  )
    return undefined;
  const isRounded = hasDecimal(equation);
  const texts = sorted.map(({ root, at }) => (isRounded ? decimal(at) : exact(root)));
  return texts.includes(undefined) ? undefined : texts.map((text) => `${symbol(name!)}=${text}`).join(",");
}

/** Return the texts in the library's list. */
function split(list: string): string[] {
  const inside = /^\[(.*)\]$/.exec(list)?.[1];
  if (inside === undefined || inside.includes("[")) throw new NoAnswer(list);
  return inside ? inside.split(",") : [];
}

/** Return LaTeX of a root, undefined if the library has rounded it. */
function exact(root: Term): string | undefined {
  const latex = latexOf(root);
  return LARGE.test(latex) || !isReadAs(latex, root) ? undefined : latex;
}
