/** A Word document with formulas: a zip of three XML files, byte for byte that of the Python package. */
/**
 * Return a .docx file with one formula in each paragraph.
 *
 * @param formulas `<m:oMath>` elements.
 */
export declare function docx(formulas: readonly string[]): Uint8Array<ArrayBuffer>;
