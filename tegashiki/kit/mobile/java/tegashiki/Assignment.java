package tegashiki;

import java.util.Arrays;
import java.util.List;

/**
 * Assigns strokes to tokens.
 *
 * <p>A model attends to one stroke of a symbol when it writes the symbol's token. Each visible token therefore first gets
 * the stroke with the highest attention. The other strokes then join, one by one, the symbol that they touch or follow.
 */
public final class Assignment {
  private Assignment() {}

  /**
   * Assigns each of S strokes to one of T visible tokens.
   *
   * @param attention for each visible token (T >= 1) its attention over the strokes, of length S or longer.
   * @param distances (S, S), from {@link #distances}.
   * @return (S), the index of each stroke's token among the visible ones.
   */
  public static int[] assign(float[][] attention, double[][] distances, Constants constants) {
    int[] strokeTokens = anchors(attention, distances.length);
    while (true) {
      double least = Double.POSITIVE_INFINITY;
      int chosen = -1, chosenToken = -1;
      for (int free = 0; free < strokeTokens.length; free++) {
        if (strokeTokens[free] >= 0) continue;
        for (int owned = 0; owned < strokeTokens.length; owned++) {
          if (strokeTokens[owned] < 0) continue;
          double gap = Math.abs(free - owned) > 1 ? constants.gapCost : 0;
          double reluctance = -Math.log(attention[strokeTokens[owned]][free] + constants.doubt);
          double cost = constants.distanceCost * distances[free][owned] + gap + reluctance;
          if (cost < least) {
            least = cost;
            chosen = free;
            chosenToken = strokeTokens[owned];
          }
        }
      }
      if (chosen < 0) return strokeTokens;
      strokeTokens[chosen] = chosenToken;
    }
  }

  /** Computes the smallest distances (S, S) between sampled points of two strokes, in median stroke sizes. */
  public static double[][] distances(List<Preprocess.Framed> strokes, float[] boxes, Constants constants) {
    int count = constants.distancePoints;
    double[][][] sampled = new double[strokes.size()][count][2];
    for (int stroke = 0; stroke < sampled.length; stroke++) {
      float[] points = strokes.get(stroke).points;
      for (int i = 0; i < count; i++) {
        int point = (int) Math.round(i * (points.length / 2 - 1) / (count - 1.0));
        for (int axis = 0; axis < 2; axis++) {
          sampled[stroke][i][axis] = points[2 * point + axis] * boxes[3 * stroke + 2] + boxes[3 * stroke + axis];
        }
      }
    }
    double[][] distances = new double[sampled.length][sampled.length];
    for (int own = 0; own < sampled.length; own++) {
      for (int other = 0; other < sampled.length; other++) distances[own][other] = least(sampled[own], sampled[other]);
    }
    return distances;
  }

  private static double least(double[][] own, double[][] other) {
    double least = Double.POSITIVE_INFINITY;
    for (double[] a : own) for (double[] b : other) least = Math.min(least, Math.hypot(a[0] - b[0], a[1] - b[1]));
    return least;
  }

  /** Gives each token the stroke with its highest attention, the most certain first, no stroke twice; -1 for the rest. */
  private static int[] anchors(float[][] attention, int count) {
    int[] strokeTokens = new int[count];
    Arrays.fill(strokeTokens, -1);
    boolean[] done = new boolean[attention.length];
    for (int left = Math.min(attention.length, count); left > 0; left--) {
      int token = -1, stroke = -1;
      for (int t = 0; t < attention.length; t++) {
        for (int s = 0; s < count && !done[t]; s++) {
          if (strokeTokens[s] < 0 && (token < 0 || attention[t][s] > attention[token][stroke])) {
            token = t;
            stroke = s;
          }
        }
      }
      strokeTokens[stroke] = token;
      done[token] = true;
    }
    return strokeTokens;
  }
}
