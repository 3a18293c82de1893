/** Read a formula as a calculation, for SymPy and Python. docs/convert.md lists the conventions. */

import type { Fence, Item, Row, Scripts, Table } from "./formula.ts";
import { argumentEnd, core, grouped, primes, tokenOf } from "./grouping.ts";
import { ConversionError, tables } from "./tables.ts";

/** A part of a calculation: what it is, its number or name, and the parts it is made of. */
export interface Term {
  head: string;
  text: string;
  parts: readonly Term[];
}

const { constants, fenced, integrals, inverse, marked, relations, sums, ...lists } = tables.meaning;
const functions = new Set(lists.functions);
const letters = new Set(lists.letters);

/** Return a term. */
export function term(head: string, text = "", ...parts: Term[]): Term {
  return { head, text, parts };
}

function equal(a: Term, b: Term): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Return the calculation that a tree shows. */
export function meaning(row: Row): Term {
  const found = read(grouped(row));
  return substituted(found, new Map(derived(found).map((applied) => [applied.text, applied])));
}

/** Return the functions in derivatives. */
function derived({ head, parts }: Term): Term[] {
  const own = head === "derivative" && parts[0]!.head === "apply" ? [parts[0]!] : [];
  return [...own, ...parts.flatMap(derived)];
}

/** Return a term with y(x) in place of y, if a derivative says that y is a function of x. */
function substituted(found: Term, applied: ReadonlyMap<string, Term>): Term {
  if (found.head === "symbol") return applied.get(found.text) ?? found;
  return { ...found, parts: found.parts.map((part) => substituted(part, applied)) };
}

/** Return the body of a sum with elements of sequences, `x_i` in a sum over i, in place of symbols. */
function indexed(found: Term, index: Term): Term {
  const [name, sub] = /^([^_]*)_?(.*)$/s.exec(found.text)!.slice(1) as [string, string];
  if (found.head === "symbol" && sub.match(/[A-Za-z]+/g)?.includes(index.text)) {
    if (sub === index.text) return term("element", name, index);
    const where = `${found.text} in a sum over ${index.text}`;
    throw new ConversionError(`${where} is no calculation: write one index, as in x_i`);
  }
  return { ...found, parts: found.parts.map((part) => indexed(part, index)) };
}

function read(items: Row): Term {
  const reader = new Reader(items);
  const found = reader.list();
  if (reader.next) throw noMeaning(reader.next);
  return found;
}

function noMeaning(item: Item | undefined, wayOut = "write it as LaTeX, MathML or Typst"): ConversionError {
  return new ConversionError(`${shown(core(item))} is no calculation: ${wayOut}`);
}

function shown(base: Item | undefined): string {
  if (!base) return "an unfinished formula";
  if (base.kind === "symbol") return base.token;
  if (base.kind === "name" || base.kind === "number") return base.text;
  return base.kind === "fence" ? `${base.left} ${base.right}` : `the ${base.kind}`;
}

/** Reads the items of a row from left to right. */
class Reader {
  private at = 0;

  constructor(private readonly items: Row) {}

  get next(): Item | undefined {
    return this.items[this.at];
  }

  /** Take the next item if it is one of these symbols; return its token or "". */
  private take(...tokens: readonly string[]): string {
    const token = tokenOf(this.next);
    if (!token || !tokens.includes(token)) return "";
    this.at++;
    return token;
  }

  // --- operators, the weakest first

  list(): Term {
    const terms = [this.relation()];
    while (this.take(",")) terms.push(this.relation());
    return terms.length === 1 ? terms[0]! : term("list", "", ...terms);
  }

  private relation(): Term {
    let left = this.sum();
    const found: Term[] = [];
    for (let sign = this.take(...Object.keys(relations)); sign; sign = this.take(...Object.keys(relations))) {
      const right = this.sum();
      found.push(term("relation", relations[sign], left, right));
      left = right;
    }
    return found.length > 1 ? term("call", "and", ...found) : (found[0] ?? left);
  }

  private sum(): Term {
    const signed = (sign: string): Term => {
      const found = this.product();
      return sign === "-" ? term("neg", "", found) : found;
    };
    const terms = [signed(this.take("+", "-"))];
    for (let sign = this.take("+", "-"); sign; sign = this.take("+", "-")) terms.push(signed(sign));
    return terms.length === 1 ? terms[0]! : term("add", "", ...terms);
  }

  private product(): Term {
    let factors = [this.factor()];
    while (this.next) {
      if (this.take(...lists.over)) {
        factors = [term("div", "", product(factors), this.factor())];
      } else if (this.take(...lists.times)) {
        factors.push(this.factor());
      } else if (this.next.kind === "name" && this.next.text === "mod") {
        this.at++;
        factors = [term("call", "mod", product(factors), this.factor())];
      } else if (this.beginsFactor()) {
        factors.push(this.factor());
      } else {
        break;
      }
    }
    return product(factors);
  }

  private beginsFactor(): boolean {
    const base = core(this.next);
    const token = tokenOf(base);
    if (token) return letters.has(token) || token in constants || token in integrals || token in sums;
    return base?.kind !== "table";
  }

  private factor(): Term {
    if (this.take("-")) return term("neg", "", this.factor());
    let found = this.atom();
    while (this.take("!")) found = term("call", "factorial", found);
    return found;
  }

  // --- factors

  private atom(): Term {
    const item = this.next;
    if (!item) throw noMeaning(item, "write what is missing after its last sign");
    this.at++;
    const scripts: Scripts = item.kind === "scripts" ? item : { kind: "scripts", base: item };
    const { base } = scripts;
    const token = tokenOf(base);
    if (base?.kind === "name") return this.function(base.text, scripts);
    if (token in integrals) return this.integral(integrals[token]!, scripts);
    if (token in sums) return this.big(sums[token]!, scripts);
    if (functions.has(token) && core(this.next)?.kind === "fence") return this.applied(token, scripts);
    if (base?.kind === "fraction" && isDerivative(base)) return power(this.derivative(base), scripts.sup);
    return scripted(base, scripts);
  }

  private function(name: string, scripts: Scripts): Term {
    if (name === "lim") return this.limit(scripts);
    const end = argumentEnd(this.items, this.at);
    let items: Row = this.items.slice(this.at, end);
    if (!items.length) throw noMeaning({ kind: "name", text: name }, "write what it is applied to");
    this.at = end;
    let { sup } = scripts;
    const last = items[0]!;
    if (items.length === 1 && last.kind === "scripts" && parenthesis(last.base)) {
      items = [last.base!]; // the exponent in sin(x)^2 is that of the sine
      sup = sup ?? last.sup;
    }
    const inside = read((items.length === 1 && parenthesis(items[0])?.body) || items);
    let parts = inside.head === "list" ? inside.parts : [inside];
    if (scripts.sub) {
      if (name !== "log") throw noMeaning(scripts, `${name} takes no subscript`);
      parts = [...parts, meaning(scripts.sub)];
    }
    if (sup && name in inverse && equal(meaning(sup), term("neg", "", term("number", "1")))) {
      return term("call", inverse[name], ...parts);
    }
    return power(term("call", name, ...parts), sup);
  }

  /** Read `f(x)`, `f_1(x)`, `f'(x)`, `f^2(x)`. */
  private applied(name: string, scripts: Scripts): Term {
    const fence = this.next!;
    this.at++;
    const own = fence.kind === "scripts" ? fence.sup : undefined;
    const inside = read((core(fence) as Fence).body);
    const parts = inside.head === "list" ? inside.parts : [inside];
    const applied = term("apply", named(name, scripts.sub), ...parts);
    const order = primes(scripts.sup);
    if (!order) return power(applied, scripts.sup ?? own);
    if (parts.length !== 1 || parts[0]!.head !== "symbol" || scripts.sup!.length !== order) {
      throw noMeaning(scripts, "a prime needs one variable, as in f'(x)");
    }
    return power(term("derivative", "", applied, parts[0]!, term("number", `${order}`)), own);
  }

  private integral(count: number, scripts: Scripts): Term {
    if (!scripts.sub !== !scripts.sup) throw noMeaning(scripts, "give an integral both bounds or none");
    const [body, variable] = this.integrand();
    const bounds = scripts.sub && scripts.sup ? [meaning(scripts.sub), meaning(scripts.sup)] : [];
    if (count > 1 && bounds.length) throw noMeaning(scripts, "write one integral sign for each variable");
    let found = term("integral", "", body, variable, ...bounds);
    for (let i = 1; i < count; i++) {
      if (!this.take("d")) throw noMeaning(scripts, "write its dx");
      found = term("integral", "", found, this.variable());
    }
    return found;
  }

  /** Read what stands before `dx`, and x. */
  private integrand(): [Term, Term] {
    let depth = 1;
    const end = this.items.findIndex((item, i) => {
      if (i < this.at) return false;
      const token = tokenOf(core(item));
      depth += integrals[token] ?? 0;
      depth -= Number(token === "d" && isLetter(this.items[i + 1]));
      return depth === 0;
    });
    if (end < 0) return this.integrandInFraction();
    const body = end > this.at ? read(this.items.slice(this.at, end)) : term("number", "1");
    this.at = end + 1;
    return [body, this.variable()];
  }

  private integrandInFraction(): [Term, Term] {
    const fraction = this.next;
    const items = fraction?.kind === "fraction" ? grouped(fraction.numerator) : [];
    if (fraction?.kind !== "fraction" || items.length < 2 || tokenOf(items.at(-2)) !== "d") {
      throw noMeaning({ kind: "symbol", token: "\\int" }, "write its dx at the end");
    }
    this.at++;
    const above = items.length > 2 ? read(items.slice(0, -2)) : term("number", "1");
    return [term("div", "", above, meaning(fraction.denominator)), scripted(items.at(-1)!, undefined)];
  }

  private variable(): Term {
    const item = this.next;
    this.at++;
    const found = scripted(core(item), item?.kind === "scripts" ? item : undefined);
    if (found.head !== "symbol") throw noMeaning(item, "a variable is needed here");
    return found;
  }

  private big(head: string, scripts: Scripts): Term {
    if (!scripts.sub || !scripts.sup) throw noMeaning(scripts, "write its first and last index");
    const first = meaning(scripts.sub);
    if (first.head !== "relation" || first.text !== "=" || first.parts[0]!.head !== "symbol") {
      throw noMeaning(scripts, "write its first index as i=1");
    }
    const body = indexed(this.product(), first.parts[0]!);
    return term(head, "", body, ...first.parts, meaning(scripts.sup));
  }

  private limit(scripts: Scripts): Term {
    let items: Row = grouped(scripts.sub ?? []);
    if (items.length < 3 || tokenOf(items[1]) !== "\\rightarrow") {
      throw noMeaning({ kind: "name", text: "lim" }, "write its variable and point below, as in x -> 0");
    }
    let side = "";
    const last = items.at(-1)!;
    if (last.kind === "scripts" && last.sup?.length === 1 && ["+", "-"].includes(tokenOf(last.sup[0]))) {
      side = tokenOf(last.sup[0]);
      items = [...items.slice(0, -1), last.base!];
    }
    const variable = scripted(items[0]!, undefined);
    return term("limit", side, this.product(), variable, read(items.slice(2)));
  }

  private derivative(fraction: Item & { kind: "fraction" }): Term {
    const [above, below] = [grouped(fraction.numerator), grouped(fraction.denominator)];
    const variable = scripted(core(below[1]), undefined);
    const orderAbove = order(above[0]!);
    if (below.length !== 2 || order(below[1]!) !== orderAbove || variable.head !== "symbol") {
      throw noMeaning(fraction, "derive by one variable");
    }
    let body = above.length > 1 ? read(above.slice(1)) : this.product();
    if (body.head === "symbol" && !equal(body, variable)) body = term("apply", body.text, variable);
    return term("derivative", "", body, variable, term("number", orderAbove));
  }
}

// --- items that need nothing after them

function parenthesis(item: Item | undefined): Fence | undefined {
  return item?.kind === "fence" && item.left === "(" && item.right === ")" ? item : undefined;
}

function is(row: Row | undefined, token: string): boolean {
  return row?.length === 1 && tokenOf(row[0]) === token;
}

/** Return the term of a base with its scripts: a letter with a subscript is one symbol, a superscript is a power. */
function scripted(base: Item | undefined, scripts: Scripts | undefined): Term {
  const { sub, sup } = scripts ?? {};
  if (primes(sup)) throw noMeaning(base, "a prime needs its function, as in f'(x)");
  if (base?.kind === "symbol" && (!(base.token in constants) || sub)) {
    if (!letters.has(base.token)) throw noMeaning(base);
    return power(term("symbol", named(base.token, sub)), sup);
  }
  if (base?.kind === "accent") {
    const inside = grouped(base.body);
    if (inside.length !== 1 || !tokenOf(inside[0]) || !(base.token in marked)) throw noMeaning(base);
    const name = `${named(tokenOf(inside[0]), undefined)}_${marked[base.token]}`;
    return power(term("symbol", name + subscript(sub)), sup);
  }
  if (sub) throw noMeaning(base, "only letters can have a subscript");
  if (base?.kind === "fence" && is(sup, "T")) return term("call", "transpose", plain(base));
  if (base?.kind === "number" && is(sup, "\\circ")) {
    return term("div", "", term("mul", "", plain(base), term("constant", "pi")), term("number", "180"));
  }
  return power(plain(base), sup);
}

function plain(base: Item | undefined): Term {
  switch (base?.kind) {
    case "number":
      return term("number", base.text.replace(",", "."));
    case "symbol":
      return term("constant", constants[base.token]);
    case "fraction":
      return term("div", "", meaning(base.numerator), meaning(base.denominator));
    case "root":
      if (!base.index) return term("call", "sqrt", meaning(base.radicand));
      return term("call", "root", meaning(base.radicand), meaning(base.index));
    case "stack":
      if (base.token !== "\\binom") break;
      return term("call", "binomial", meaning(base.first), meaning(base.second));
    case "fence":
      return inFence(base);
  }
  throw noMeaning(base);
}

function inFence(fence: Fence): Term {
  const kind = `${fence.left} ${fence.right}`;
  const [table] = fence.body;
  if (fence.body.length === 1 && table!.kind === "table") {
    if (!["( )", "[ ]", "| |"].includes(kind)) throw noMeaning(fence);
    const found = matrix(table!);
    return kind === "| |" ? term("call", "det", found) : found;
  }
  const inside = read(fence.body);
  if (kind in fenced && inside.head !== "list") return term("call", fenced[kind], inside);
  if (kind === "( )" || (kind === "[ ]" && inside.head !== "list")) return inside;
  throw noMeaning(fence);
}

function matrix(table: Table): Term {
  if (new Set(table.rows.map((row) => row.length)).size > 1) throw noMeaning(table, "fill its empty cells");
  return term("matrix", "", ...table.rows.map((row) => term("list", "", ...row.map(meaning))));
}

function named(token: string, sub: Row | undefined): string {
  return token.replace(/^\\/, "") + subscript(sub);
}

function subscript(sub: Row | undefined): string {
  if (!sub) return "";
  const words = grouped(sub).map((item) => {
    if (item.kind === "number" || item.kind === "name") return item.text.replace(/[.,]/, "_");
    const token = tokenOf(item);
    if (letters.has(token) || token === ",") return token.replace(/^\\/, "").replaceAll(",", "_");
    throw noMeaning(item, "a name can have only letters and digits as its subscript");
  });
  return `_${words.join("")}`;
}

function power(base: Term, sup: Row | undefined): Term {
  return sup ? term("pow", "", base, meaning(sup)) : base;
}

function product(factors: readonly Term[]): Term {
  return factors.length === 1 ? factors[0]! : term("mul", "", ...factors);
}

function isLetter(item: Item | undefined): boolean {
  return letters.has(tokenOf(core(item)));
}

function isDerivative(fraction: Item & { kind: "fraction" }): boolean {
  const [above, below] = [grouped(fraction.numerator), grouped(fraction.denominator)];
  const first = tokenOf(core(above[0]));
  return ["d", "\\partial"].includes(first) && tokenOf(below[0]) === first && isLetter(below[1]);
}

/** Return the order in `d^2` or `x^2`, 1 without a superscript. */
function order(item: Item): string {
  if (item.kind !== "scripts" || !item.sup) return "1";
  const found = meaning(item.sup);
  if (found.head !== "number" || !/^\d+$/.test(found.text)) {
    throw noMeaning(item, "the order of a derivative is a number");
  }
  return found.text;
}
