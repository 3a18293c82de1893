package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of a memory for one model, and how the nearest ones change the probabilities of the next token.
 *
 * <p>A key is a hidden vector minus the model's mean and scaled to length 1, with the token that followed. The nearest
 * keys to a hidden vector show which tokens this writer meant by similar strokes before.
 */
final class KeySet {
  private static final float TINY = 1e-30f; // shorter than any vector except zero
  private static final float ROUNDING = 1e-4f; // larger than the rounding error of a product of outlines
  private static final int FEW = 256; // with fewer keys, outlines do not save time

  private final MemoryConstants constants;
  private final int[] numbers; // of the keys that are compared, counted over all keys that were added
  private final int[] ids;
  private final boolean[][] allowed; // for each key the ids (V) that could be written, or null for all
  private final float[] vectors; // (N, D), of length 1
  private final int width;
  private final Outlines outlines; // null if there are few keys

  /** Collects the keys of formulas, in the order of learning. */
  static final class Builder {
    private final List<byte[]> vectors = new ArrayList<>();
    private final List<int[]> ids = new ArrayList<>();
    private final List<boolean[]> allowed = new ArrayList<>();

    /** Adds a formula: a vector (D) for each of its ids (L), and the ids (V) that could be written, or null. */
    void add(byte[] vectors, int[] ids, boolean[] allowed) {
      this.vectors.add(vectors);
      this.ids.add(ids);
      this.allowed.add(allowed);
    }
  }

  /** Stacks keys. Of each token only the last ones are compared. `earlier` keys, or null, save computing axes again. */
  KeySet(Builder keys, MemoryConstants constants, KeySet earlier) {
    this.constants = constants;
    Map<Integer, Integer> counts = new HashMap<>();
    List<int[]> kept = new ArrayList<>(); // formula and place in it, the last key first
    List<Integer> places = new ArrayList<>();
    int number = 0;
    for (int[] one : keys.ids) number += one.length;
    for (int formula = keys.ids.size() - 1; formula >= 0; formula--) {
      int[] one = keys.ids.get(formula);
      for (int place = one.length - 1; place >= 0; place--) {
        number--;
        if (counts.merge(one[place], 1, Integer::sum) > constants.keysOfToken) continue;
        kept.add(new int[] {formula, place});
        places.add(number);
      }
    }
    int count = kept.size();
    width = count == 0 ? 0 : keys.vectors.get(0).length / keys.ids.get(0).length;
    numbers = new int[count];
    ids = new int[count];
    allowed = new boolean[count][];
    vectors = new float[count * width];
    for (int key = 0; key < count; key++) {
      int[] place = kept.get(count - 1 - key);
      numbers[key] = places.get(count - 1 - key);
      ids[key] = keys.ids.get(place[0])[place[1]];
      allowed[key] = keys.allowed.get(place[0]);
      scale(keys.vectors.get(place[0]), place[1] * width, key * width);
    }
    outlines = count < FEW ? null : new Outlines(vectors, count, width, axes(count, earlier));
  }

  private float[][] axes(int count, KeySet earlier) {
    boolean known = earlier != null && earlier.outlines != null && earlier.width == width;
    return known ? earlier.outlines.axes : Outlines.axesOf(vectors, count, width);
  }

  /** Scales a key of bytes to length 1. */
  private void scale(byte[] bytes, int from, int to) {
    float length = 0;
    for (int i = 0; i < width; i++) length += bytes[from + i] * bytes[from + i]; // exact
    length = Math.max((float) Math.sqrt(length), TINY);
    for (int i = 0; i < width; i++) vectors[to + i] = bytes[from + i] / length;
  }

  /** Rounds a vector to bytes: floor(127 x / largest magnitude + 1/2). A zero vector stays zero. */
  static void quantize(float[] vector, byte[] bytes, int start) {
    float largest = 0;
    for (float each : vector) largest = Math.max(largest, Math.abs(each));
    double scale = largest > 0 ? largest : 1;
    for (int i = 0; i < vector.length; i++) {
      bytes[start + i] = (byte) Math.floor(127 * (double) vector[i] / scale + 0.5);
    }
  }

  boolean isEmpty() {
    return ids.length == 0;
  }

  /** The nearest keys of one row. */
  static final class Neighbours {
    final int[] keys;
    final float[] cosines;
    int count;

    Neighbours(int most) {
      keys = new int[most];
      cosines = new float[most];
    }

    /** Adds a key, which comes after equally near ones. */
    void add(int key, float cosine) {
      if (count == keys.length && cosine <= cosines[count - 1]) return;
      int place = count < keys.length ? count++ : count - 1;
      for (; place > 0 && cosines[place - 1] < cosine; place--) {
        cosines[place] = cosines[place - 1];
        keys[place] = keys[place - 1];
      }
      cosines[place] = cosine;
      keys[place] = key;
    }
  }

  /** Returns for each of W rows its nearest keys. `rows` (W, D) are hidden vectors minus their mean, of any length. */
  Neighbours[] nearest(float[][] rows) {
    Neighbours[] nearest = new Neighbours[rows.length];
    float[] bounds = new float[Outlines.BLOCK];
    for (int row = 0; row < rows.length; row++) {
      nearest[row] = new Neighbours(constants.neighbours);
      float[] unit = unit(rows[row]);
      float[] outline = outlines == null ? null : outlines.outline(unit, 0, width);
      for (int first = 0; first < ids.length; first += Outlines.BLOCK) {
        if (outline != null) outlines.bounds(outline, first / Outlines.BLOCK, bounds);
        int count = Math.min(Outlines.BLOCK, ids.length - first);
        for (int i = 0; i < count; i++) {
          if (outline != null && bounds[i] < constants.leastCosine - ROUNDING) continue;
          float cosine = Outlines.product(unit, 0, vectors, (first + i) * width, width);
          if (cosine >= constants.leastCosine) nearest[row].add(first + i, cosine);
        }
      }
    }
    return nearest;
  }

  private static float[] unit(float[] vector) {
    float length = Math.max(Outlines.length(vector), TINY);
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) unit[i] = vector[i] / length;
    return unit;
  }

  /** The weight of a neighbour before the discount for a restriction. */
  double weight(float cosine) {
    return Math.exp((cosine - 1) / constants.temperature);
  }

  int number(int key) {
    return numbers[key];
  }

  /**
   * Mixes the model and the nearest keys.
   *
   * @param logits (W, V), the model's logits of the next token.
   * @param vectors (W, D), the hidden vectors minus their mean, of any length.
   * @return the log probabilities (W, V) of the mixture; the logits of a row without neighbours.
   */
  double[][] mix(double[][] logits, float[][] vectors) {
    Neighbours[] nearest = nearest(vectors);
    double[][] mixed = new double[logits.length][];
    for (int row = 0; row < mixed.length; row++) mixed[row] = mix(logits[row], nearest[row]);
    return mixed;
  }

  private double[] mix(double[] logits, Neighbours near) {
    if (near.count == 0) return logits; // the same probabilities
    float peak = Float.NEGATIVE_INFINITY;
    for (double logit : logits) peak = Math.max(peak, (float) logit);
    double[] exponents = new double[logits.length];
    double total = 0;
    for (int id = 0; id < exponents.length; id++) {
      exponents[id] = (float) logits[id] - peak;
      total += Math.exp(exponents[id]);
    }
    double[] weights = weights(near, exponents, total);
    double weight = Arrays.stream(weights).sum();
    double share = constants.mostShare / (weight + constants.halfWeight); // of a neighbour with weight 1
    double shift = Math.log((1 - share * weight) / total);
    double[] mixed = new double[logits.length];
    for (int id = 0; id < mixed.length; id++) mixed[id] = exponents[id] + shift;
    for (int i = 0; i < near.count; i++) {
      int id = ids[near.keys[i]];
      mixed[id] = Math.log(Math.exp(mixed[id]) + share * weights[i]);
    }
    return mixed;
  }

  /** Returns the weights of neighbours. One learnt under a restriction counts as much as its ids are likely now. */
  private double[] weights(Neighbours near, double[] exponents, double total) {
    Map<boolean[], Double> inside = new IdentityHashMap<>(); // the probability of the ids of a mask
    double[] weights = new double[near.count];
    for (int i = 0; i < near.count; i++) {
      weights[i] = weight(near.cosines[i]);
      boolean[] mask = allowed[near.keys[i]];
      if (mask == null) continue;
      if (!inside.containsKey(mask)) inside.put(mask, inside(exponents, mask) / total);
      weights[i] *= inside.get(mask);
    }
    return weights;
  }

  private static double inside(double[] exponents, boolean[] mask) {
    double sum = 0;
    for (int id = 0; id < mask.length; id++) if (mask[id]) sum += Math.exp(exponents[id]);
    return sum;
  }
}
