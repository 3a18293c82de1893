/** The texts that users read, in every language. */

/** Texts of one language. */
export interface Texts {
  sheet: string;
  toolbar: string;
  undo: string;
  redo: string;
  erase: string;
  clear: string;
  done: string;
  readings: string;
  alternatives: string;
  formula: string;
  latex: string;
  accept: string;
  /** On the accepted reading. */
  symbols: string;
  other: string;
  /** On the button for a symbol that is not among the alternatives. */
  spell: string;
  noAlternatives: string;
  /** On a symbol in doubt. */
  doubtful: string;
  inDoubt: string;
  /** In place of a probability. */
  notSure: string;
  notSureOfReading: string;
  tooLong: string;
  released: string;
  cannotRead: string;
  loading: string;
  required: string;
}

const TEXTS: Readonly<Record<string, Texts>> = {
  en: {
    sheet: "Write here with a pen, a finger or the mouse",
    toolbar: "Ink",
    undo: "Undo",
    redo: "Redo",
    erase: "Erase",
    clear: "Clear",
    done: "Done",
    readings: "Readings, likeliest first",
    alternatives: "Alternatives for the symbol",
    formula: "Formula",
    latex: "LaTeX of the formula",
    accept: "Accept",
    symbols: "Click on a symbol to see its alternatives (Arrow right)",
    other: "Other…",
    spell: "Type the symbol's LaTeX",
    noAlternatives: "This symbol has no alternatives.",
    doubtful: "In doubt: click for alternatives",
    inDoubt: "in doubt",
    notSure: "not sure",
    notSureOfReading: "Not sure of this reading: choose another one, or correct a symbol.",
    tooLong: "The ink is longer than the longest formula of the model: finish a part of it first.",
    released: "The accepted reading no longer fits the ink.",
    cannotRead: "It cannot read this ink: undo a stroke, or save the ink.",
    loading: "The model is loading. You can already write.",
    required: "Write a formula.",
  },
  de: {
    sheet: "Hier mit Stift, Finger oder Maus schreiben",
    toolbar: "Tinte",
    undo: "Rückgängig",
    redo: "Wiederholen",
    erase: "Radieren",
    clear: "Alles löschen",
    done: "Fertig",
    readings: "Lesarten, die wahrscheinlichste zuerst",
    alternatives: "Alternativen für das Zeichen",
    formula: "Formel",
    latex: "LaTeX der Formel",
    accept: "Annehmen",
    symbols: "Ein Klick auf ein Zeichen zeigt seine Alternativen (Pfeil rechts)",
    other: "Anderes …",
    spell: "LaTeX des Zeichens eingeben",
    noAlternatives: "Dieses Zeichen hat keine Alternativen.",
    doubtful: "Zweifelhaft: ein Klick zeigt Alternativen",
    inDoubt: "zweifelhaft",
    notSure: "unsicher",
    notSureOfReading: "Diese Lesart ist unsicher: eine andere wählen oder ein Zeichen berichtigen.",
    tooLong: "Die Tinte ist länger als die längste Formel des Modells: zuerst einen Teil davon abschließen.",
    released: "Die angenommene Lesart passt nicht mehr zur Tinte.",
    cannotRead: "Diese Tinte kann nicht gelesen werden: einen Strich rückgängig machen.",
    loading: "Das Modell wird geladen. Schreiben geht schon.",
    required: "Bitte eine Formel schreiben.",
  },
  ja: {
    sheet: "ペン、指、マウスでここに書いてください",
    toolbar: "インク",
    undo: "元に戻す",
    redo: "やり直す",
    erase: "消しゴム",
    clear: "すべて消去",
    done: "完了",
    readings: "読み取り候補(確からしい順)",
    alternatives: "この記号のほかの候補",
    formula: "数式",
    latex: "数式の LaTeX",
    accept: "確定",
    symbols: "記号をクリックするとほかの候補が出ます(右矢印キー)",
    other: "その他…",
    spell: "記号の LaTeX を入力",
    noAlternatives: "この記号にほかの候補はありません。",
    doubtful: "不確かな記号です。クリックするとほかの候補が出ます",
    inDoubt: "不確か",
    notSure: "不確か",
    notSureOfReading: "この読みは不確かです。ほかの候補を選ぶか、記号を直してください。",
    tooLong: "モデルが読める長さを超えています。先に一部を完了してください。",
    released: "確定した読みがインクに合わなくなりました。",
    cannotRead: "このインクは読めません。一画戻してください。",
    loading: "モデルを読み込んでいます。もう書き始められます。",
    required: "数式を書いてください。",
  },
};

/**
 * Return the texts of the first known language, else the English ones.
 *
 * @param languages Language tags such as "de-AT", most wanted first.
 */
export function textsOf(...languages: readonly string[]): Texts {
  const known = languages.map((tag) => TEXTS[tag.toLowerCase().split("-")[0]!]).find(Boolean);
  return known ?? TEXTS.en!;
}
