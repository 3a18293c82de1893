/**
 * The keys of a memory, and how the nearest ones change the probabilities of the next token. TypeScript version of
 * `tegashiki/memory/neighbours.py`; docs/memory.md specifies the arithmetic step by step.
 *
 * A key is a hidden vector of the decoder, minus the model's mean and scaled to length 1, with the token that followed.
 */

import { memory as constants } from "../grammar.json";
import { Outlines } from "./outlines.ts";

const FEW = 256; // with fewer keys than this, outlines do not save time

/** Round a vector (D) to bytes: floor(127 x / largest magnitude + 1/2). A zero vector stays zero. */
export function quantize(vector: Float32Array): Int8Array {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return Int8Array.from(vector, (value) => Math.floor((127 * value) / largest + 0.5));
}

/** Scale a vector (D) to length 1. A zero vector stays zero. */
export function unitLength(vector: ArrayLike<number>): Float32Array {
  const unit = Float32Array.from(vector);
  const length = Math.sqrt(unit.reduce((sum, value) => sum + value * value, 0)) || 1;
  return unit.map((value) => value / length);
}

/** The keys of one formula for `KeySet`. */
export interface Learnt {
  /** (L, D), row by row, as `Keys.vectors`. */
  vectors: Int8Array;
  /** L ids. */
  ids: readonly number[];
  /** (V), 1 for the ids that were allowed; undefined for all. */
  allowed?: Uint8Array | undefined;
}

interface Neighbour {
  key: number;
  cosine: number;
}

/** All keys of a memory for one model. */
export class KeySet {
  /** The id of the token after each key. */
  readonly ids: readonly number[];
  /** (N, D), keys of length 1, row by row. */
  private readonly units: Float32Array;
  /** The ids that were allowed when the formula of a key was learnt, undefined for all. */
  private readonly allowed: readonly (Uint8Array | undefined)[];
  private readonly outlines: Outlines | undefined;

  /**
   * Combine the keys of several formulas. The last keys of each token are kept.
   *
   * @param learnt The formulas that have keys, in the order of learning.
   * @param width D.
   */
  constructor(
    learnt: readonly Learnt[],
    private readonly width: number,
  ) {
    const all = learnt.flatMap(({ vectors, ids, allowed }) =>
      ids.map((id, i) => ({ id, allowed, vector: vectors.subarray(i * width, (i + 1) * width) })),
    );
    const kept = lastOfEach(
      all.map(({ id }) => id),
      constants.keys_a_token,
    ).map((place) => all[place]!);
    this.ids = kept.map(({ id }) => id);
    this.allowed = kept.map(({ allowed }) => allowed);
    this.units = new Float32Array(kept.length * width);
    kept.forEach(({ vector }, i) => this.units.set(unitLength(vector), i * width));
    this.outlines = kept.length >= FEW ? new Outlines(this.units, width) : undefined;
  }

  /**
   * Return the logarithms (V) of a mixture of the model's probabilities and those of the nearest keys. Without neighbours
   * these are the model's logits themselves, which are as good.
   *
   * @param logits (V), the model's logits of the next token.
   * @param key (D), the hidden vector minus its mean, of any length.
   */
  mix(logits: Float32Array | Float64Array, key: Float32Array): Float32Array | Float64Array {
    const near = this.neighbours(unitLength(key));
    if (!near.length) return logits;
    const mixed = new Float64Array(logits as ArrayLike<number>);
    const peak = mixed.reduce((most, logit) => Math.max(most, logit), -Infinity);
    for (let id = 0; id < mixed.length; id++) mixed[id] = Math.exp(mixed[id]! - peak);
    const total = mixed.reduce((sum, value) => sum + value, 0);
    const weights = near.map((neighbour) => this.weight(neighbour, mixed, total));
    const weight = weights.reduce((sum, own) => sum + own, 0);
    const share = constants.most_share / (weight + constants.half_weight); // of a neighbour with weight 1
    const rest = (1 - share * weight) / total;
    for (let id = 0; id < mixed.length; id++) mixed[id]! *= rest;
    near.forEach(({ key: place }, i) => (mixed[this.ids[place]!]! += share * weights[i]!));
    return mixed.map(Math.log);
  }

  /** A key that was learnt under a restriction counts as much as the allowed tokens are likely now. */
  private weight({ key, cosine }: Neighbour, likely: Float64Array, total: number): number {
    const weight = Math.exp((cosine - 1) / constants.temperature);
    const allowed = this.allowed[key];
    return allowed
      ? (weight * likely.reduce((sum, value, id) => (allowed[id] ? sum + value : sum), 0)) / total
      : weight;
  }

  /** The nearest keys, nearest first; of equally near ones, the first. */
  private neighbours(unit: Float32Array): Neighbour[] {
    const { units, width } = this;
    const near: Neighbour[] = [];
    const compare = (key: number): void => {
      let cosine = 0;
      for (let i = 0, place = key * width; i < width; i++) cosine += unit[i]! * units[place + i]!;
      if (cosine >= constants.least_cosine) near.push({ key, cosine });
    };
    if (this.outlines) this.outlines.near(unit, constants.least_cosine).forEach(compare);
    else for (let key = 0; key < this.ids.length; key++) compare(key);
    return near.sort((a, b) => b.cosine - a.cosine || a.key - b.key).slice(0, constants.neighbours);
  }
}

/** Return the ascending indices of the last `most` occurrences of each id. */
export function lastOfEach(ids: readonly number[], most: number): number[] {
  const counts = new Map<number, number>();
  const kept: number[] = [];
  for (let place = ids.length - 1; place >= 0; place--) {
    const count = counts.get(ids[place]!) ?? 0;
    if (count < most) kept.push(place);
    counts.set(ids[place]!, count + 1);
  }
  return kept.reverse();
}
