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
  private final int[] owner;
  private final boolean[] drawn;
  private final int[] nextDrawn; // by tokens written: the index of the next one that a pen draws, -2 for none

  /**
   * @param ids the accepted tokens.
   * @param owner for each stroke of the ink the index into ids of the token that it draws, -1 for none.
   * @param drawn (V), of {@link Grammar#drawnAlone}; only these ids can be overruled by a look at a stroke.
   */
  public Pin(int[] ids, int[] owner, boolean[] drawn) {
    this.ids = ids;
    this.owner = owner;
    this.drawn = drawn;
    nextDrawn = new int[ids.length + 1];
    nextDrawn[ids.length] = -2;
    for (int i = ids.length - 1; i >= 0; i--) nextDrawn[i] = drawn[ids[i]] ? i : nextDrawn[i + 1];
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
    for (int stroke = 1; stroke < owner.length; stroke++) if (attention[stroke] > attention[seen]) seen = stroke;
    if (owner[seen] != nextDrawn[written]) {
      if (best == Vocabulary.EOS) Arrays.fill(scores, Double.NEGATIVE_INFINITY);
      scores[Vocabulary.EOS] = Double.NEGATIVE_INFINITY;
      return;
    }
    double kept = scores[ids[written]];
    // Structure (a brace, a script's mark) has no strokes: the model may look ahead as it writes it.
    boolean all = best == Vocabulary.EOS || drawn[best];
    for (int id = 0; id < scores.length; id++) if (all || drawn[id]) scores[id] = Double.NEGATIVE_INFINITY;
    scores[Vocabulary.EOS] = Double.NEGATIVE_INFINITY;
    scores[ids[written]] = kept;
  }
}
