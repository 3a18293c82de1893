/** The texts of the page in other languages than English, and the choice of the language. */

const KEY = "tegashiki.language";

export type Language = "en" | "de" | "ja";

/** Languages by their code, with their own names, and the place of their texts in the table. */
const LANGUAGES: Readonly<Record<Language, { name: string; place?: 0 | 1 }>> = {
  en: { name: "English" },
  de: { name: "Deutsch", place: 0 },
  ja: { name: "日本語", place: 1 },
};

/** German and Japanese by the English text. `{}` stands for a part that varies; all texts have it at one place. */
export const TEXTS: Readonly<Record<string, readonly [german: string, japanese: string]>> = {
  "tegashiki: write mathematics, get LaTeX": [
    "tegashiki: Mathematik schreiben, LaTeX erhalten",
    "tegashiki: 数式を手書きして LaTeX に",
  ],
  Ink: ["Tinte", "インク"],
  Undo: ["Rückgängig", "元に戻す"],
  "Undo (Ctrl Z)": ["Rückgängig (Strg Z)", "元に戻す (Ctrl Z)"],
  Redo: ["Wiederholen", "やり直す"],
  "Redo (Ctrl Shift Z)": ["Wiederholen (Strg Umschalt Z)", "やり直す (Ctrl Shift Z)"],
  Erase: ["Radieren", "消しゴム"],
  "Erase strokes (E)": ["Striche radieren (E)", "線を消す (E)"],
  Clear: ["Leeren", "全消去"],
  "Erase everything (Delete)": ["Alles löschen (Entf)", "すべて消す (Delete)"],
  Open: ["Öffnen", "開く"],
  "Open an ink file (Ctrl O), or drop one on the page": [
    "Eine Tintendatei öffnen (Strg O) oder auf die Seite ziehen",
    "インクのファイルを開く (Ctrl O)。ページへのドロップも可",
  ],
  Save: ["Speichern", "保存"],
  "Save the ink as InkML (Ctrl S)": ["Die Tinte als InkML speichern (Strg S)", "インクを InkML で保存 (Ctrl S)"],
  Install: ["Installieren", "インストール"],
  "Install as an application": ["Als Anwendung installieren", "アプリとしてインストール"],
  "Light or dark": ["Hell oder dunkel", "ライト / ダーク"],
  Language: ["Sprache", "言語"],
  "Write here with a pen, a finger or the mouse": [
    "Hier mit Stift, Finger oder Maus schreiben",
    "ペン、指、マウスでここに書く",
  ],
  "The model is loading. You can already write.": [
    "Das Modell wird geladen. Sie können schon schreiben.",
    "モデルを読み込み中です。もう書き始められます。",
  ],
  "A new version of this page is ready.": [
    "Eine neue Version dieser Seite ist bereit.",
    "このページの新しいバージョンがあります。",
  ],
  Update: ["Aktualisieren", "更新"],
  "This is a new version of the page.": [
    "Dies ist eine neue Version der Seite.",
    "ページが新しいバージョンになりました。",
  ],
  "Readings, likeliest first": ["Lesarten, die wahrscheinlichste zuerst", "認識結果 (可能性の高い順)"],
  "Alternatives for the symbol": ["Andere Lesarten des Zeichens", "記号の別の候補"],
  "Copy LaTeX (C)": ["LaTeX kopieren (C)", "LaTeX をコピー (C)"],
  "Copy MathML (M)": ["MathML kopieren (M)", "MathML をコピー (M)"],
  "Copy a picture (P)": ["Ein Bild kopieren (P)", "画像をコピー (P)"],
  Done: ["Fertig", "完了"],
  "Add to the history and start a new sheet (Enter)": [
    "In den Verlauf übernehmen und neu beginnen (Eingabe)",
    "履歴に加えて新しく書く (Enter)",
  ],
  History: ["Verlauf", "履歴"],
  Forget: ["Vergessen", "消去"],
  "The ink is longer than the longest formula of the model: finish a part of it first.": [
    "Die Tinte ist länger als die längste Formel des Modells: Schließen Sie zuerst einen Teil ab.",
    "モデルが扱える数式より長くなりました。先に一部を完了してください。",
  ],
  "Not sure of this reading: choose another one, or correct a symbol.": [
    "Diese Lesart ist unsicher: Wählen Sie eine andere oder berichtigen Sie ein Zeichen.",
    "この認識結果は不確かです。別の候補を選ぶか、記号を直してください。",
  ],
  "not sure": ["unsicher", "不確か"],
  "in doubt: {}": ["zweifelhaft: {}", "不確か: {}"],
  "In doubt: click for alternatives": ["Zweifelhaft: Klicken zeigt andere Lesarten", "不確か: クリックで別の候補"],
  "The accepted reading no longer fits the ink.": [
    "Die angenommene Lesart passt nicht mehr zur Tinte.",
    "確定した認識結果がインクと合わなくなりました。",
  ],
  "Click on a symbol to see its alternatives (Arrow right)": [
    "Klicken auf ein Zeichen zeigt andere Lesarten (Pfeil rechts)",
    "記号をクリックすると別の候補を表示 (→)",
  ],
  Accept: ["Annehmen", "確定"],
  "Accept ({})": ["Annehmen ({})", "確定 ({})"],
  "This symbol has no alternatives.": [
    "Für dieses Zeichen gibt es keine andere Lesart.",
    "この記号に別の候補はありません。",
  ],
  "The picture is copied.": ["Das Bild ist kopiert.", "画像をコピーしました。"],
  "The picture is saved.": ["Das Bild ist gespeichert.", "画像を保存しました。"],
  "{} is copied.": ["{} ist kopiert.", "{} をコピーしました。"],
  "Copy {}": ["{} kopieren", "{} をコピー"],
  "the browser does not allow the page to copy": [
    "Der Browser erlaubt der Seite nicht zu kopieren.",
    "ブラウザーがコピーを許可していません。",
  ],
  "the browser cannot draw the picture": [
    "Der Browser kann das Bild nicht zeichnen.",
    "ブラウザーが画像を描画できません。",
  ],
  "The recogniser stopped ({}) and restarts with the next reading.": [
    "Die Erkennung ist stehen geblieben ({}) und startet beim nächsten Lesen neu.",
    "認識が停止しました ({})。次の認識で再起動します。",
  ],
  "{} It cannot read this ink: undo a stroke, or save the ink.": [
    "{} Sie kann diese Tinte nicht lesen: Nehmen Sie einen Strich zurück oder speichern Sie die Tinte.",
    "{} このインクは認識できません。線を一つ戻すか、インクを保存してください。",
  ],
  "The recogniser cannot be loaded ({}); the next stroke tries again.": [
    "Die Erkennung kann nicht geladen werden ({}); der nächste Strich versucht es erneut.",
    "認識を読み込めません ({})。次の線で再試行します。",
  ],
  "The formula is on the clipboard.": ["Die Formel ist in der Zwischenablage.", "数式をクリップボードに入れました。"],
  "The formula has been handed over.": ["Die Formel ist übergeben.", "数式を渡しました。"],
  "It stays in the history: {}": ["Sie bleibt im Verlauf: {}", "数式は履歴に残ります: {}"],
  "The program that opened this window has ended: the window can be closed.": [
    "Das Programm, das dieses Fenster geöffnet hat, ist beendet: Das Fenster kann geschlossen werden.",
    "このウィンドウを開いたプログラムは終了しました。ウィンドウを閉じられます。",
  ],
};

/** The language of the page: the chosen one, else the first of the browser's languages that the page has, else English. */
const language = chosenLanguage();

function chosenLanguage(): Language {
  const known = (code: string | null): code is Language => code !== null && Object.hasOwn(LANGUAGES, code);
  if (typeof navigator === "undefined" || typeof document === "undefined") return "en";
  try {
    const kept = localStorage.getItem(KEY);
    if (known(kept)) return kept;
  } catch {
    // Storage is blocked: the browser's languages decide.
  }
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(known) ?? "en";
}

/** Return a text of the page in its language, with the part that varies. A text that the table lacks stays English. */
export function t(english: string, part: string | number = ""): string {
  const { place } = LANGUAGES[language];
  const text = (place !== undefined && TEXTS[english]?.[place]) || english;
  return text.replace("{}", () => String(part));
}

/** Translate the document, and let a list choose the language. A choice loads the page anew; the ink stays. */
export function offerLanguages(list: HTMLSelectElement): void {
  for (const [code, { name }] of Object.entries(LANGUAGES)) list.add(new Option(name, code, false, code === language));
  list.addEventListener("change", () => {
    try {
      localStorage.setItem(KEY, list.value);
    } catch {
      return; // Storage is blocked: the language cannot be chosen.
    }
    location.reload();
  });
  document.documentElement.lang = language;
  document.title = t(document.title);
  for (const element of document.body.querySelectorAll("[title], [aria-label]")) {
    for (const name of ["title", "aria-label"]) {
      const text = element.getAttribute(name);
      if (text) element.setAttribute(name, t(text));
    }
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode as Text;
    const text = node.data.trim();
    if (text && TEXTS[text]) node.data = node.data.replace(text, () => t(text));
  }
}
