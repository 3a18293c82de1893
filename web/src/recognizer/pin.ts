/**
 * A reading that the writer has accepted: whatever is read later holds its tokens in their order.
 *
 * They may be wrapped and extended. When the model looks at the strokes of the pinned token that a pen draws next, it
 * is that token which it writes, whatever it likes better; a reading that would end before all are written is none.
 */

import { EOS_ID } from "./vocabulary.ts";

export class Pin {
  /** By tokens written: the index of the next one that a pen draws; -2 where there is none. */
  private readonly nextVisible: number[];

  /**
   * @param ids the accepted tokens.
   * @param strokeTokens for each real stroke of the ink the index into `ids` of the token that it draws, -1 for none.
   * @param visible (V), 1 for the ids that a pen draws; only they can be overruled by a look at a stroke.
   */
  constructor(
    readonly ids: readonly number[],
    private readonly strokeTokens: readonly number[],
    private readonly visible: Uint8Array,
  ) {
    this.nextVisible = [-2];
    for (let index = ids.length - 1; index >= 0; index--) {
      this.nextVisible.unshift(visible[ids[index]!] ? index : this.nextVisible[0]!);
    }
  }

  /** How many of its tokens are written after one more token. */
  advance(written: number, id: number): number {
    return written + (this.ids[written] === id ? 1 : 0);
  }

  /**
   * Put -Infinity, in place, where a token would lose the pin; everywhere where the reading wants to end without it.
   *
   * @param scores (V), of the next token.
   * @param written how many of its tokens are.
   * @param attention where the model looks as it writes the next token; may be padded.
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
    // Structure (a brace, a script's mark) has no strokes: the model may look ahead as it writes it.
    const all = best === EOS_ID || this.visible[best] === 1;
    for (let id = 0; id < scores.length; id++) if (all || this.visible[id]) scores[id] = -Infinity;
    scores[EOS_ID] = -Infinity;
    scores[due] = kept;
  }
}

/** The index of the largest of the first `count` values, the first among equals. */
export function argmax(values: ArrayLike<number>, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
