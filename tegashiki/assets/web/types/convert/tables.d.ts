/** The tables that Python wrote (tegashiki/kit/conversion_table.py describes them). */
export interface Grid {
    outer: string;
    row: string;
    cell: string;
    between_rows: string;
    between_cells: string;
    single: string;
}
type Texts = Readonly<Record<string, string>>;
export interface Target {
    name: string;
    spacing: string;
    xml: boolean;
    pads: boolean;
    classes: Texts;
    symbols: Texts;
    in_arguments: Texts;
    names: Texts;
    templates: Texts;
    accents: Texts;
    fences: Texts;
    brackets: Texts;
    grids: Readonly<Record<string, Grid>>;
    way_out: string;
}
export interface Language {
    name: string;
    calls: Texts;
    constants: Texts;
    relations: Texts;
    exact: boolean;
    way_out: string;
}
export interface Tables {
    characters: Texts;
    classes: Record<"operator" | "big" | "bracket", string[]>;
    grouping: {
        names: string[][];
        names_with_limits: string[];
        limits: string[];
        functions: string[];
        brackets: Texts;
        big_operators: string[];
        ends: string[];
        ends_of_sums: string[];
    };
    meaning: {
        functions: string[];
        times: string[];
        over: string[];
        relations: Texts;
        constants: Texts;
        inverse: Texts;
        fenced: Texts;
        integrals: Readonly<Record<string, number>>;
        sums: Texts;
        letters: string[];
        marked: Texts;
    };
    unicode: Record<"raised" | "lowered" | "fractions" | "combining", Texts>;
    keywords: string[];
    targets: Record<"latex" | "mathml" | "typst" | "asciimath" | "unicode" | "omml", Target>;
    languages: Record<"sympy" | "python", Language>;
}
export declare const tables: Tables;
/** A formula that a form cannot say. The message names the part and the way out. */
export declare class ConversionError extends Error {
    name: string;
}
export {};
