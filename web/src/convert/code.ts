/** Write a calculation as source code: SymPy and Python. */

import type { Row } from "./formula.ts";
import { meaning, type Term } from "./meaning.ts";
import { ConversionError, type Language, tables } from "./tables.ts";

/** How tightly an operator binds, the loosest first. */
const [RELATION, ADD, MULTIPLY, NEGATE, POWER, ATOM] = [0, 1, 2, 3, 4, 5] as const;
const keywords = new Set(tables.keywords);

/** Return SymPy source: the imports, the symbols and the expression on the last line. */
export function sympyCode(row: Row): string {
  const writer = new CodeWriter(tables.languages.sympy);
  const expression = writer.write(meaning(row));
  const names = new Set(writer.used.flatMap((template) => /^[A-Za-z]+/.exec(template) ?? []));
  const lines: string[] = [];
  if (writer.symbols.size) {
    names.add("symbols");
    lines.push(`${[...writer.symbols.keys()].join(", ")} = symbols("${[...writer.symbols.values()].join(" ")}")`);
  }
  for (const [kind, found] of [["Function", writer.functions] as const, ["IndexedBase", writer.sequences] as const]) {
    for (const [name, text] of found) {
      names.add(kind);
      lines.push(`${name} = ${kind}("${text}")`);
    }
  }
  const imports = names.size ? [`from sympy import ${[...names].sort().join(", ")}`] : [];
  return [...imports, ...lines, expression].join("\n");
}

/** Return Python source: `import math` where it is needed, then the expression. */
export function pythonCode(row: Row): string {
  const term = meaning(row);
  checkBounds(term);
  const writer = new CodeWriter(tables.languages.python);
  const expression = writer.write(term);
  return writer.used.some((template) => template.includes("math.")) ? `import math\n${expression}` : expression;
}

function checkBounds({ head, parts }: Term): void {
  if (["sum", "product"].includes(head) && parts.slice(2).some(isInfinite)) {
    throw new ConversionError(`Python cannot say an infinite ${head}: ${tables.languages.python.way_out}`);
  }
  parts.forEach(checkBounds);
}

function isInfinite({ head, text, parts }: Term): boolean {
  return (head === "constant" && text === "oo") || parts.some(isInfinite);
}

/** Writes terms and collects the variables, unknown functions, sequences and templates that they use. */
class CodeWriter {
  readonly symbols = new Map<string, string>();
  readonly functions = new Map<string, string>();
  readonly sequences = new Map<string, string>();
  readonly used: string[] = [];

  constructor(private readonly language: Language) {}

  /** Return the code of a term, in parentheses if it binds more loosely than `loosest`. */
  write(term: Term, loosest: number = RELATION): string {
    const [text, level] = this.code(term);
    return level >= loosest ? text : `(${text})`;
  }

  private code({ head, text, parts }: Term): [string, number] {
    switch (head) {
      case "number":
        return [text.replace(/^0+(?=\d)/, "").replace(/^(?=\.)/, "0"), ATOM];
      case "symbol":
        this.symbols.set(identifier(text), text);
        return [identifier(text), ATOM];
      case "constant":
        return [this.template(this.language.constants[text], text), ATOM];
      case "add":
        return [this.sum(parts), ADD];
      case "neg":
        return [`-${this.write(parts[0]!, MULTIPLY)}`, NEGATE];
      case "mul":
        return [parts.map((part, i) => this.write(part, i ? POWER : MULTIPLY)).join("*"), MULTIPLY];
      case "div":
        return this.quotient(parts[0]!, parts[1]!);
      case "pow":
        return this.power(parts[0]!, parts[1]!);
      case "relation":
        return this.relation(text, parts);
      case "list":
        return [`(${this.all(parts)})`, ATOM];
      case "matrix":
        return this.call("matrix", [`[${parts.map((row) => `[${this.all(row.parts)}]`).join(", ")}]`]);
      case "element":
        this.sequences.set(identifier(text), text);
        return [`${identifier(text)}[${this.write(parts[0]!)}]`, ATOM];
      case "apply":
        this.functions.set(identifier(text), text);
        return [`${identifier(text)}(${this.all(parts)})`, ATOM];
    }
    const name = head === "call" ? text : head + text;
    return this.call(
      name,
      parts.map((part) => this.write(part)),
    );
  }

  private all(parts: readonly Term[]): string {
    return parts.map((part) => this.write(part)).join(", ");
  }

  private sum([first, ...rest]: readonly Term[]): string {
    return rest.reduce(
      (text, part) => {
        const negative = part.head === "neg";
        return `${text} ${negative ? "-" : "+"} ${this.write(negative ? part.parts[0]! : part, MULTIPLY)}`;
      },
      this.write(first!, ADD),
    );
  }

  private quotient(above: Term, below: Term): [string, number] {
    if (this.language.exact && isWhole(above) && isWhole(below)) {
      if (above.head === "number" && below.head === "number") {
        return this.call("rational", [this.write(above), this.write(below)]);
      }
      return [`${this.write(above, MULTIPLY)}/${this.whole(below)}`, MULTIPLY];
    }
    return [`${this.write(above, MULTIPLY)}/${this.write(below, POWER)}`, MULTIPLY];
  }

  private power(base: Term, exponent: Term): [string, number] {
    const whole = this.language.exact && isWhole(base) && exponent.head !== "number";
    const text = whole ? this.whole(base) : this.write(base, ATOM);
    return [`${text}**${this.write(exponent, POWER)}`, POWER];
  }

  private relation(sign: string, parts: readonly Term[]): [string, number] {
    const template = this.template(this.language.relations[sign], sign);
    const called = template.includes("(");
    const written = parts.map((part) => this.write(part, called ? RELATION : ADD));
    return [filled(template, written), called ? ATOM : RELATION];
  }

  private whole(term: Term): string {
    return this.call("integer", [this.write(term)])[0];
  }

  private call(name: string, parts: readonly string[]): [string, number] {
    const own = this.language.calls[`${name} ${parts.length}`];
    const template = this.template(own ?? this.language.calls[name], name);
    if (template.includes("...")) return [template.replace("...", parts.join(", ")), ATOM];
    if (own === undefined && template.split("$").length - 1 !== parts.length) {
      throw this.cannot(`${name} of ${parts.length} values`);
    }
    return [filled(template, parts), ATOM];
  }

  private template(text: string | undefined, name: string): string {
    if (text === undefined) throw this.cannot(name);
    this.used.push(text);
    return text;
  }

  private cannot(what: string): ConversionError {
    return new ConversionError(`${this.language.name} cannot say ${what}: ${this.language.way_out}`);
  }
}

function filled(template: string, parts: readonly string[]): string {
  return template.replace(/\$(\d)/g, (_, place: string) => parts[Number(place) - 1]!);
}

/** Return whether the code of a term is a calculation of whole numbers alone. */
function isWhole({ head, text, parts }: Term): boolean {
  if (head === "number") return /^\d+$/.test(text);
  return ["add", "neg", "mul"].includes(head) && parts.every(isWhole);
}

/** Return the name of a variable as a Python identifier. */
function identifier(name: string): string {
  const plain = name.replace(/\W/g, "_");
  return keywords.has(plain) ? `${plain}_` : plain;
}
