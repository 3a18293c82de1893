/** Decode the text of a file, even if its XML declaration names a wrong encoding. See docs/inkml.md, "Encodings". */

/** White space of XML, and the byte order mark. */
const BLANKS = /^[\ufeff \t\r\n]*/;
const DECLARATION = /<\?xml[ \t\r\n][^>]*\?>/;
/** The declaration is searched in this many characters, since comments may precede it. */
const DECLARED_WITHIN = 4096;
const DECLARED = /<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*["']([^"'>]*)["']/;
const UTF_8 = words(" utf8 utf8sig utf8bom u8 cp65001 unicode11utf8 ascii usascii");
const WIDE = words("utf16 utf16le utf16be ucs2 iso10646ucs2 unicode utf32 utf32le utf32be ucs4 iso10646ucs4");
/** Encoding names that files use and browsers do not know. */
const LABELS: Record<string, string> = { cp932: "shift_jis", cp936: "gbk", cp949: "euc-kr", cp950: "big5" };
const MARKS: readonly [string, string][] = [
  ["efbbbf", "utf-8"],
  ["fffe0000", "utf-32"], // must come before the mark of UTF-16, which it begins with
  ["0000feff", "utf-32"],
  ["fffe", "utf-16le"],
  ["feff", "utf-16be"],
];
/** Encodings of files without a byte order mark, by which of the first four bytes are 0 (the text begins in ASCII). */
const ZEROS: Record<string, string> = { ".0.0": "utf-16le", "0.0.": "utf-16be", ".000": "utf-32", "000.": "utf-32" };
const EBCDIC = "4c6fa79493"; // <?xml

/** Whether a file is XML, judged by its first character. Other files are read as JSON. */
export function isXml(bytes: Uint8Array): boolean {
  const before = new Set([0xef, 0xbb, 0xbf, 0xff, 0xfe, 0, 0x20, 0x09, 0x0d, 0x0a]);
  return String.fromCharCode(bytes.find((byte) => !before.has(byte)) ?? 0) === "<";
}

/**
 * Decode the text of an XML file. Spaces replace its declaration, so that line and column numbers stay valid.
 *
 * @throws Error The text cannot be decoded. The message names the encoding and how to convert the file.
 */
export function decodeXml(bytes: Uint8Array): string {
  const text = decoded(bytes).replace(/^\ufeff+/, "");
  const declaration = DECLARATION.exec(text.slice(0, DECLARED_WITHIN));
  if (!declaration) return text;
  const before = text.slice(0, declaration.index);
  if (before.replace(/<!--.*?-->/gs, "").replace(BLANKS, "")) return text;
  const end = before.length + declaration[0].length;
  return before.replaceAll("\ufeff", " ") + declaration[0].replace(/[^\r\n]/g, " ") + text.slice(end);
}

/** Decode the text of a JSON file in UTF-8 or UTF-16. */
export function decodeJson(bytes: Uint8Array): string {
  const name = nameByBytes(bytes) || "utf-8";
  const text = name === "utf-32" ? undefined : textIn(name, bytes);
  if (text === undefined) throw new Error("not JSON (not text in UTF-8): save it in UTF-8");
  return text.replace(BLANKS, "");
}

function decoded(bytes: Uint8Array): string {
  const found = nameByBytes(bytes);
  if (found === "utf-32") throw new Error(`not read in UTF-32; ${wayOut("UTF-32")}`);
  if (found) {
    const label = found === "utf-8" ? "UTF-8" : "UTF-16";
    return textIn(found, bytes) ?? fail(`begins as ${label}, and is not ${label} to its end: save it anew`);
  }
  if (hexadecimal(bytes, 5) === EBCDIC) throw new Error(`not read in EBCDIC; ${wayOut("IBM037")}`);
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, DECLARED_WITHIN));
  const name = (DECLARED.exec(head)?.[1] ?? "").trim();
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (UTF_8.has(plain)) return textIn("utf-8", bytes) ?? new TextDecoder("latin1").decode(bytes);
  const label = WIDE.has(plain) ? "" : labelOf(name, plain);
  const text = label ? asXml(textIn(label, bytes)) : undefined;
  const reason = `not in '${name.slice(0, 40)}', as its XML declaration says, and not in UTF-8; ${wayOut("ENCODING")}`;
  const utf8 = textIn("utf-8", bytes);
  // Every byte is a character in these encodings, so they fit any file. Valid UTF-8 is hardly ever a coincidence.
  const fitsAll = text?.length === bytes.length || (label && new TextDecoder(label).encoding === "shift_jis");
  return (fitsAll ? utf8 : undefined) ?? text ?? utf8 ?? fail(reason);
}

/** The encoding that the first bytes of a file imply, "" if they imply none. */
function nameByBytes(bytes: Uint8Array): string {
  const start = hexadecimal(bytes, 4);
  const marked = MARKS.find(([mark]) => start.startsWith(mark));
  const zeros = Array.from(bytes.subarray(0, 4), (byte) => (byte ? "." : "0")).join("");
  return marked?.[1] ?? ZEROS[zeros] ?? "";
}

/** The browser's name of a declared encoding. */
function labelOf(name: string, plain: string): string {
  const windows = /^cp(125\d|874)$/.exec(plain);
  for (const label of [LABELS[plain], windows && `windows-${windows[1]}`, name, name.replaceAll("_", "-"), plain]) {
    if (label && isLabel(label)) return label;
  }
  return fail(`its XML declaration says the unknown encoding '${name.slice(0, 40)}'; ${wayOut("ENCODING")}`);
}

function isLabel(label: string): boolean {
  try {
    return Boolean(new TextDecoder(label));
  } catch {
    return false;
  }
}

function textIn(label: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text if it looks like XML, else undefined. */
function asXml(text: string | undefined): string | undefined {
  return text?.replace(BLANKS, "").startsWith("<") ? text : undefined;
}

function wayOut(name: string): string {
  const where = name === "ENCODING" ? ", where ENCODING is what it really is" : "";
  return `convert it to UTF-8, such as by iconv -f ${name} -t UTF-8 old.inkml > new.inkml${where}`;
}

function hexadecimal(bytes: Uint8Array, count: number): string {
  return Array.from(bytes.subarray(0, count), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

function fail(reason: string): never {
  throw new Error(reason);
}
