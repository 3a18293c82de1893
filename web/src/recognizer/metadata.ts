/**
 * Read the metadata of a model file: JSON in a metadata buffer of the .tflite. This needs no schema library.
 *
 * A .tflite is a FlatBuffer. Its root table lists named metadata, each of which refers to a buffer.
 */

/** The newest format of the metadata that this module reads. */
export const FORMAT = 2;

/** The metadata that `tegashiki export` writes and a recogniser needs. */
export interface Metadata {
  format: number;
  /** Canonical tokens. Token i has the id i + 3. */
  vocabulary: string[];
  points_per_stroke: number;
  /** Tolerance of the simplification, in units of the stroke's size. */
  rdp_epsilon: number;
  /** E, length of a stroke's vector. */
  stem_width: number;
  /** Padded numbers of strokes that `encode` supports, ascending. */
  stroke_sizes: number[];
  /** Numbers of rows that `decode` supports, ascending. */
  beam_sizes: number[];
  /** Length of the longest output, including the end token. */
  max_tokens: number;
  /** For caches that grow by one row per token, by name, the axis of the rows. */
  row_axes: Record<string, number>;
  /** Files of format 1 call `symbol_cost` `novelty`. */
  calibration?: { temperature: number; bonus: number; symbol_cost?: number; novelty?: number };
  /** From format 2: the model's fingerprint and the mean of its hidden vectors. */
  hidden?: { fingerprint: string; mean: number[] };
  name?: string;
  licence?: string;
}

const NAME = "tegashiki";
const IDENTIFIER = "TFL3";
// Field indices in the tables of TFLite's schema.fbs.
const MODEL_BUFFERS = 4;
const MODEL_METADATA = 6;
const MODEL_SIGNATURES = 7;
const METADATA_NAME = 0;
const METADATA_BUFFER = 1;
const BUFFER_DATA = 0;
const SIGNATURE_OUTPUTS = 1;
const SIGNATURE_KEY = 2;
const OUTPUT_NAME = 0;
const OUTPUT_TENSOR = 1;

/**
 * Read the metadata of a model file.
 *
 * @param file Content of a .tflite file written by `tegashiki export`.
 * @throws Error The file is damaged, has a newer format, or is not from `tegashiki export`.
 */
export function readMetadata(file: Uint8Array): Metadata {
  let text: string | undefined;
  try {
    text = new FlatBuffer(file).metadata(NAME);
  } catch (error) {
    if (error instanceof RangeError) throw new Error("the file is damaged, or is not a model file");
    throw error;
  }
  if (text === undefined) throw new Error(`the model was not written by \`tegashiki export\`: no ${NAME} metadata`);
  const metadata = JSON.parse(text) as Metadata;
  if (!(metadata.format <= FORMAT)) {
    throw new Error(`the model has format ${metadata.format}, this page reads up to ${FORMAT}: update the page`);
  }
  return metadata;
}

/**
 * Read which outputs of a signature share one tensor. The converter merges equal constants, and LiteRT.js then knows
 * only one of their names.
 *
 * @returns For each signature and each of its outputs, the names of all outputs with the same tensor.
 */
export function readOutputs(file: Uint8Array): Record<string, Record<string, string[]>> {
  return new FlatBuffer(file).outputs();
}

class FlatBuffer {
  private readonly view: DataView;

  constructor(private readonly content: Uint8Array) {
    this.view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    if (new TextDecoder().decode(content.subarray(4, 8)) !== IDENTIFIER) throw new Error("no .tflite");
  }

  outputs(): Record<string, Record<string, string[]>> {
    const signatures = this.vector(this.field(this.indirect(0), MODEL_SIGNATURES)).map((signature) => {
      const named = this.vector(this.field(signature, SIGNATURE_OUTPUTS)).map((output) => {
        const place = this.field(output, OUTPUT_TENSOR);
        return { name: this.text(this.field(output, OUTPUT_NAME)), tensor: place && this.uint(place) };
      });
      const sharing = (tensor: number) => named.filter((other) => other.tensor === tensor).map(({ name }) => name);
      const outputs = Object.fromEntries(named.map(({ name, tensor }) => [name, sharing(tensor)]));
      return [this.text(this.field(signature, SIGNATURE_KEY)), outputs];
    });
    return Object.fromEntries(signatures) as Record<string, Record<string, string[]>>;
  }

  metadata(name: string): string | undefined {
    const model = this.indirect(0);
    for (const entry of this.vector(this.field(model, MODEL_METADATA))) {
      if (this.text(this.field(entry, METADATA_NAME)) !== name) continue;
      const index = this.uint(this.field(entry, METADATA_BUFFER));
      const buffer = this.vector(this.field(model, MODEL_BUFFERS))[index];
      if (buffer === undefined) throw new RangeError("no such buffer");
      return this.text(this.field(buffer, BUFFER_DATA));
    }
    return undefined;
  }

  private uint(place: number): number {
    return this.view.getUint32(place, true);
  }

  private indirect(place: number): number {
    return place + this.uint(place);
  }

  /** Offset of a table's field, 0 if the table omits the field. */
  private field(table: number, index: number): number {
    const vtable = table - this.view.getInt32(table, true);
    if (4 + 2 * index >= this.view.getUint16(vtable, true)) return 0;
    const offset = this.view.getUint16(vtable + 4 + 2 * index, true);
    return offset ? table + offset : 0;
  }

  /** Decode a string or a vector of bytes. */
  private text(place: number): string {
    const start = this.indirect(place);
    return new TextDecoder().decode(this.content.subarray(start + 4, start + 4 + this.uint(start)));
  }

  /** Offsets of the tables in a vector of tables, empty if the field is omitted. */
  private vector(place: number): number[] {
    if (!place) return [];
    const start = this.indirect(place);
    const count = this.uint(start);
    if (count > this.content.length) throw new RangeError("a vector longer than the file");
    return Array.from({ length: count }, (_, i) => this.indirect(start + 4 + 4 * i));
  }
}
