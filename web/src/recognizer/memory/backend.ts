/**
 * A decoding backend that mixes a writer's memory into a model's probabilities of the next token. TypeScript version of
 * `tegashiki/memory/backend.py`.
 *
 * It replaces the model's own backend. Greedy and beam search, forced sequences, pins, restrictions and the grammar work
 * on it unchanged, because the memory changes the logits before any mask and before calibration.
 */

import type { Backend, Cache, Encoded, Hidden, Step } from "../backend.ts";
import { steps } from "../forced.ts";
import { argmax } from "../pin.ts";
import { type FrameSettings, frameStroke, normalizeBoxes } from "../preprocess.ts";
import { EOS_ID, type Vocabulary } from "../vocabulary.ts";
import { type Formula, inkOf, type Keys, LearningError, sizeOf } from "./formula.ts";
import type { WriterMemory } from "./memory.ts";
import { KeySet, quantize } from "./neighbours.ts";

export class RememberingBackend implements Backend {
  readonly vocabularySize: number;
  readonly maxTokens: number;
  readonly strokeSizes: readonly number[];
  readonly beamSizes: readonly number[];
  readonly hidden: Hidden;
  private changes = -1; // `memory.changes` when the keys were combined
  private keys: KeySet;

  /**
   * @param model The model.
   * @param vocabulary Its tokens.
   * @param frame Its settings for framing strokes.
   * @param memory The memory; it may change at any time. `refresh` takes the changes over.
   * @throws LearningError The model does not return hidden vectors.
   */
  constructor(
    private readonly model: Backend,
    private readonly vocabulary: Vocabulary,
    private readonly frame: FrameSettings,
    readonly memory: WriterMemory,
  ) {
    if (!model.hidden) {
      throw new LearningError(
        "this model cannot learn: only files of format 2 and newer show the decoder's hidden vectors, so export it again " +
          "with `tegashiki export`, or give no memory",
      );
    }
    this.vocabularySize = model.vocabularySize;
    this.maxTokens = model.maxTokens;
    this.strokeSizes = model.strokeSizes;
    this.beamSizes = model.beamSizes;
    this.hidden = model.hidden;
    this.keys = new KeySet([], model.hidden.mean.length);
  }

  stem(points: Float32Array): Promise<Float32Array> {
    return this.model.stem(points);
  }

  encode(stems: readonly Float32Array[], boxes: Float32Array): Promise<Encoded> {
    return this.model.encode(stems, boxes);
  }

  initCache(encoded: Encoded, beams: number): Cache {
    return this.model.initCache(encoded, beams);
  }

  /** Decode one token for each row as the model does, and mix the memory into the logits. */
  async decodeStep(encoded: Encoded, cache: Cache, tokens: Int32Array, position: number): Promise<Step> {
    const step = await this.model.decodeStep(encoded, cache, tokens, position);
    const { hidden, logits } = step;
    if (!this.keys.ids.length || !hidden) return step;
    return { ...step, logits: logits.map((own, row) => this.keys.mix(own, this.centred(hidden[row]!))) };
  }

  /**
   * Compute the keys that are missing or belong to another model. Nobody else may use the model meanwhile.
   */
  async refresh(): Promise<void> {
    const { changes, formulas } = this.memory;
    if (changes === this.changes) return;
    for (const formula of formulas) {
      const { keys } = formula;
      if (keys?.model === this.hidden.fingerprint && keys.width === this.hidden.mean.length) continue;
      formula.keys = await this.makeKeys(formula);
    }
    const learnt = formulas.flatMap((formula) => {
      const { vectors } = formula.keys!;
      return vectors.length && this.fits(formula)
        ? [{ vectors, ids: this.ids(formula), allowed: this.allowed(formula) }]
        : [];
    });
    this.keys = new KeySet(learnt, this.hidden.mean.length);
    this.changes = changes;
  }

  /** Return the keys of a formula, from one forced pass. A formula that the model cannot read or write has none. */
  private async makeKeys(formula: Formula): Promise<Keys> {
    const { model, hidden } = this;
    const [width, fingerprint] = [hidden.mean.length, hidden.fingerprint];
    if (!this.fits(formula)) return { model: fingerprint, width, vectors: new Int8Array(0), missed: 0 };
    const framed = inkOf(formula).map((stroke) => frameStroke(stroke, this.frame));
    const stems: Float32Array[] = [];
    for (const { points } of framed) stems.push(await model.stem(points));
    const encoded = await model.encode(stems, normalizeBoxes(framed.map(({ box }) => box)));
    try {
      return { model: fingerprint, width, ...(await this.follow(encoded, this.ids(formula))) };
    } finally {
      encoded.release();
    }
  }

  /** Whether the model can read the ink of a formula and write its tokens. */
  private fits(formula: Formula): boolean {
    const size = formula.strokes.length <= this.strokeSizes.at(-1)! && sizeOf(formula) <= this.maxTokens;
    return size && formula.tokens.every((token) => this.vocabulary.has(token));
  }

  private async follow(encoded: Encoded, ids: readonly number[]): Promise<{ vectors: Int8Array; missed: number }> {
    const width = this.hidden.mean.length;
    const vectors = new Int8Array(ids.length * width);
    let [position, missed] = [0, 0];
    for await (const { logits, hidden } of steps(this.model, encoded, ids.slice(0, -1))) {
      vectors.set(quantize(this.centred(hidden![0]!)), position * width);
      if (argmax(logits[0]!, logits[0]!.length) !== ids[position]) missed++;
      position++;
    }
    return { vectors, missed };
  }

  private centred(hidden: Float32Array): Float32Array {
    return hidden.map((value, i) => value - this.hidden.mean[i]!);
  }

  private ids({ tokens }: Formula): number[] {
    return [...this.vocabulary.encode(tokens), EOS_ID];
  }

  /** The mask (V) of the ids that were allowed when a formula was accepted, undefined for all. */
  private allowed({ allowed }: Formula): Uint8Array | undefined {
    if (!allowed) return undefined;
    const kept = new Set(allowed);
    return Uint8Array.from(this.vocabulary.tokens, (token, id) =>
      id === EOS_ID || (id > EOS_ID && kept.has(token)) ? 1 : 0,
    );
  }
}
