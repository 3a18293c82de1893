package tegashiki;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the symbols of a reading that are in doubt.
 *
 * <p>The probability of a symbol is that of its token and of the structure before it, which says where the symbol
 * stands. The last symbol also answers for everything after it, including the end.
 */
public final class Doubt {
  private Doubt() {}

  /**
   * Returns the indices of the visible tokens in doubt.
   *
   * @param visible for each token whether strokes draw it.
   * @param logs the calibrated natural log probability of each token and of the end token.
   * @param below the probability below which a symbol is in doubt.
   */
  public static List<Integer> tokens(boolean[] visible, double[] logs, double below) {
    List<Integer> symbols = new ArrayList<>();
    for (int token = 0; token < visible.length; token++) if (visible[token]) symbols.add(token);
    List<Integer> doubtful = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < symbols.size(); i++) {
      int stop = i + 1 < symbols.size() ? symbols.get(i) + 1 : logs.length;
      double log = 0;
      for (; start < stop; start++) log += logs[start];
      if (log < Math.log(below)) doubtful.add(symbols.get(i));
    }
    return doubtful;
  }
}
