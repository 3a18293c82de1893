/** A model whose numbers follow from what was written; tegashiki/kit/vectors.py has the same formula. */

import type { Backend, Cache, Encoded, Step } from "../src/recognizer/backend.ts";

const PRIME = 1_000_003;
const STROKES = 8;

/** A number in [0, 1) that looks random, exact in integers. */
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

export class FormulaModel implements Backend {
  readonly strokeSizes = [STROKES];
  readonly beamSizes = [1, 5];

  constructor(
    readonly vocabularySize: number,
    private readonly seed: number,
    readonly maxTokens: number,
  ) {}

  stem(): Promise<Float32Array> {
    return Promise.resolve(new Float32Array(1));
  }

  encode(): Promise<Encoded> {
    return Promise.resolve({ strokes: STROKES, release: () => undefined });
  }

  initCache(_: Encoded, beams: number): Written {
    return new Written(new Array<number>(beams).fill(this.seed));
  }

  decodeStep(_: Encoded, cache: Written, tokens: Int32Array, position: number): Promise<Step> {
    cache.rows = cache.rows.map((written, row) => (31 * written + tokens[row]!) % PRIME);
    const logits = cache.rows.map((written) => {
      const own = Float64Array.from({ length: this.vocabularySize }, (_, id) => formula(written, id) * 9);
      own[2]! += Math.min(position, 20) / 2;
      return Float32Array.from(own);
    });
    const attention = cache.rows.map((written) => Float32Array.from({ length: STROKES }, (_, s) => formula(written + 1, s)));
    return Promise.resolve({ logits, attention });
  }
}
