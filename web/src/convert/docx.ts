/** A Word document with formulas: a zip of three XML files, byte for byte that of the Python package. */

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math";
const DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
const CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
const RELATIONS = "application/vnd.openxmlformats-package.relationships+xml";
const DATE = 0x21; // 1 January 1980, the earliest date of a zip, so that equal formulas give equal files
const VERSION = 20;
const UNIX = 3;
const OWNER_READS_AND_WRITES = 0o600;

/**
 * Return a .docx file with one formula in each paragraph.
 *
 * @param formulas `<m:oMath>` elements.
 */
export function docx(formulas: readonly string[]): Uint8Array<ArrayBuffer> {
  const paragraphs = formulas.map((omml) => `<w:p><m:oMathPara>${omml}</m:oMathPara></w:p>`).join("");
  return zip([
    [
      "[Content_Types].xml",
      `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="${RELATIONS}"/>` +
        `<Override PartName="/word/document.xml" ContentType="${CONTENT}"/></Types>`,
    ],
    [
      "_rels/.rels",
      `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="document" Type="${DOCUMENT}" ` +
        'Target="word/document.xml"/></Relationships>',
    ],
    [
      "word/document.xml",
      `${XML}<w:document xmlns:w="${WORD}" xmlns:m="${MATH}"><w:body>${paragraphs}</w:body></w:document>`,
    ],
  ]);
}

/** Return a zip of texts that are stored as they are. Reference: PKWARE's APPNOTE, sections 4.3.7 to 4.3.16. */
function zip(files: readonly [string, string][]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts: number[] = [];
  const directory: number[] = [];
  for (const [name, text] of files) {
    const [title, content] = [encoder.encode(name), encoder.encode(text)];
    const size = content.length;
    const about = [
      ...two(0),
      ...two(0),
      ...two(0),
      ...two(DATE),
      ...four(crc32(content)),
      ...four(size),
      ...four(size),
    ];
    const lengths = [...two(title.length), ...two(0)];
    const rest = [...two(0), ...two(0), ...two(0), ...four(OWNER_READS_AND_WRITES * 0x10000), ...four(parts.length)];
    const header = [...two(VERSION), ...about, ...lengths];
    directory.push(0x50, 0x4b, 1, 2, VERSION, UNIX, ...header, ...rest, ...title);
    parts.push(0x50, 0x4b, 3, 4, ...header, ...title, ...content);
  }
  const counts = [...two(0), ...two(0), ...two(files.length), ...two(files.length)];
  const end = [0x50, 0x4b, 5, 6, ...counts, ...four(directory.length), ...four(parts.length), ...two(0)];
  return new Uint8Array([...parts, ...directory, ...end]);
}

function two(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

function four(value: number): number[] {
  return [...two(value), ...two(value >>> 16)];
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}
