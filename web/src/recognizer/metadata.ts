/**
 * What a model file says of itself: JSON in a metadata buffer of the .tflite, found without any schema library.
 *
 * A .tflite is a FlatBuffer; its root table lists named metadata, each pointing to a buffer.
 */

/** Format of the metadata that this module reads; newer ones are refused. */
export const FORMAT = 2;

/** What `tegashiki export` writes into a file, as far as a recogniser needs it. */
export interface Metadata {
  format: number;
  /** Canonical tokens; token i has the id i + 3. */
  vocabulary: string[];
  points_per_stroke: number;
  /** Of the simplification, in units of the stroke's size. */
  rdp_epsilon: number;
  /** E, the length of a stroke's vector. */
  stem_width: number;
  /** Numbers of strokes that `encode` takes, ascending. */
  stroke_sizes: number[];
  /** Numbers of rows that `decode` takes, ascending. */
  beam_sizes: number[];
  /** Of the longest output, the end token included. */
  max_tokens: number;
  /** Caches that grow by a row a token, by name: the axis of their rows. */
  row_axes: Record<string, number>;
  /** `novelty` is what files of format 1 call `symbol_cost`. */
  calibration?: { temperature: number; bonus: number; symbol_cost?: number; novelty?: number };
  name?: string;
  licence?: string;
}

const NAME = "tegashiki";
const IDENTIFIER = "TFL3";
// Places of the fields in the tables of tflite's schema.fbs.
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
 * @param file the bytes of a .tflite that `tegashiki export` wrote.
 * @throws Error for another file, a damaged one or one of a newer format.
 */
export function readMetadata(file: Uint8Array): Metadata {
  let text: string | undefined;
  try {
    text = new FlatBuffer(file).metadata(NAME);
  } catch (error) {
    if (error instanceof RangeError) throw new Error("the model file is damaged, or no model file at all");
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
 * Read which outputs of a signature are one tensor: a converter gives equal constants the same one, and LiteRT.js then
 * knows only one of their names.
 *
 * @returns by signature, by name of an output: the names of all outputs that are its tensor.
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

  /** Place of a table's field, 0 where the table leaves it out. */
  private field(table: number, index: number): number {
    const vtable = table - this.view.getInt32(table, true);
    if (4 + 2 * index >= this.view.getUint16(vtable, true)) return 0;
    const offset = this.view.getUint16(vtable + 4 + 2 * index, true);
    return offset ? table + offset : 0;
  }

  /** Content of a string or a vector of bytes. */
  private text(place: number): string {
    const start = this.indirect(place);
    return new TextDecoder().decode(this.content.subarray(start + 4, start + 4 + this.uint(start)));
  }

  /** Places of the tables in a vector of tables; none where the field is left out. */
  private vector(place: number): number[] {
    if (!place) return [];
    const start = this.indirect(place);
    const count = this.uint(start);
    if (count > this.content.length) throw new RangeError("a vector longer than the file");
    return Array.from({ length: count }, (_, i) => this.indirect(start + 4 + 4 * i));
  }
}
