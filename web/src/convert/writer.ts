/** Write a formula by the tables of a target. */

import { DECIMAL_COMMA } from "./decimal-comma.ts";
import type { Fence, Item, Row, Scripts, Table } from "./formula.ts";
import { argumentEnd, core, grouped, hasLimits, isBig, primes, tokenOf } from "./grouping.ts";
import { ConversionError, type Grid, type Target, tables } from "./tables.ts";

const SIMPLE = /^(?:[A-Za-z0-9.]+|[^\0-\x7f])[¹²³⁰-₉]*$/u; // the text of a part that needs no group
const NEGATION = "\u0338";
const classes = new Map(
  Object.entries(tables.classes).flatMap(([name, tokens]) => tokens.map((token): [string, string] => [token, name])),
);
const endsOfSums = new Set(tables.grouping.ends_of_sums);

/** What fills a hole of a template. */
type Part = Row | string | undefined;

/** Return the characters that show a symbol, also of a negated one: `⊄` for `\not\subset`. */
function drawn(token: string): string {
  const negated = /^\\not(?![A-Za-z]+$)(.+)$/su.exec(token)?.[1];
  const shown = (negated ?? token).trim();
  const text = tables.characters[shown] ?? shown;
  return negated ? (text + NEGATION).normalize("NFC") : text;
}

function classOf(token: string): string {
  if (token.startsWith("\\not")) return "operator";
  return classes.get(token) ?? (/^\d$/.test(token) ? "digit" : "letter");
}

/** Writes items by the tables of a target. Targets with rules of their own override single kinds of items. */
export class Writer {
  private inArgument = false; // whether a comma would end an argument

  constructor(protected readonly target: Target) {}

  /** Return a row. As an argument of a template it may not hold a bare comma. */
  row(row: Row | undefined, argument = true): string {
    return row ? this.within(grouped(row), argument) : "";
  }

  private within(items: Row, argument: boolean): string {
    const outer = this.inArgument;
    this.inArgument = argument;
    const text = this.items(items);
    this.inArgument = outer;
    return text;
  }

  private items(items: Row): string {
    let text = "";
    for (let i = 0; i < items.length; ) {
      const end = this.operandEnd(items, i);
      const right = this.item(items[i]!, end === undefined ? undefined : items.slice(i + 1, end));
      const tight = i > 0 && isTight(items[i - 1]!, items[i]!, right);
      text += tight || this.target.spacing === "none" || !text || !right ? right : ` ${right}`;
      i = end ?? i + 1;
    }
    return text;
  }

  private operandEnd(items: Row, i: number): number | undefined {
    const base = core(items[i]);
    if (base?.kind === "name" && "function" in this.target.templates) {
      const end = argumentEnd(items, i + 1);
      return end > i + 1 ? end : undefined;
    }
    if (!isBig(base) || !("nary" in this.target.templates)) return undefined;
    const end = items.findIndex((item, j) => j > i && endsSum(item));
    return end < 0 ? items.length : end;
  }

  // --- parts

  protected fill(name: string, what: string, ...parts: Part[]): string {
    const template = this.target.templates[name];
    if (template === undefined) throw this.cannot(what);
    return this.filled(template, ...parts);
  }

  private filled(template: string, ...parts: Part[]): string {
    return template.replace(/([$@])(\d)/g, (_, kind: string, place: string) => {
      const part = parts[Number(place) - 1];
      if (typeof part === "string") return part;
      return kind === "$" ? this.row(part) : this.group(part);
    });
  }

  private cannot(what: string): ConversionError {
    return new ConversionError(`${this.target.name} cannot say ${what}: ${this.target.way_out}`);
  }

  protected group(row: Row | undefined): string {
    if (!row) return "";
    const items = grouped(row);
    return this.asGroup(this.within(items, false), items.length === 1);
  }

  protected asGroup(text: string, single: boolean): string {
    const bare = single && (this.target.xml || SIMPLE.test(text));
    return this.filled(this.target.templates[bare ? "single" : "group"] ?? "$1", text);
  }

  // --- items

  private item(item: Item, operand?: Row): string {
    if (operand) return this.withOperand(item, operand);
    switch (item.kind) {
      case "symbol":
        return this.symbol(item.token);
      case "number":
        return this.fill("number", "number", this.number(item.text));
      case "name":
        return this.target.names[item.text] ?? this.fill("name", "name", item.text);
      case "fence":
        return this.fence(item);
      case "scripts":
        return this.scripts(item);
      case "fraction":
        return this.fraction(item);
      case "root":
        return this.root(item);
      case "accent":
        return this.accent(item);
      case "stack":
        return this.fill(item.token.slice(1), item.token, item.first, item.second);
      case "table":
        return this.table(item, "");
    }
  }

  private symbol(token: string): string {
    const known = (this.inArgument ? this.target.in_arguments[token] : undefined) ?? this.target.symbols[token];
    if (known !== undefined) return known;
    const template = this.target.classes[classOf(token)];
    if (template === undefined) throw this.cannot(token);
    return this.filled(template, this.escaped(drawn(token)), token);
  }

  /** Return a number with its decimal comma as the target writes it. */
  private number(text: string): string {
    return text.replace(",", this.target.symbols[DECIMAL_COMMA] ?? ",");
  }

  private escaped(text: string): string {
    return this.target.xml ? text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;") : text;
  }

  protected fraction({ numerator, denominator }: Item & { kind: "fraction" }): string {
    return this.fill("fraction", "fraction", numerator, denominator);
  }

  protected root({ radicand, index }: Item & { kind: "root" }): string {
    return this.fill(index ? "root" : "sqrt", "root", radicand, index);
  }

  protected accent({ token, body }: Item & { kind: "accent" }): string {
    const template = this.target.accents[token];
    if (template === undefined) throw this.cannot(token);
    return this.filled(template, body);
  }

  private withOperand(item: Item, operand: Row): string {
    const base = core(item)!;
    const text = this.items(operand);
    if (base.kind === "name") return this.fill("function", "function", this.item(item), text);
    const { sub, sup } = item.kind === "scripts" ? item : {};
    const kind = hasLimits(base) ? "undOvr" : "subSup";
    const hidden = [sub, sup].map((row) => (row ? "0" : "1"));
    return this.fill("nary", "nary", drawn(tokenOf(base)), kind, sub, sup, text, ...hidden);
  }

  protected scripts({ base, sub, sup }: Scripts): string {
    let text = this.base(base);
    const count = "prime" in this.target.templates && base && !sub ? primes(sup) : 0;
    for (let i = 0; i < count; i++) text = this.fill("prime", "prime", text);
    const rest = sup && count ? (sup.length > count ? sup.slice(count) : undefined) : sup;
    if (!sub && !rest) return text;
    let name = sub && rest ? "both" : sub ? "sub" : "sup";
    if (hasLimits(base) && "under" in this.target.templates) {
      name = { both: "underover", sub: "under", sup: "over" }[name]!;
    }
    return this.fill(name, name, text, sub, rest);
  }

  protected base(base: Item | undefined): string {
    if (!base) return this.fill("empty", "empty");
    const text = this.item(base);
    const grouped = "base" in this.target.templates && (base.kind === "fraction" || base.kind === "root");
    return grouped ? this.fill("base", "base", text) : text;
  }

  // --- brackets and tables

  private fence({ left, right, body }: Fence): string {
    const kind = `${left} ${right}`;
    const [table] = body;
    if (body.length === 1 && table!.kind === "table" && kind in this.target.grids) return this.table(table!, kind);
    const own = this.target.fences[kind];
    if (own !== undefined) return this.filled(own, this.within(body, true));
    const name = "tall" in this.target.templates && body.some(isTall) ? "tall" : "fence";
    const inside = this.within(body, false);
    return this.fill(name, `the brackets ${kind}`, this.bracket(left), inside, this.bracket(right));
  }

  private bracket(token: string): string {
    return this.target.brackets[token] ?? (token === "\\|" ? "‖" : this.escaped(drawn(token)));
  }

  private table({ rows }: Table, kind: string): string {
    const grid = this.target.grids[kind];
    const columns = Math.max(...rows.map((row) => row.length));
    if (!grid) throw this.cannot("a matrix");
    if (grid.single && columns === 1 && rows.length === 1)
      return this.filled(grid.single, this.cell(rows[0]![0]!, grid));
    const written = rows.map((row) => this.tableRow(row, columns, grid));
    return this.filled(grid.outer, written.join(grid.between_rows), `${columns}`);
  }

  private tableRow(row: Row[], columns: number, grid: Grid): string {
    const missing = this.target.pads ? columns - row.length : 0;
    const cells = [...row, ...Array<Row>(missing).fill([])].map((cell) => this.cell(cell, grid));
    return this.filled(grid.row, cells.join(grid.between_cells));
  }

  private cell(cell: Row, grid: Grid): string {
    return this.filled(grid.cell, cell.length ? this.row(cell) : (this.target.templates.blank ?? ""));
  }
}

/** Return whether an item ends what is summed or integrated: a relation, an arrow or a separator. */
function endsSum(item: Item): boolean {
  const token = tokenOf(core(item));
  return endsOfSums.has(token) || token.startsWith("\\not");
}

/** Return whether brackets around an item are taller than a line. */
function isTall(item: Item): boolean {
  switch (item.kind) {
    case "fraction":
    case "stack":
    case "table":
      return true;
    case "scripts":
      return (item.sub && item.sup) || hasLimits(item.base) ? true : item.base !== undefined && isTall(item.base);
    case "symbol":
      return isBig(item);
    case "root":
      return grouped(item.radicand).some(isTall);
    case "accent":
    case "fence":
      return (item.kind === "accent" ? grouped(item.body) : item.body).some(isTall);
  }
  return false;
}

/** Return whether no space stands before the text of the right item: `f(x)`, `n!`, `a, b`. */
function isTight(left: Item, right: Item, text: string): boolean {
  if (right.kind === "symbol") return [",", ";", "!"].includes(right.token);
  const primed = left.kind === "scripts" && !left.sub && left.sup?.length === primes(left.sup);
  const base = primed ? left.base : left;
  const letter = /^\p{L}$/u.test(tokenOf(base));
  return text.startsWith("(") && core(right)?.kind === "fence" && (letter || base?.kind === "name");
}
