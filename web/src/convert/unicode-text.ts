/** Unicode text such as `x²+½`. What has no characters of its own is written linearly, as UnicodeMath. */

import type { Item, Row, Scripts } from "./formula.ts";
import { grouped, hasLimits, tokenOf } from "./grouping.ts";
import { tables } from "./tables.ts";
import { Writer } from "./writer.ts";

const { raised, lowered, fractions, combining } = tables.unicode;
/** The mark that becomes a space before a letter or number. `\ue001` in templates does so before a bracket too. */
const WORD = "\ue000";

/** Return the text of a tree. */
export function unicodeText(row: Row): string {
  return new UnicodeWriter(tables.targets.unicode)
    .row(row, false)
    .replace(/\ue001\ue000?(?=[\p{L}\p{N}_(√∛∜])/gu, " ")
    .replace(/(?<=[\p{L}\p{N}_])\ue000+(?=[\p{L}\p{N}_√∛∜])/gu, " ")
    .replace(/[\ue000\ue001]/g, "");
}

class UnicodeWriter extends Writer {
  protected override fraction(item: Item & { kind: "fraction" }): string {
    return fractions[`${digits(item.numerator)}/${digits(item.denominator)}`] ?? super.fraction(item);
  }

  protected override root(item: Item & { kind: "root" }): string {
    const sign = { 3: "∛", 4: "∜" }[digits(item.index)];
    return sign ? sign + this.group(item.radicand) : super.root(item);
  }

  protected override accent(item: Item & { kind: "accent" }): string {
    const mark = combining[item.token];
    if (mark === undefined) return super.accent(item);
    const body = this.row(item.body);
    if (["\\overline", "\\underline", "\\bar"].includes(item.token) && /^[\p{L}\p{N}]*$/u.test(body)) {
      return Array.from(body, (character) => character + mark).join("");
    }
    const single = item.body.length === 1 && item.body[0]!.kind === "symbol";
    return single ? (body + mark).normalize("NFC") : `(${body})${mark}`;
  }

  protected override scripts({ base, sub, sup }: Scripts): string {
    let text = this.base(base);
    if (base?.kind === "name") text = WORD + text.replace(/^\ue000+|\ue000+$/g, "");
    const scripts = this.script(sub, "_", lowered) + this.script(sup, "^", raised);
    return text + scripts + (base?.kind === "name" || hasLimits(base) ? WORD : "");
  }

  /** Return a script in raised or lowered characters, or after its mark if one of them does not exist. */
  private script(row: Row | undefined, mark: string, characters: Readonly<Record<string, string>>): string {
    if (!row) return "";
    const text = this.row(row);
    const replaced = Array.from(text, (character) => characters[character]);
    if (!replaced.includes(undefined)) return replaced.join("");
    return mark + this.asGroup(text, grouped(row).length === 1) + WORD;
  }
}

/** Return the digits of a row that has nothing else, otherwise a text that is no number. */
function digits(row: Row | undefined): string {
  return (row ?? []).map((item) => (/^\d$/.test(tokenOf(item)) ? tokenOf(item) : "?")).join("");
}
