/**
 * A model that computes its outputs from strokes and tokens by a formula, the same as in tegashiki/kit/vectors.py. It
 * sees only the end point of a stroke, in quarters of its frame. Hidden vectors after the same token are similar.
 */

import type { Backend, Cache, Encoded, Hidden, Step } from "../src/recognizer/backend.ts";

const PRIME = 1_000_003;
const STROKES = 8;
const WIDTH = 16; // of the hidden vectors

/** Return a pseudo-random number in [0, 1), computed exactly in integers. */
export function formula(state: number, index: number): number {
  return ((state * 7919 + index * 104729 + (state % 1009) * (index % 97) * 31) % PRIME) / PRIME;
}

class Written implements Cache {
  constructor(public rows: number[]) {}

  reorder(parents: readonly number[]): void {
    const before = [...this.rows];
    parents.forEach((parent, row) => (this.rows[row] = before[parent]!));
  }

  release(): void {}
}

interface Inked extends Encoded {
  /** A number that depends on all strokes and their order, 0 without strokes. */
  ink: number;
}

export class FormulaModel implements Backend {
  readonly strokeSizes = [STROKES];
  readonly beamSizes = [1, 5];
  readonly hidden: Hidden | undefined;

  constructor(
    readonly vocabularySize: number,
    private readonly seed: number,
    readonly maxTokens: number,
  ) {
    this.hidden = { mean: new Float32Array(WIDTH).fill(0.75), fingerprint: `formula ${seed}` };
  }

  stem(points: Float32Array): Promise<Float32Array> {
    const [right, down] = Array.from(points.slice(-2), (value) => Math.floor(4 * value + 2.5)) as [number, number];
    return Promise.resolve(Float32Array.of(right + 5 * down));
  }

  encode(stems: readonly Float32Array[]): Promise<Inked> {
    const ink = stems.reduce((total, [stem]) => (31 * total + stem! + 1) % PRIME, 0);
    return Promise.resolve({ strokes: STROKES, ink, release: () => undefined });
  }

  initCache(encoded: Encoded, beams: number): Written {
    return new Written(new Array<number>(beams).fill((this.seed + (encoded as Inked).ink) % PRIME));
  }

  decodeStep(_: Encoded, cache: Written, tokens: Int32Array, position: number): Promise<Step> {
    cache.rows = cache.rows.map((written, row) => (31 * written + tokens[row]!) % PRIME);
    const logits = cache.rows.map((written) => {
      const own = Float64Array.from({ length: this.vocabularySize }, (_, id) => formula(written, id) * 9);
      own[2]! += Math.min(position, 20) / 2;
      return Float32Array.from(own);
    });
    const attention = cache.rows.map((written) =>
      Float32Array.from({ length: STROKES }, (_, s) => formula(written + 1, s)),
    );
    const hidden = cache.rows.map((written, row) =>
      Float32Array.from({ length: WIDTH }, (_, i) => formula(tokens[row]! + 7, i) + 0.5 * formula(written + 2, i)),
    );
    return Promise.resolve({ logits, attention, hidden });
  }
}
