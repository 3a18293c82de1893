package tegashiki;

import java.util.Arrays;

/**
 * A pin: an accepted reading whose tokens must occur in all later readings, in their order.
 *
 * <p>Other tokens may come before, between and after them. When the model attends to the strokes of the next pinned token
 * that a pen draws, it must write that token. A reading cannot end before all pinned tokens are written.
 */
public final class Pin {
  private final int[] ids;
  final int[] strokeTokens;
  private final boolean[] visible;
  private final int[] nextVisible; // by number of written tokens: index of the next token that a pen draws, -2 for none

  /**
   * Makes a pin.
   *
   * @param ids ids of the accepted tokens.
   * @param strokeTokens for each stroke of the ink the index in `ids` of its token, -1 for none.
   * @param visible (V), from {@link Grammar#visibleAlone}. Attention to a stroke overrules only these ids.
   */
  public Pin(int[] ids, int[] strokeTokens, boolean[] visible) {
    this.ids = ids;
    this.strokeTokens = strokeTokens;
    this.visible = visible;
    nextVisible = new int[ids.length + 1];
    nextVisible[ids.length] = -2;
    for (int i = ids.length - 1; i >= 0; i--) nextVisible[i] = visible[ids[i]] ? i : nextVisible[i + 1];
  }

  /** Returns the number of written tokens of the pin after one more token. */
  int advance(int written, int id) {
    return written < ids.length && ids[written] == id ? written + 1 : written;
  }

  /**
   * Sets the scores of tokens that would break the pin to -infinity, in place.
   *
   * <p>If the model attends to the next pinned token that a pen draws, that token is forced. Otherwise, if the model
   * prefers to end while pinned tokens are missing, all scores become -infinity.
   */
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
    // Structure such as braces has no strokes: the model may attend to later strokes when it writes it.
    boolean all = best == Vocabulary.EOS || visible[best];
    for (int id = 0; id < scores.length; id++) if (all || visible[id]) scores[id] = Double.NEGATIVE_INFINITY;
    scores[Vocabulary.EOS] = Double.NEGATIVE_INFINITY;
    scores[ids[written]] = kept;
  }
}
