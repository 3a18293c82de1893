/**
 * Canonical tokens of LaTeX that somebody types or that a file holds. TypeScript version of the part of
 * `tegashiki.latex.normalize` that one needs for a formula: all canonical LaTeX, missing braces, scripts in any order,
 * primes, synonyms, spelled-out functions, fonts, sizes, and the environments of tables. Not `\over`, `\stackrel`,
 * labelled arrows, `\phantom` and Unicode.
 */

import { tokens as classes, spellings } from "./grammar.json";

/** LaTeX that cannot be read. */
export class LatexError extends RangeError {}

const MAX_CHARACTERS = 20_000;
const MAX_DEPTH = 40; // of groups within groups, as in Python
const END = "";
const synonyms: Readonly<Record<string, readonly string[]>> = spellings.synonyms;
const narrow: Readonly<Record<string, string>> = spellings.narrow;
const environments: Readonly<Record<string, unknown>> = spellings.environments;
const words = spellings.words as unknown as readonly (readonly [readonly string[], string])[];
const accents = new Set(spellings.accents);
const dropped = new Set(spellings.dropped);
const fences = new Set(spellings.fences);
const wrappers = new Set(spellings.wrappers);
const others = new Set(spellings.others);
const TWO_GROUPS: Readonly<Record<string, string>> = {
  "\\frac": "\\frac",
  "\\dfrac": "\\frac",
  "\\tfrac": "\\frac",
  "\\cfrac": "\\frac",
  "\\binom": "\\binom",
  "\\dbinom": "\\binom",
  "\\tbinom": "\\binom",
  "\\overset": "\\overset",
  "\\underset": "\\underset",
};
/** A row break with a length, an environment with an option, a letter of an alphabet, or any other token. */
const TOKEN = new RegExp(
  [
    /(?<row>\\\\)\*?(?:\s*\[[-+\d.\s]+(?:p\s*t|e\s*m|e\s*x|c\s*m|m\s*m|i\s*n)\s*\])?/,
    /\\(?<edge>begin|end)\s*\{\s*(?<name>[A-Za-z]+)\*?\s*\}(?:(?<space>\s*)\[(?<option>[tbclr\s]+)\])?/,
    /(?<alphabet>\\math(?:bb|cal|frak|scr))(?:\s*\{\s*(?<braced>[A-Za-z0-9])\s*\}|\s+(?<bare>[A-Za-z0-9]))/,
    /\\[A-Za-z]+\*?|\\?\s+|\\.|./,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gsu",
);

/** One item of a row: the tokens of its base, and those of its scripts. */
interface Item {
  base: string[];
  sub?: string[] | undefined;
  sup?: string[] | undefined;
}

/**
 * Return the canonical tokens of LaTeX. `x^2_1` becomes `x _ { 1 } ^ { 2 }`.
 *
 * @throws LatexError The LaTeX is not valid, or cannot be read.
 */
export function canonical(latex: string): string[] {
  if (latex.length > MAX_CHARACTERS) {
    throw new LatexError(`${latex.length} characters of LaTeX, the limit is ${MAX_CHARACTERS}`);
  }
  return new Parser(visible(split(latex))).formula();
}

function split(latex: string): string[] {
  const tokens: string[] = [];
  for (const match of latex.matchAll(TOKEN)) {
    const text = match[0];
    const { row, edge, name, space, option, alphabet, braced, bare } = match.groups!;
    if (row) tokens.push(row);
    else if (edge) {
      tokens.push(`\\${edge}{${name}}`);
      if (option && !(edge === "begin" && isLayout(name!, option, space!)))
        tokens.push("[", ...option.replace(/\s/g, ""), "]");
    } else if (alphabet) tokens.push(`${alphabet}{${braced ?? bare}}`);
    else if (text === "\\") throw new LatexError("a backslash without a name");
    else if (/\S/.test(text)) tokens.push(...starred(text));
  }
  return tokens;
}

/** Whether the option of an environment only affects its layout. Any other bracket is ink. */
function isLayout(name: string, option: string, space: string): boolean {
  if (!name.endsWith("matrix")) return /^[tbc\s]+$/.test(option);
  // After a space it is ink, because this is the canonical spelling of every table.
  return /^[lcr\s]+$/.test(option) && (name !== "matrix" || !space);
}

/** Split the star off a command. Only `\operatorname*` has one. */
function starred(text: string): string[] {
  return /^\\.+\*$/.test(text) && !wrappers.has(text) ? [text.slice(0, -1), "*"] : [text];
}

/** Leave out spaces, sizes and `\left` with its null delimiter. */
function visible(tokens: readonly string[]): string[] {
  const kept = tokens.filter((token) => !dropped.has(token));
  return kept.flatMap((token, i) => {
    const fence = fences.has(kept[i - 1] ?? END);
    if (fences.has(token) || (fence && token === ".")) return [];
    if (fence && (token === "<" || token === ">")) return [token === "<" ? "\\langle" : "\\rangle"];
    return [token];
  });
}

class Parser {
  private place = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly string[]) {}

  private get text(): string {
    return this.tokens[this.place] ?? END;
  }

  formula(): string[] {
    return spelled(this.row([END]));
  }

  /** Parse items up to one of `stops`, which is not consumed. */
  private row(stops: readonly string[]): Item[] {
    if (++this.depth > MAX_DEPTH) throw new LatexError(`groups nested deeper than ${MAX_DEPTH}`);
    const items: Item[] = [];
    while (!stops.includes(this.text)) this.append(items);
    this.depth--;
    return folded(items);
  }

  /** Parse one item with its scripts and primes. */
  private append(items: Item[]): void {
    const inner = ["_", "^", "'"].includes(this.text) ? [] : this.atom();
    const scripts: { _?: string[]; "^"?: string[] } = {};
    let primes = 0;
    for (;;) {
      const mark = this.text;
      if (mark === "'" && !scripts["^"]) primes++;
      else if (mark !== "_" && mark !== "^") break;
      else if (scripts[mark])
        throw new LatexError(`a second ${mark === "_" ? "subscript" : "superscript"} on one base`);
      this.place++;
      if (mark === "_" || mark === "^") scripts[mark] = spelled(this.argument(mark));
    }
    if (primes) scripts["^"] = [...new Array<string>(primes).fill("\\prime"), ...(scripts["^"] ?? [])];
    const [sub, sup] = [scripts._, scripts["^"]].map((script) => (script?.length ? script : undefined));
    items.push(...(sub || sup ? withScripts(inner, sub, sup) : inner));
  }

  /** Parse a group, or the single item that TeX would take in its place. */
  private argument(command: string): Item[] {
    const { text } = this;
    if (["", "}", "_", "^", "&", "\\\\"].includes(text) || text.startsWith("\\end{")) {
      throw new LatexError(`${command} lacks its argument, found ${text || "the end"}`);
    }
    if (command === "^" && text === "'") {
      this.place++;
      return [{ base: ["\\prime"] }];
    }
    if (command.startsWith("\\") && this.atOption())
      throw new LatexError(`${command} takes no option in brackets here`);
    const deeper = text === "{" ? 0 : 1; // the row of a group counts itself
    this.depth += deeper;
    if (this.depth > MAX_DEPTH) throw new LatexError(`groups nested deeper than ${MAX_DEPTH}`);
    const items = this.atom(command === "^");
    this.depth -= deeper;
    return items;
  }

  /** Whether brackets with a group behind them follow, as in `\hat[x]{a}`. Other brackets are ink. */
  private atOption(): boolean {
    if (this.text !== "[") return false;
    const rest = this.tokens.slice(this.place + 1);
    const end = rest.findIndex((token) => ["[", "]", "&", "\\\\", "}"].includes(token));
    return rest[end] === "]" && rest[end + 1] === "{";
  }

  private group(command: string): string[] {
    const items = this.argument(command);
    if (!items.length) throw new LatexError(`an empty argument of ${command}`);
    return ["{", ...spelled(items), "}"];
  }

  /** Parse one item without scripts. A group may have several items. */
  private atom(superscript = false): Item[] {
    const text = this.text;
    this.place++;
    if (text === "{") return this.braced(superscript);
    if (Object.hasOwn(TWO_GROUPS, text)) {
      return [{ base: [TWO_GROUPS[text]!, ...this.group(text), ...this.group(text)] }];
    }
    if (text === "\\sqrt") return [{ base: this.root() }];
    if (accents.has(text)) return [{ base: this.accent(text) }];
    if (wrappers.has(text)) return this.argument(text);
    if (text.startsWith("\\begin{")) return this.table(text.slice(7, -1));
    return this.symbol(text);
  }

  private braced(superscript: boolean): Item[] {
    const primes: Item[] = [];
    while (superscript && this.text === "'") {
      this.place++;
      primes.push({ base: ["\\prime"] });
    }
    const items = this.row(["}", END]);
    this.close("}", "a brace");
    return [...primes, ...items];
  }

  private close(text: string, what: string): void {
    if (this.text !== text) throw new LatexError(`${what} without its ${text}`);
    this.place++;
  }

  private symbol(text: string): Item[] {
    if (Object.hasOwn(synonyms, text)) return synonyms[text]!.map((token) => ({ base: [token] }));
    if (["}", "&", "\\\\", "'", END].includes(text) || text.startsWith("\\end{")) {
      throw new LatexError(`unexpected ${text || "end"}`);
    }
    if (!/^[\x21-\x7e]+$/.test(text)) throw new LatexError(`${text} is no LaTeX: write its command`);
    const unknown = text.startsWith("\\") && !Object.hasOwn(classes, text);
    if (others.has(text) || (unknown && (["{", "["].includes(this.text) || !/^\\[A-Za-z]+($|\{)/.test(text)))) {
      throw new LatexError(`${text} cannot be read here`);
    }
    return [{ base: [text] }];
  }

  private root(): string[] {
    let index: Item[] = [];
    if (this.text === "[") {
      this.place++;
      index = this.row(["]", "}", END]);
      this.close("]", "the index of a root");
    }
    const radicand = this.group("\\sqrt");
    const closes = index.some(({ base }) => base[0] === "]"); // which would end the index
    const tokens = closes ? ["{", ...spelled(index), "}"] : spelled(index);
    return index.length ? ["\\sqrt", "[", ...tokens, "]", ...radicand] : ["\\sqrt", ...radicand];
  }

  private accent(text: string): string[] {
    const items = this.argument(text);
    if (!items.length) throw new LatexError(`an empty argument of ${text}`);
    const single = items.length === 1 && items[0]!.base.length === 1;
    return [(single && narrow[text]) || text, "{", ...spelled(items), "}"];
  }

  private table(name: string): Item[] {
    if (!Object.hasOwn(environments, name)) throw new LatexError(`unknown environment ${name}`);
    if (name === "array") this.columns();
    const rows: string[][][] = [[]];
    const end = `\\end{${name}}`;
    for (;;) {
      rows.at(-1)!.push(spelled(this.row(["&", "\\\\", end, "}", END])));
      if (this.text !== "&" && this.text !== "\\\\") break;
      if (this.text === "\\\\") rows.push([]);
      this.place++;
    }
    this.close(end, `\\begin{${name}}`);
    const kept = rows.map(withoutEmptyEnd).filter((row) => row.length);
    if (!kept.length) throw new LatexError("an empty table");
    const cells = kept.map((row) => row.flatMap((cell, i) => (i ? ["&", ...cell] : cell)));
    const base = ["\\begin{matrix}", ...cells.flatMap((row, i) => (i ? ["\\\\", ...row] : row)), "\\end{matrix}"];
    const [left, right] = environments[name] as [string[], string[]];
    return [...left.map((token) => ({ base: [token] })), { base }, ...right.map((token) => ({ base: [token] }))];
  }

  /** Skip the columns of an array, such as `{ccc}`. A rule between columns would be ink. */
  private columns(): void {
    this.close("{", "an array");
    while (["l", "c", "r"].includes(this.text)) this.place++;
    this.close("}", "the columns of an array");
  }
}

function withoutEmptyEnd(row: readonly string[][]): string[][] {
  let count = row.length;
  while (count && !row[count - 1]!.length) count--;
  return row.slice(0, count);
}

/** The scripts of a group are those of its last item. If that has such a script already, they get an empty base. */
function withScripts(inner: readonly Item[], sub: string[] | undefined, sup: string[] | undefined): Item[] {
  const last = inner.at(-1);
  if (!last) return [{ base: ["{", "}"], sub, sup }];
  if ((sub && last.sub) || (sup && last.sup)) return [...inner, { base: ["{", "}"], sub, sup }];
  return [...inner.slice(0, -1), { base: last.base, sub: last.sub ?? sub, sup: last.sup ?? sup }];
}

/** Replace spelled-out words by their tokens. The last letter may have scripts. */
function folded(items: readonly Item[]): Item[] {
  const found: Item[] = [];
  for (let i = 0; i < items.length; ) {
    const word = words.find(([letters]) => spells(items.slice(i, i + letters.length), letters));
    found.push(word ? { ...items[i + word[0].length - 1]!, base: [word[1]] } : items[i]!);
    i += word ? word[0].length : 1;
  }
  return found;
}

function spells(items: readonly Item[], letters: readonly string[]): boolean {
  return (
    items.length === letters.length &&
    items.every(({ base, sub, sup }, i) => {
      const bare = i === items.length - 1 || (!sub && !sup);
      return bare && base.length === 1 && base[0] === letters[i];
    })
  );
}

function spelled(items: readonly Item[]): string[] {
  return items.flatMap(({ base, sub, sup }) => [
    ...base,
    ...(sub ? ["_", "{", ...sub, "}"] : []),
    ...(sup ? ["^", "{", ...sup, "}"] : []),
  ]);
}
