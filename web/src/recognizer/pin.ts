/**
 * A pin: an accepted reading whose tokens must occur in all later readings, in their order.
 *
 * Other tokens may come before, between and after them. When the model attends to the strokes of the next pinned token
 * that a pen draws, it must write that token. A reading cannot end before all pinned tokens are written.
 */

import { EOS_ID } from "./vocabulary.ts";

export class Pin {
  /** For each number of written tokens, the index of the next token that a pen draws, -2 if there is none. */
  private readonly nextVisible: number[];

  /**
   * @param ids Ids of the accepted tokens.
   * @param strokeTokens For each stroke of the ink (without padding), the index in `ids` of its token, -1 for none.
   * @param visible (V), 1 for the ids that a pen draws. Attention to a stroke overrules only these.
   */
  constructor(
    readonly ids: readonly number[],
    readonly strokeTokens: readonly number[],
    private readonly visible: Uint8Array,
  ) {
    this.nextVisible = [-2];
    for (let index = ids.length - 1; index >= 0; index--) {
      this.nextVisible.unshift(visible[ids[index]!] ? index : this.nextVisible[0]!);
    }
  }

  /** Return the number of written tokens of the pin after one more token. */
  advance(written: number, id: number): number {
    return written + (this.ids[written] === id ? 1 : 0);
  }

  /**
   * Set the scores of tokens that would break the pin to -Infinity, in place.
   *
   * If the model attends to the next pinned token that a pen draws, that token is forced. Otherwise, if the model prefers
   * to end while pinned tokens are missing, all scores become -Infinity.
   *
   * @param scores (V), scores of the next token.
   * @param written Number of written tokens of the pin.
   * @param attention Attention over the strokes for the next token, possibly padded.
   */
  narrow(scores: Float64Array, written: number, attention: Float32Array): void {
    const due = this.ids[written];
    if (due === undefined) return;
    const best = argmax(scores, scores.length);
    if (this.strokeTokens[argmax(attention, this.strokeTokens.length)] !== this.nextVisible[written]) {
      if (best === EOS_ID) scores.fill(-Infinity);
      scores[EOS_ID] = -Infinity;
      return;
    }
    const kept = scores[due]!;
    // Structure such as braces has no strokes: the model may attend to later strokes when it writes it.
    const all = best === EOS_ID || this.visible[best] === 1;
    for (let id = 0; id < scores.length; id++) if (all || this.visible[id]) scores[id] = -Infinity;
    scores[EOS_ID] = -Infinity;
    scores[due] = kept;
  }
}

/** Return the index of the largest of the first `count` values, the first one among equals. */
export function argmax(values: ArrayLike<number>, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
