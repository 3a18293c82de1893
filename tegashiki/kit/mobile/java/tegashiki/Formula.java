package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/** A formula that a writer wrote and accepted: thinned strokes on a grid of integers, and their LaTeX. */
public final class Formula {
  /** The LaTeX, joined from the tokens. */
  public final String latex;

  /** The canonical tokens, read-only. */
  public final List<String> tokens;

  /** The time of learning, in seconds since 1970. */
  public final long learnt;

  /** The tokens that could be written when the formula was accepted, sorted and read-only, or null for all. */
  public final List<String> allowed;

  final int[][] strokes; // x and y of each point on the grid, one after another
  volatile Keys keys; // of the model that read it last; null before the first one

  /** The keys that one model computes for a formula. */
  static final class Keys {
    final String model; // the fingerprint
    final int width;
    final byte[] vectors; // (N, D): one for each token and the end token, or none if the model cannot read or write it
    final int missed; // number of tokens that are not the model's likeliest without the memory

    Keys(String model, int width, byte[] vectors, int missed) {
      this.model = model;
      this.width = width;
      this.vectors = vectors;
      this.missed = missed;
    }
  }

  Formula(int[][] strokes, List<String> tokens, long learnt, Collection<String> allowed) {
    this.strokes = strokes;
    this.tokens = Collections.unmodifiableList(new ArrayList<>(tokens));
    this.learnt = learnt;
    this.allowed = allowed == null ? null : Collections.unmodifiableList(new ArrayList<>(new TreeSet<>(allowed)));
    latex = Vocabulary.join(tokens);
  }

  /** The number of tokens, including the end token. */
  public int size() {
    return tokens.size() + 1;
  }

  /** The strokes in steps of the grid, each a list of points {x, y}. */
  public List<double[][]> strokes() {
    List<double[][]> points = new ArrayList<>();
    for (int[] stroke : strokes) {
      double[][] pairs = new double[stroke.length / 2][];
      for (int i = 0; i < pairs.length; i++) pairs[i] = new double[] {stroke[2 * i], stroke[2 * i + 1]};
      points.add(pairs);
    }
    return points;
  }

  boolean sameInk(Formula other) {
    return Arrays.deepEquals(strokes, other.strokes);
  }

  /** Whether the model reads the formula correctly without a memory. */
  boolean isRedundant() {
    Keys known = keys;
    return known != null && known.missed == 0;
  }
}
