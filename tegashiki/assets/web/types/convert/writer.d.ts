/** Write a formula by the tables of a target. */
import type { Item, Row, Scripts } from "./formula.js";
import { type Target } from "./tables.js";
/** What fills a hole of a template. */
type Part = Row | string | undefined;
/** Writes items by the tables of a target. Targets with rules of their own override single kinds of items. */
export declare class Writer {
    protected readonly target: Target;
    private inArgument;
    constructor(target: Target);
    /** Return a row. As an argument of a template it may not hold a bare comma. */
    row(row: Row | undefined, argument?: boolean): string;
    private within;
    private items;
    private operandEnd;
    protected fill(name: string, what: string, ...parts: Part[]): string;
    private filled;
    private cannot;
    protected group(row: Row | undefined): string;
    protected asGroup(text: string, single: boolean): string;
    private item;
    private symbol;
    /** Return a number with its decimal comma as the target writes it. */
    private number;
    private escaped;
    protected fraction({ numerator, denominator }: Item & {
        kind: "fraction";
    }): string;
    protected root({ radicand, index }: Item & {
        kind: "root";
    }): string;
    protected accent({ token, body }: Item & {
        kind: "accent";
    }): string;
    private withOperand;
    protected scripts({ base, sub, sup }: Scripts): string;
    protected base(base: Item | undefined): string;
    private fence;
    private bracket;
    private table;
    private tableRow;
    private cell;
}
export {};
