package tegashiki;

import java.util.Arrays;

/**
 * A reading that the writer has accepted: whatever is read later holds its tokens in their order.
 *
 * <p>They may be wrapped and extended. When the model looks at the strokes of the pinned token that a pen draws next, it
 * is that token which it writes, whatever it likes better; a reading that would end before all are written is none.
 */
public final class Pin {
  private final int[] ids;
  private final int[] strokeTokens;
  private final boolean[] visible;
  private final int[] nextVisible; // by tokens written: the index of the next one that a pen draws, -2 for none

  /**
   * @param ids the accepted tokens.
   * @param strokeTokens for each stroke of the ink the index into ids of the token that it draws, -1 for none.
   * @param visible (V), of {@link Grammar#visibleAlone}; only these ids can be overruled by a look at a stroke.
   */
  public Pin(int[] ids, int[] strokeTokens, boolean[] visible) {
    this.ids = ids;
    this.strokeTokens = strokeTokens;
    this.visible = visible;
    nextVisible = new int[ids.length + 1];
    nextVisible[ids.length] = -2;
    for (int i = ids.length - 1; i >= 0; i--) nextVisible[i] = visible[ids[i]] ? i : nextVisible[i + 1];
  }

  /** How many of its tokens are written after one more token. */
  int advance(int written, int id) {
    return written < ids.length && ids[written] == id ? written + 1 : written;
  }

  /** Puts -infinity where a token would lose the pin; everywhere where the reading wants to end without it. */
  void narrow(double[] scores, int written, float[] attention) {
    if (written == ids.length) return;
    int best = 0;
    for (int id = 1; id < scores.length; id++) if (scores[id] > scores[best]) best = id;
    int seen = 0;
    for (int stroke = 1; stroke < strokeTokens.length; stroke++) if (attention[stroke] > attention[seen]) seen = stroke;
    if (strokeTokens[seen] != nextVisible[written]) {
      if (best == Vocabulary.EOS) Arrays.fill(scores, Double.NEGATIVE_INFINITY);
      scores[Vocabulary.EOS] = Double.NEGATIVE_INFINITY;
      return;
    }
    double kept = scores[ids[written]];
    // Structure (a brace, a script's mark) has no strokes: the model may look ahead as it writes it.
    boolean all = best == Vocabulary.EOS || visible[best];
    for (int id = 0; id < scores.length; id++) if (all || visible[id]) scores[id] = Double.NEGATIVE_INFINITY;
    scores[Vocabulary.EOS] = Double.NEGATIVE_INFINITY;
    scores[ids[written]] = kept;
  }
}
