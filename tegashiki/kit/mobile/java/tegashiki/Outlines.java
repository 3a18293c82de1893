package tegashiki;

import java.util.Arrays;
import java.util.Random;

/**
 * Short versions of keys, which rule out most of the distant keys quickly.
 *
 * <p>An outline is the projection of a key onto a few axes, followed by the length of the remainder. The product of two
 * outlines is at least the cosine of the vectors, so a key with a small product is distant. The choice of axes affects
 * the speed, but not the result.
 */
final class Outlines {
  /** Number of keys that are compared at once, so that the loop over them can use vector instructions. */
  static final int BLOCK = 256;

  private static final int AXES = 31; // odd, so that the components are even with the remainder
  private static final int SAMPLE = 512; // largest number of keys from which axes are computed
  private static final int ROUNDS = 2;
  private static final float TINY = 1e-6f;

  final float[][] axes; // (A, D), of length 1 and at right angles to each other; or zero
  private final float[][][] blocks; // of BLOCK keys, and in each the components (A + 1, BLOCK)

  /** Makes the outlines of `count` keys of length 1, `keys` (N, D). */
  Outlines(float[] keys, int count, int width, float[][] axes) {
    this.axes = axes;
    blocks = new float[(count + BLOCK - 1) / BLOCK][axes.length + 1][BLOCK];
    for (int key = 0; key < count; key++) {
      float[] outline = outline(keys, key * width, width);
      for (int i = 0; i < outline.length; i++) blocks[key / BLOCK][i][key % BLOCK] = outline[i];
    }
  }

  /** Returns the outline of a vector of length 1, which begins at `start`. */
  float[] outline(float[] vectors, int start, int width) {
    float[] outline = new float[axes.length + 1];
    float rest = 1;
    for (int i = 0; i < axes.length; i++) {
      outline[i] = product(axes[i], 0, vectors, start, width);
      rest -= outline[i] * outline[i];
    }
    outline[axes.length] = (float) Math.sqrt(Math.max(rest, 0));
    return outline;
  }

  /** Computes upper bounds (BLOCK) of the cosines with the keys of a block. */
  void bounds(float[] outline, int block, float[] bounds) {
    float[][] keys = blocks[block];
    Arrays.fill(bounds, 0);
    for (int i = 0; i < outline.length; i += 2) {
      addTwo(bounds, outline[i], keys[i], outline[i + 1], keys[i + 1]);
    }
  }

  /** Adds multiples of two arrays. In this form, Java's compilers use vector instructions. */
  private static void addTwo(float[] sums, float a, float[] first, float b, float[] second) {
    for (int i = 0; i < sums.length; i++) sums[i] += a * first[i] + b * second[i];
  }

  /** Computes axes along which keys of length 1 differ most, approximately, by subspace iteration. */
  static float[][] axesOf(float[] keys, int count, int width) {
    Random random = new Random(0);
    float[][] axes = new float[AXES][width];
    for (float[] axis : axes) for (int i = 0; i < width; i++) axis[i] = (float) random.nextGaussian();
    int every = (count + SAMPLE - 1) / SAMPLE;
    for (int round = 0; round < ROUNDS; round++) {
      float[][] next = new float[AXES][width];
      for (int axis = 0; axis < AXES; axis++) {
        for (int key = 0; key < count; key += every) {
          add(next[axis], product(axes[axis], 0, keys, key * width, width), keys, key * width);
        }
      }
      straighten(next);
      axes = next;
    }
    return axes;
  }

  /** Gives axes the length 1 and right angles. An axis that depends on those before it becomes zero. */
  private static void straighten(float[][] axes) {
    for (int axis = 0; axis < axes.length; axis++) {
      float before = length(axes[axis]);
      for (int turn = 0; turn < 2; turn++) { // the second one removes what rounding has left
        for (int other = 0; other < axis; other++) {
          add(axes[axis], -product(axes[axis], 0, axes[other], 0, axes[axis].length), axes[other], 0);
        }
      }
      float left = length(axes[axis]);
      for (int i = 0; i < axes[axis].length; i++) axes[axis][i] = left > TINY * before ? axes[axis][i] / left : 0;
    }
  }

  private static void add(float[] vector, float factor, float[] others, int start) {
    for (int i = 0; i < vector.length; i++) vector[i] += factor * others[start + i];
  }

  static float length(float[] vector) {
    return (float) Math.sqrt(product(vector, 0, vector, 0, vector.length));
  }

  /** Returns the inner product of two vectors, which begin at the given places. */
  static float product(float[] one, int at, float[] other, int start, int width) {
    float a = 0, b = 0, c = 0, d = 0;
    int i = 0;
    for (; i + 3 < width; i += 4) { // four sums, which a processor can compute side by side
      a += one[at + i] * other[start + i];
      b += one[at + i + 1] * other[start + i + 1];
      c += one[at + i + 2] * other[start + i + 2];
      d += one[at + i + 3] * other[start + i + 3];
    }
    for (; i < width; i++) a += one[at + i] * other[start + i];
    return a + b + (c + d);
  }
}
