/** The texts in English. */

const LASTS = "what is learnt lasts until the page is closed. Export it to keep it.";

/** Every text that users read. What a text says about something is a function of that. */
export const en = {
  code: "en",
  /** The language in itself. */
  name: "English",

  // The sheet and its buttons
  toolbar: "Ink",
  sheet: "Write here with a pen, a finger or the mouse",
  undo: "Undo",
  undoTitle: "Undo (Ctrl Z)",
  redo: "Redo",
  redoTitle: "Redo (Ctrl Shift Z)",
  erase: "Erase",
  eraseTitle: "Erase strokes (E)",
  select: "Select",
  selectTitle: "Select strokes to move, copy or delete them (S)",
  clear: "Clear",
  clearTitle: "Erase everything (Delete)",
  done: "Done",
  doneTitle: "Done (Enter)",

  // Selections and gestures
  selection: "Selection",
  selecting: "Draw around strokes or tap one, then drag them. A level drag beside them opens a space.",
  selectAll: "Select all",
  selectAllTitle: "Select all strokes (Ctrl A); the arrow keys move them",
  duplicate: "Duplicate",
  duplicateTitle: "Duplicate the selected strokes (D)",
  delete: "Delete",
  deleteTitle: "Delete the selected strokes (Delete)",
  settings: "Settings",
  gestures: "A zigzag over ink strikes it out",
  struck: (count: number) => `Struck out: ${count} ${count === 1 ? "stroke" : "strokes"}. Undo brings them back.`,

  // Readings
  readings: "Readings, likeliest first",
  alternatives: "Alternatives for the symbol",
  formula: "Formula",
  latex: "LaTeX of the formula",
  accept: "Accept",
  acceptNumber: (number: number) => `Accept (${number})`,
  /** On the accepted reading. */
  symbols: "Click on a symbol to see its alternatives (Arrow right)",
  noAlternatives: "This symbol has no alternatives.",
  other: "Other…",
  answer: "Answer",
  answerTitle: "Take the answer",
  decimalComma: "Decimal comma",
  decimalCommaTitle: "Write the formula with a decimal comma",
  /** On the button for a symbol that is not among the alternatives. */
  spell: "Type the symbol's LaTeX",
  /** On a symbol in doubt. */
  doubtful: "In doubt: click for alternatives",
  inDoubt: (symbols: string) => `in doubt: ${symbols}`,
  /** In place of a probability. */
  notSure: "not sure",
  notSureOfReading: "Not sure of this reading: choose another one, or correct a symbol.",
  tooLong: "The ink is longer than the longest formula of the model: finish a part of it first.",
  released: "The accepted reading no longer fits the ink.",
  required: "Write a formula.",

  // Several lines
  rows: "Lines",
  lineNumber: (number: number) => `Line ${number}`,
  beginLine: "New line",
  beginLineTitle: "The next stroke begins a line (N)",
  lineBegins: "The next stroke begins a new line.",
  joinLine: "Join lines",
  joinLineTitle: "Make this line one with the line above",
  severalLines: "Tell lines under each other apart",
  offerDecimalComma: "Offer numbers with a decimal comma",

  // The recogniser
  loading: "The model is loading. You can already write.",
  stopped: (reason: string) => `The recogniser stopped (${reason}) and restarts with the next reading.`,
  notLoaded: (reason: string) => `The recogniser cannot be loaded (${reason}); the next stroke tries again.`,
  closed: "it was closed",
  unreadableMessage: "a message from its worker cannot be read",
  noReason: "the browser gives no reason",
  /** After `stopped`. */
  cannotRead: "It cannot read this ink: undo a stroke, or save the ink.",

  // The page
  title: "tegashiki: write mathematics, get LaTeX",
  language: "Language",
  theme: "Light or dark",
  open: "Open",
  openTitle: "Open an ink file or a picture (Ctrl O), or drop one on the page",
  save: "Save",
  saveTitle: "Save the ink as InkML (Ctrl S)",
  install: "Install",
  installTitle: "Install as an application",
  newVersion: "A new version of this page is ready.",
  update: "Update",
  updated: "This is a new version of the page.",
  finishTitle: "Add to the history and start a new sheet (Enter)",
  history: "History",
  forget: "Forget",

  // Pictures
  photograph: "Photo",
  photographTitle: "Photograph a formula",
  lines: "Lines found in the picture",
  lineOf: (number: number, count: number) => `Line ${number} of ${count}`,
  findingStrokes: "Looking for handwriting in the picture…",
  strokesFound: (count: number) =>
    `${count === 1 ? "1 stroke" : `${count} strokes`} found. Erase wrong ones, and write missing ones.`,
  linesFound: (count: number) => `${count} lines found. Done goes on to the next one.`,
  unreadablePicture: "not a picture that this browser can read: save it as PNG or JPEG.",
  manyBytes: (bytes: number, limit: number) => `${bytes} bytes, the limit is ${limit}: save it smaller.`,
  manyPixels: (width: number, height: number, limit: number) =>
    `${width} × ${height} pixels, the limit is ${limit} pixels: save it smaller.`,
  longSide: (width: number, height: number, limit: number) =>
    `${width} × ${height} pixels, the limit of a side is ${limit}: cut or reduce it.`,
  noInk: "no handwriting found: take a picture with more light or contrast.",
  muchInk: "more ink than handwriting has: cut the picture to the formula.",
  manyStrokes: (count: number, limit: number) =>
    `${count} strokes found, the limit is ${limit}: cut the picture to the formula.`,
  pictureStopped: (reason: string) => `the search for handwriting stopped (${reason}): try a smaller picture.`,

  // Corrections
  correct: "Correct",
  correctTitle: "Type what is written, as LaTeX (L)",
  symbolLatex: "The symbol's LaTeX",
  cancel: "Cancel",

  // Copies
  copyLatexTitle: "Copy LaTeX (C)",
  copyMathmlTitle: "Copy MathML (M)",
  copyPictureTitle: "Copy a picture (P)",
  copyAs: "Copy as…",
  copyAsTitle: "Copy in another form",
  copyOf: (latex: string) => `Copy ${latex}`,
  unicodeText: "Unicode text",
  wordEquation: "Word equation",
  wordDocument: "Word document",
  picture: "PNG picture",
  inkAsSvg: "Ink as SVG",
  copied: (form: string) => `${form} is copied.`,
  equationCopied: "The Word equation is copied.",
  documentSaved: "The Word document is saved.",
  pictureCopied: "The picture is copied.",
  pictureSaved: "The picture is saved.",
  inkCopied: "The ink is copied as SVG.",
  cannotCopy: "the browser does not allow the page to copy",
  cannotDraw: "the browser cannot draw the picture",

  // The memory
  memory: "Your hand",
  learning: "Learn from what I accept",
  learntFrom: (count: number) => `Learnt from ${count} ${count === 1 ? "formula" : "formulas"}.`,
  cannotLearn: "This model cannot learn: its file has an older format. Export it again with `tegashiki export`.",
  storageFull: `The browser's storage is full: ${LASTS}`,
  notStored: (reason: string) => `This browser stores nothing here (${reason}): ${LASTS}`,
  storageClosed: "the browser has closed it",
  show: "Show",
  export: "Export",
  exportTitle: "Save what it has learnt as a file",
  import: "Import",
  importTitle: "Add what such a file has learnt",
  forgetAll: "Forget all",
  drawings:
    "Your drawings of each symbol. They stay in this browser, in a private window only until it is closed. Click on one to see its formula.",
  imported: (file: string, added: number, all: number) =>
    `${file}: ${added || "no"} new ${added === 1 ? "formula" : "formulas"} of ${all}.`,
  forgotten: (latex: string) => `Forgotten: ${latex}.`,
  manyForgotten: (count: number) => `Forgotten: ${count} formulas.`,
  learntAgain: "Learnt again.",
  unread: "Formulas that this model cannot read or write",
  more: (count: number) => `and ${count} more`,
  learntOn: (date: string) => `Learnt on ${date}`,
  /** On a drawing of a symbol. */
  drawing: (latex: string, date: string) => `${latex}, learnt on ${date}`,
  /** The same for screen readers. */
  drawingOf: (symbol: string, latex: string, date: string) => `${symbol || "formula"} in ${latex}, learnt on ${date}`,
  forgetThis: "Forget this formula",

  // The window of `tegashiki pad`
  onClipboard: "The formula is on the clipboard.",
  handedOver: "The formula has been handed over.",
  notDelivered: (reason: string) => `It stays in the history: ${reason}`,
  programEnded: "The program that opened this window has ended: the window can be closed.",
};
