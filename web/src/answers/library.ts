/** Calculations in the notation of the library (nerdamer-prime), and back. Every part is in parentheses on the way in. */

import nerdamer from "nerdamer-prime/all";
import { type Term, term } from "../convert/meaning.ts";
import { evaluate } from "./evaluate.ts";
import { symbolsOf } from "./question.ts";

/** There is no answer: the library cannot say a part, or it is too large to be calculated. */
export class NoAnswer extends Error {}

const MOST_TERMS = 60; // of a sum or a product, which are written out
const LARGEST = 1e60; // of the numbers in a calculation
const MOST_EXPANDED = 12; // exponent of a sum
const MOST_FACTORIAL = 60;
const TIMEOUT = 2000; // ms for each of the library's calculations, as far as it looks at the clock
const FUNCTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    "sin cos tan cot sec csc sinh cosh tanh coth sech csch sqrt abs floor".split(" ").map((name) => [name, name]),
  ),
  ...{ arcsin: "asin", arccos: "acos", arctan: "atan", arsinh: "asinh", arcosh: "acosh", artanh: "atanh" },
  ...{ ln: "log", log: "log", ceil: "ceil", sgn: "sign" },
};
const CONSTANTS: Readonly<Record<string, string>> = { e: "e", pi: "pi", oo: "Infinity" };
const NAMES = new Map(Object.entries(FUNCTIONS).map(([name, text]) => [text, name]));

/** Writes a calculation; integrals, limits and derivatives are calculated on the way. */
export class Library {
  /** The library's names of our symbols: names of its own, such as `i`, mean something else there. */
  private readonly names = new Map<string, string>();

  /** Return the library's text of a calculation. */
  write(found: Term): string {
    const { head, text, parts } = found;
    if (isTooLarge(found)) throw new NoAnswer("too large");
    switch (head) {
      case "number":
        return text;
      case "symbol":
        return this.name(text);
      case "constant":
        return CONSTANTS[text]!;
      case "add":
        return this.joined(parts, "+");
      case "mul":
        return this.joined(parts, "*");
      case "div":
        return this.joined(parts, "/");
      case "neg":
        return `(-${this.write(parts[0]!)})`;
      case "pow":
        return this.power(parts[0]!, parts[1]!);
      case "call":
        return this.call(text, parts);
      case "sum":
      case "product":
        return this.series(found);
      case "integral":
        return this.integral(parts);
      case "limit":
        return this.limit(parts);
      case "derivative":
        return calculated(`diff(${this.all(parts)})`);
    }
    throw new NoAnswer(head);
  }

  /** Return the calculation that the library's text says. */
  read(text: string): Term {
    const names = new Map([...this.names].map(([name, written]) => [written, name]));
    return new Reader(text, names).all();
  }

  private name(text: string): string {
    if (!this.names.has(text)) this.names.set(text, `v${this.names.size}`);
    return this.names.get(text)!;
  }

  private all(parts: readonly Term[]): string {
    return parts.map((part) => this.write(part)).join(",");
  }

  private joined(parts: readonly Term[], sign: string): string {
    return `(${parts.map((part) => this.write(part)).join(sign)})`;
  }

  private power(base: Term, exponent: Term): string {
    const value = evaluate(exponent);
    if (["add", "div", "mul"].includes(base.head) && symbolsOf(base).size && Math.abs(value) > MOST_EXPANDED) {
      throw new NoAnswer("too many terms");
    }
    return `((${this.write(base)})^(${this.write(exponent)}))`;
  }

  private call(name: string, parts: readonly Term[]): string {
    const [first, second] = parts as [Term, Term | undefined];
    if (name === "exp") return `(e^(${this.write(first)}))`;
    if (name === "root") return `((${this.write(first)})^(1/(${this.write(second!)})))`;
    if (name === "lg") return this.logarithm(first, term("number", "10"));
    if (name === "log" && second) return this.logarithm(first, second);
    if (name === "factorial") return `${factorial(first)}`;
    if (name === "binomial") return `${binomial(first, second!)}`;
    if (name === "det") return this.determinant(first.parts.map((row) => row.parts));
    if (!(name in FUNCTIONS) || parts.length !== 1) throw new NoAnswer(name);
    return `${FUNCTIONS[name]}(${this.write(first)})`;
  }

  /** Return a logarithm; the library does not see that one of 8 to the base of 2 is 3. */
  private logarithm(found: Term, base: Term): string {
    const [value, root] = [evaluate(found), evaluate(base)];
    const exponent = Math.round(Math.log(value) / Math.log(root));
    if (Number.isInteger(root) && root ** exponent === value) return `(${exponent})`;
    return `(log(${this.write(found)})/log(${this.write(base)}))`;
  }

  private determinant(rows: readonly (readonly Term[])[]): string {
    const [first, ...rest] = rows;
    if (!first || rows.length > 3 || first.length !== rows.length) throw new NoAnswer("determinant");
    if (!rest.length) return this.write(first[0]!);
    const minors = first.map((cell, i) => {
      const minor = this.determinant(rest.map((row) => row.filter((_, column) => column !== i)));
      return `${i % 2 ? "-" : "+"}(${this.write(cell)})*(${minor})`;
    });
    return `(0${minors.join("")})`;
  }

  private series({ head, parts }: Term): string {
    const [body, variable] = parts as [Term, Term];
    const [first, last] = [whole(parts[2]!), whole(parts[3]!)];
    if (last < first || last - first >= MOST_TERMS) throw new NoAnswer("too many terms");
    const terms = Array.from({ length: last - first + 1 }, (_, i) => {
      const index = first + i;
      const value = term("number", `${Math.abs(index)}`);
      return this.write(replaced(body, variable.text, index < 0 ? term("neg", "", value) : value));
    });
    return `(${terms.join(head === "sum" ? "+" : "*")})`;
  }

  private limit(parts: readonly Term[]): string {
    const [body, variable, point] = parts as [Term, Term, Term];
    const there = replaced(body, variable.text, point);
    // Where the function has a value, the library's limit is slow or rounded.
    if (Number.isFinite(evaluate(there)) && !hasInfinity(point)) return this.write(there);
    return calculated(`limit(${this.all(parts)})`);
  }

  private integral(parts: readonly Term[]): string {
    const [body, variable, from, to] = parts as [Term, Term, Term?, Term?];
    const name = this.write(variable);
    const primitive = calculated(`integrate(${this.write(body)},${name})`);
    if (!from || !to) return primitive;
    const at = (bound: Term): string => {
      if (!Number.isFinite(evaluate(bound)) && !symbolsOf(bound).size) {
        return calculated(`limit(${primitive},${name},${this.write(bound)})`);
      }
      return run(primitive, { [name]: this.write(bound) });
    };
    return `((${at(to)})-(${at(from)}))`;
  }
}

/** Return what the library makes of a text. */
export function calculated(text: string): string {
  const found = run(text);
  if (/integrate|defint|limit|diff|sum|product|NaN|undefined/.test(found)) throw new NoAnswer(found);
  return found;
}

/** Run the library. An error leaves it with the settings of the moment, such as rounding, so they are set each time. */
export function run(text: string, places?: Record<string, string>): string {
  nerdamer.set("PARSE2NUMBER", false);
  nerdamer.set("POSITIVE_MULTIPLIERS", false);
  nerdamer.set("SILENCE_WARNINGS", true);
  nerdamer.set("TIMEOUT", TIMEOUT);
  return nerdamer(text, places).toString();
}

/** Return a term with another one in place of a symbol. */
export function replaced(found: Term, name: string, by: Term): Term {
  if (found.head === "symbol") return found.text === name ? by : found;
  return { ...found, parts: found.parts.map((part) => replaced(part, name, by)) };
}

function isTooLarge(found: Term): boolean {
  return !symbolsOf(found).size && !hasInfinity(found) && Math.abs(evaluate(found)) > LARGEST;
}

function hasInfinity({ head, text, parts }: Term): boolean {
  return (head === "constant" && text === "oo") || parts.some(hasInfinity);
}

function whole(found: Term): number {
  const value = evaluate(found);
  if (!Number.isInteger(value)) throw new NoAnswer("not whole");
  return value;
}

function factorial(found: Term): bigint {
  const n = whole(found);
  if (n < 0 || n > MOST_FACTORIAL) throw new NoAnswer("factorial");
  let product = 1n;
  for (let k = 2n; k <= n; k++) product *= k;
  return product;
}

function binomial(above: Term, below: Term): bigint {
  const [n, k] = [whole(above), whole(below)];
  if (k < 0 || k > n) throw new NoAnswer("binomial");
  const number = (value: number): Term => term("number", `${value}`);
  return factorial(number(n)) / (factorial(number(k)) * factorial(number(n - k)));
}

/** Reads the library's text. */
class Reader {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(
    text: string,
    private readonly names: ReadonlyMap<string, string>,
  ) {
    this.tokens = text.match(/[\d.]+(e[+-]?\d+)?|[A-Za-z]\w*|\S/g) ?? [];
  }

  all(): Term {
    const found = this.sum();
    if (this.at < this.tokens.length) throw new NoAnswer(this.tokens[this.at]);
    return found;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private sum(): Term {
    const terms = [this.product()];
    for (;;) {
      if (this.take("+")) terms.push(this.product());
      else if (this.take("-")) terms.push(term("neg", "", this.product()));
      else return terms.length > 1 ? term("add", "", ...terms) : terms[0]!;
    }
  }

  private product(): Term {
    let found = this.signed();
    for (;;) {
      if (this.take("*")) found = term("mul", "", found, this.signed());
      else if (this.take("/")) found = term("div", "", found, this.signed());
      else return found;
    }
  }

  private signed(): Term {
    return this.take("-") ? term("neg", "", this.signed()) : this.power();
  }

  private power(): Term {
    const base = this.atom();
    return this.take("^") ? term("pow", "", base, this.signed()) : base;
  }

  private atom(): Term {
    const token = this.tokens[this.at++];
    if (token === "(") return this.closed();
    if (!token || !/^\w/.test(token)) throw new NoAnswer("unreadable");
    if (/^\d+$/.test(token)) return term("number", token);
    const constant = Object.entries(CONSTANTS).find(([, text]) => text === token);
    if (constant) return term("constant", constant[0]);
    const name = this.names.get(token);
    if (name !== undefined) return term("symbol", name);
    const called = NAMES.get(token);
    if (!called || !this.take("(")) throw new NoAnswer(token);
    return term("call", called, this.closed());
  }

  private closed(): Term {
    const found = this.sum();
    if (!this.take(")")) throw new NoAnswer("unreadable");
    return found;
  }
}
