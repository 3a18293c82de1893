/**
 * A backend that runs a .tflite file with LiteRT.js on one thread. The file is the same as that of the Python package.
 *
 * Arrays stay in the runtime's memory between steps. Only logits and attention are copied out.
 */

import type { CompiledModel } from "@litertjs/core";
import { getGlobalLiteRt, getGlobalLiteRtPromise, loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import type { Backend, Cache, Encoded, Hidden, Step } from "./backend.ts";
import { type Metadata, readMetadata, readOutputs } from "./metadata.ts";

type Tensors = Record<string, Tensor>;

/** Calls the signatures of a model file, which `tegashiki/export/signatures.py` defines. */
export class LiteRTBackend implements Backend {
  readonly vocabularySize: number;
  readonly maxTokens: number;
  readonly strokeSizes: readonly number[];
  readonly beamSizes: readonly number[];
  readonly hidden: Hidden | undefined;

  private constructor(
    private readonly model: CompiledModel,
    readonly metadata: Metadata,
    private readonly outputs: Record<string, Record<string, string[]>>,
  ) {
    this.vocabularySize = 3 + metadata.vocabulary.length;
    this.maxTokens = metadata.max_tokens;
    this.strokeSizes = metadata.stroke_sizes;
    this.beamSizes = metadata.beam_sizes;
    const { hidden } = metadata;
    this.hidden = hidden && { mean: Float32Array.from(hidden.mean), fingerprint: hidden.fingerprint };
  }

  /**
   * Open a model.
   *
   * @param file Content of a .tflite file written by `tegashiki export`.
   * @param wasm URL of the loader of LiteRT.js, a .js file. Loaded once for all models.
   * @param binary URL of its .wasm file, by default the one in the loader's folder.
   */
  static async open(file: Uint8Array, wasm: string, binary?: string): Promise<LiteRTBackend> {
    const metadata = readMetadata(file);
    await (getGlobalLiteRtPromise() ?? loadRuntime(wasm, binary));
    return new LiteRTBackend(await loadAndCompile(file, { accelerator: "wasm" }), metadata, readOutputs(file));
  }

  async stem(points: Float32Array): Promise<Float32Array> {
    const input = new Tensor(points, [1, points.length / 2, 2]);
    const { stem } = await this.run("stem", { points: input });
    input.delete();
    return take(stem!);
  }

  async encode(stems: readonly Float32Array[], boxes: Float32Array): Promise<Encoded> {
    const size = this.strokeSizes.find((strokes) => strokes >= stems.length);
    if (!size) throw new RangeError(`${stems.length} strokes: this model reads at most ${this.strokeSizes.at(-1)}`);
    const width = this.metadata.stem_width;
    const strokes = new Float32Array(size * width);
    stems.forEach((stem, i) => strokes.set(stem, i * width));
    const padded = new Float32Array(3 * size);
    padded.set(boxes);
    const inputs = {
      strokes: new Tensor(strokes, [1, size, width]),
      boxes: new Tensor(padded, [1, size, 3]),
      mask: new Tensor(new Float32Array(size).fill(1, 0, stems.length), [1, size]),
    };
    const outputs = await this.run(`encode_${size}`, inputs);
    inputs.strokes.delete();
    inputs.boxes.delete();
    return new EncodedInk(size, inputs.mask, outputs);
  }

  initCache(encoded: EncodedInk, beams: number): DecoderCache {
    const signature = this.model.signatures[`decode_${encoded.strokes}x${beams}`]!;
    const shapes = Object.fromEntries(signature.getInputDetails().map(({ name, shape }) => [name, [...shape]]));
    return new DecoderCache(encoded.first, beams, shapes, this.metadata.row_axes);
  }

  async decodeStep(encoded: EncodedInk, cache: DecoderCache, tokens: Int32Array, position: number): Promise<Step> {
    const last = { tokens: new Tensor(tokens, [tokens.length]), position: new Tensor(Int32Array.of(position), [1]) };
    const name = `decode_${encoded.strokes}x${tokens.length}`;
    // Files of format 1 have no hidden vector.
    const { logits, attention, hidden, ...state } = await this.run(name, {
      ...encoded.memory,
      ...cache.tensors,
      ...last,
    });
    last.tokens.delete();
    last.position.delete();
    cache.advance(state, position);
    const split = (tensor: Tensor) => rows(take(tensor), tokens.length);
    return { logits: split(logits!), attention: split(attention!), hidden: hidden && split(hidden) };
  }

  /** Run a signature. Returns a separate tensor for each name of an output, even if outputs share one tensor. */
  private async run(name: string, inputs: Tensors): Promise<Tensors> {
    const signature = this.model.signatures[name]!;
    const results = await signature.run(signature.getInputDetails().map((input) => inputs[input.name]!));
    const outputs: Tensors = {};
    signature.getOutputDetails().forEach((output, i) => {
      const free = this.outputs[name]![output.name]!.find((own) => !(own in outputs));
      if (free) outputs[free] = results[i]!;
      else results[i]!.delete();
    });
    return outputs;
  }
}

/** Load LiteRT.js, with its .wasm from the loader's folder. Its default is the folder of a worker's script. */
function loadRuntime(loader: string, binary?: string): Promise<unknown> {
  if (typeof location === "undefined") {
    throw new Error(
      "LiteRT.js runs in a browser's pages and workers only: open the model there, or use a different backend",
    );
  }
  const base = typeof document === "undefined" ? location.href : document.baseURI;
  const address = new URL(loader, base);
  const locateFile = (name: string) => new URL(name.endsWith(".wasm") ? (binary ?? name) : name, address).href;
  (globalThis as { Module?: unknown }).Module = { locateFile, printErr: log };
  return loadLiteRt(address.href);
}

/** Print a log line of LiteRT by its level. LiteRT writes all lines to standard error, with the level as a prefix. */
function log(line: string): void {
  if (/^(INFO|VERBOSE|DEBUG):/.test(line)) return; // dozens of lines for each load, and more for each reading
  if (line.startsWith("WARNING:")) console.warn(line);
  else console.error(line);
}

/** The tensors of an encoded ink that each step reads, and one row of the cache before the first token. */
class EncodedInk implements Encoded {
  readonly memory: Tensors = {};
  readonly first: Record<string, Float32Array> = {};

  constructor(
    readonly strokes: number,
    mask: Tensor,
    outputs: Tensors,
  ) {
    this.memory.mask = mask;
    for (const [name, tensor] of Object.entries(outputs)) {
      if (name.startsWith("encoded_")) this.memory[name] = tensor;
      else this.first[name] = take(tensor);
    }
  }

  release(): void {
    for (const tensor of Object.values(this.memory)) tensor.delete();
  }
}

class DecoderCache implements Cache {
  readonly tensors: Tensors = {};
  /** Number of rows written to the row caches. */
  private written = 0;

  /**
   * @param first `EncodedInk.first`.
   * @param beams Number of rows.
   * @param shapes Shapes of the step's inputs, by name.
   * @param rowAxes For caches that grow by one row per token, the axis of the rows. They start as zeros.
   */
  constructor(
    first: Record<string, Float32Array>,
    private readonly beams: number,
    private readonly shapes: Record<string, number[]>,
    private readonly rowAxes: Record<string, number>,
  ) {
    for (const name of Object.keys(rowAxes)) {
      this.tensors[name] = new Tensor(new Float32Array(product(shapes[name]!)), shapes[name]!);
    }
    for (const [name, row] of Object.entries(first)) {
      const repeated = new Float32Array(beams * row.length);
      for (let beam = 0; beam < beams; beam++) repeated.set(row, beam * row.length);
      this.tensors[name] = new Tensor(repeated, shapes[name]!);
    }
  }

  /** Store the outputs of a step: one row of the row caches, all of the other caches. */
  advance(state: Tensors, position: number): void {
    this.written = position + 1;
    for (const [name, tensor] of Object.entries(state)) {
      const axis = this.rowAxes[name];
      if (axis === undefined) {
        this.tensors[name]!.delete();
        this.tensors[name] = tensor;
      } else {
        this.put(this.tensors[name]!, this.shapes[name]!, axis, take(tensor), position);
      }
    }
  }

  reorder(parents: readonly number[]): void {
    const moved = [...parents.keys()].filter((row) => parents[row] !== row);
    if (!moved.length) return;
    for (const [name, tensor] of Object.entries(this.tensors)) {
      const blocks = this.blocks(name);
      change(tensor, (content) => {
        const row = content.length / this.beams;
        for (const [start, end] of blocks) {
          const sources = moved.map((to) => content.slice(parents[to]! * row + start, parents[to]! * row + end));
          moved.forEach((to, i) => content.set(sources[i]!, to * row + start));
        }
      });
    }
  }

  release(): void {
    for (const tensor of Object.values(this.tensors)) tensor.delete();
  }

  /** The written ranges in one beam's part of a cache, as pairs of start and end. */
  private blocks(name: string): [number, number][] {
    const [shape, axis] = [this.shapes[name]!, this.rowAxes[name]];
    if (axis === undefined) return [[0, product(shape.slice(1))]];
    const [block, written] = [product(shape.slice(axis)), this.written * product(shape.slice(axis + 1))];
    return Array.from({ length: product(shape.slice(1, axis)) }, (_, i) => [i * block, i * block + written]);
  }

  private put(cache: Tensor, shape: number[], axis: number, row: Float32Array, position: number): void {
    const inner = product(shape.slice(axis + 1));
    change(cache, (content) => {
      for (let outer = 0; outer < row.length / inner; outer++) {
        const place = (outer * shape[axis]! + position) * inner;
        content.set(row.subarray(outer * inner, (outer + 1) * inner), place);
      }
    });
  }
}

/** Copy a tensor's content and free the tensor. */
function take(tensor: Tensor): Float32Array {
  const content = tensor.toTypedArray() as Float32Array;
  tensor.delete();
  return content;
}

/** Edit a tensor's content in place. */
function change(tensor: Tensor, edit: (content: Float32Array) => void): void {
  const wasm = getGlobalLiteRt().liteRtWasm;
  const buffer = tensor.liteRtTensorBuffer;
  const place = buffer.lock(wasm.LiteRtTensorBufferLockMode.READ_WRITE);
  try {
    edit(new Float32Array(wasm.HEAPU8.buffer, place, buffer.packedSize() / 4));
  } finally {
    buffer.unlock();
  }
}

/** Split an array into `count` rows. */
function rows(content: Float32Array, count: number): Float32Array[] {
  const length = content.length / count;
  return Array.from({ length: count }, (_, i) => content.subarray(i * length, (i + 1) * length));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
