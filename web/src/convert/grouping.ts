/** Group the items of a row: digits to numbers, letters to names of functions, brackets to pairs. */

import { DECIMAL_COMMA } from "./decimal-comma.ts";
import type { Fence, Item, Row } from "./formula.ts";
import { tables } from "./tables.ts";

const { brackets, names, ...lists } = tables.grouping;
const big = new Set(lists.big_operators);
const ends = new Set(lists.ends);
const functions = new Set(lists.functions);
const limits = new Set(lists.limits);
const namesWithLimits = new Set(lists.names_with_limits);
const separators = new Set([...Object.entries(brackets).flat(), ",", ";"]);
const BAR = "|";
const BARS = "\\|";
/** The marks of a number by their tokens. */
const MARKS: ReadonlyMap<string, string> = new Map([
  [".", "."],
  [DECIMAL_COMMA, ","],
]);

/** Return the items of a row, grouped. The rows within them are not grouped yet. */
export function grouped(row: Row): Item[] {
  return withPairs(withWords(row));
}

/** Return the number of primes at the beginning of a superscript. */
export function primes(row: Row | undefined): number {
  const end = row?.findIndex((item) => tokenOf(item) !== "\\prime") ?? 0;
  return end < 0 ? row!.length : end;
}

/** Return whether scripts of a base are set below and above it. */
export function hasLimits(base: Item | undefined): boolean {
  return base?.kind === "name" ? namesWithLimits.has(base.text) : base?.kind === "symbol" && limits.has(base.token);
}

/** Return an item without its scripts. */
export function core(item: Item | undefined): Item | undefined {
  return item?.kind === "scripts" ? item.base : item;
}

/** Return the token of a symbol, "" for other items. */
export function tokenOf(item: Item | undefined): string {
  return item?.kind === "symbol" ? item.token : "";
}

export function isBig(item: Item | undefined): boolean {
  return big.has(tokenOf(item));
}

function isEnd(item: Item): boolean {
  const token = tokenOf(core(item));
  return ends.has(token) || token.startsWith("\\not");
}

/** Return where the argument of a function ends that begins at `start`: one pair of brackets, or a product. */
export function argumentEnd(items: Row, start: number): number {
  if (core(items[start])?.kind === "fence") return start + 1;
  let end = start;
  while (end < items.length && !isEnd(items[end]!)) {
    const base = core(items[end]);
    if (end > start && (base?.kind === "name" || base?.kind === "fence")) break;
    if (isBig(base)) break;
    end++;
    if (base?.kind === "name") return argumentEnd(items, end);
  }
  return end;
}

// --- numbers, names and negated signs

/** An item and the number of items that it is made of, undefined if a rule does not apply. */
type Found = [Item, number] | undefined;

function withWords(items: Row): Item[] {
  const found: Item[] = [];
  for (let i = 0; i < items.length; ) {
    const [item, length] = number(items, i, found) ?? name(items, i) ?? negated(items, i) ?? [own(items[i]!), 1];
    found.push(item);
    i += length;
  }
  return found;
}

/** Return an item of its own. A decimal comma that is in no number, as in `3^2{,}5`, is a bare one. */
function own(item: Item): Item {
  return tokenOf(item) === DECIMAL_COMMA ? { kind: "symbol", token: "," } : item;
}

/** Return the base with the scripts of the last item that it is made of. */
function rescripted(base: Item, last: Item): Item {
  return last.kind === "scripts" ? { ...last, base } : base;
}

function isDigit(token: string): boolean {
  return /^\d$/.test(token);
}

function number(items: Row, start: number, before: Row): Found {
  const digitAt = (i: number) => isDigit(tokenOf(core(items[i])));
  const after = core(before.at(-1))?.kind === "number";
  let text = "";
  for (let i = start; i < items.length; i++) {
    const item = items[i]!;
    const token = tokenOf(core(item));
    const plain = item.kind === "symbol";
    const mark = plain ? MARKS.get(token) : undefined;
    if (mark && digitAt(i + 1) && (/^\d+$/.test(text) || (mark === "." && !text && !after))) {
      text += mark;
    } else if (isDigit(token)) {
      text += token;
      if (!plain || !(digitAt(i + 1) || MARKS.has(tokenOf(items[i + 1])))) {
        return [rescripted({ kind: "number", text }, item), i + 1 - start];
      }
    } else {
      return text ? [{ kind: "number", text }, i - start] : undefined;
    }
  }
  return text ? [{ kind: "number", text }, items.length - start] : undefined;
}

function name(items: Row, start: number): Found {
  for (const [text, ...spelled] of names) {
    const last = items[start + spelled.length - 1];
    if (!last || tokenOf(core(last)) !== spelled.at(-1)) continue;
    if (spelled.slice(0, -1).every((token, i) => tokenOf(items[start + i]) === token)) {
      return [rescripted({ kind: "name", text: text! }, last), spelled.length];
    }
  }
  return undefined;
}

/** Join `\not` and the symbol after it into one symbol. */
function negated(items: Row, start: number): Found {
  const next = items[start + 1];
  const token = tokenOf(core(next));
  if (tokenOf(items[start]) !== "\\not" || !token) return undefined;
  if (functions.has(token) || separators.has(token) || token === "\\not") return undefined;
  const joined = /^\p{L}/u.test(token) ? `\\not ${token}` : `\\not${token}`;
  return [rescripted({ kind: "symbol", token: joined }, next!), 2];
}

// --- pairs of brackets and bars

function bracket(item: Item | undefined): string {
  return tokenOf(core(item));
}

/** Return a pair; the scripts of its last bracket are those of the pair. */
function closed(left: string, right: string, body: Row, last: Item): Item {
  return rescripted({ kind: "fence", left, right, body } satisfies Fence, last);
}

function withPairs(items: Row): Item[] {
  const found: Item[] = [];
  for (let i = 0; i < items.length; ) {
    const end = partner(items, i);
    if (end === undefined) {
      found.push(items[i++]!);
      continue;
    }
    const left = bracket(items[i]);
    const body = withPairs(items.slice(i + 1, end));
    if (end === items.length) found.push({ kind: "fence", left, right: "", body });
    else found.push(closed(left, brackets[left]!, body, items[end]!));
    i = end + 1;
  }
  return withBars(found);
}

/** Return the index of the bracket that closes the one at `i`; the number of items if a table at the end needs none. */
function partner(items: Row, i: number): number | undefined {
  const token = tokenOf(items[i]);
  const closing = brackets[token];
  if (!closing) return undefined;
  let depth = 0;
  for (let j = i; j < items.length; j++) {
    const other = bracket(items[j]);
    depth += Number(other === token) - Number(other === closing);
    if (depth === 0) return j;
  }
  return items.length === i + 2 && items[i + 1]!.kind === "table" ? items.length : undefined;
}

/** Return the items with pairs of bars. No pair reaches across a separator. */
function withBars(items: Row): Item[] {
  const found: Item[] = [];
  let run: Item[] = [];
  for (const item of items) {
    if (separators.has(bracket(item))) {
      found.push(...barred(run), item);
      run = [];
    } else {
      run.push(item);
    }
  }
  return [...found, ...barred(run)];
}

/** Pair the bars of a run one after the other. If they do not all find partners, they stay as they are. */
function barred(run: Item[]): Item[] {
  const bars = run.flatMap((item, i) => (bracket(item) === BAR ? [i] : []));
  const found: Item[] = [];
  let done = 0;
  for (let i = 0; i < bars.length; ) {
    const first = bars[i]!;
    const width = bars.includes(first + 1) ? 2 : 1;
    const last = bars.slice(i + width).find((bar) => width === 1 || bars.includes(bar + 1));
    if (last === undefined || last === first + width || run[first]!.kind !== "symbol") return run;
    const [bar, end] = [width === 1 ? BAR : BARS, last + width - 1];
    found.push(...run.slice(done, first), closed(bar, bar, run.slice(first + width, last), run[end]!));
    [done, i] = [end + 1, bars.indexOf(end) + 1];
  }
  return [...found, ...run.slice(done)];
}
