package tegashiki;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Converts raw points to the model's inputs, as specified in preprocessing.md. */
public final class Preprocess {
  private Preprocess() {}

  /** One stroke in its own frame. Depends on this stroke only. */
  public static final class Framed {
    /** (P, 2), row by row, within [-0.5, 0.5]. */
    public final float[] points;

    /** Centre x, centre y and size (the larger side), in raw units. */
    public final double[] box;

    Framed(float[] points, double[] box) {
      this.points = points;
      this.box = box;
    }
  }

  /**
   * Frames one stroke.
   *
   * @param stroke at least one point {x, y} with finite coordinates, y downwards, any unit.
   * @param count P, number of points to return.
   * @param epsilon tolerance of the simplification, in units of the stroke's size.
   */
  public static Framed frame(double[][] stroke, int count, double epsilon) {
    Unit unit = unit(stroke);
    return new Framed(spaceEvenly(simplify(unit.points, epsilon), count), unit.box);
  }

  /** A stroke after steps 1 to 3: distinct points within [-0.5, 0.5], and its box. */
  static final class Unit {
    final List<double[]> points = new ArrayList<>();
    final double[] box;

    Unit(double[] box) {
      this.box = box;
    }
  }

  /** Performs steps 1 to 3 for one stroke. */
  static Unit unit(double[][] stroke) {
    List<double[]> distinct = new ArrayList<>();
    for (double[] point : stroke) {
      double[] before = distinct.isEmpty() ? null : distinct.get(distinct.size() - 1);
      if (before == null || before[0] != point[0] || before[1] != point[1]) distinct.add(point);
    }
    double[] low = distinct.get(0).clone();
    double[] high = low.clone();
    for (double[] point : distinct) {
      for (int axis = 0; axis < 2; axis++) {
        low[axis] = Math.min(low[axis], point[axis]);
        high[axis] = Math.max(high[axis], point[axis]);
      }
    }
    double[] box = {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, Math.max(high[0] - low[0], high[1] - low[1])};
    double scale = box[2] == 0 ? 1 : box[2];
    Unit unit = new Unit(box);
    for (double[] point : distinct) {
      unit.points.add(new double[] {clip((point[0] - box[0]) / scale, 0.5), clip((point[1] - box[1]) / scale, 0.5)});
    }
    return unit;
  }

  /**
   * Normalizes the boxes of one ink to its unit, which is usually the median stroke size.
   *
   * @param boxes raw boxes from {@link #frame}, at least one.
   * @param limit largest absolute value in the result, {@link Constants#maxBox}.
   * @return (S, 3), row by row: centre x relative to the leftmost centre, centre y relative to the median one, size.
   */
  public static float[] normalizeBoxes(List<double[]> boxes, double limit) {
    double unit = unitSize(boxes);
    double left = boxes.stream().mapToDouble(box -> box[0]).min().getAsDouble();
    double middle = median(boxes.stream().mapToDouble(box -> box[1]).toArray());
    float[] normalized = new float[3 * boxes.size()];
    for (int stroke = 0; stroke < boxes.size(); stroke++) {
      double[] box = boxes.get(stroke);
      normalized[3 * stroke] = (float) clip((box[0] - left) / unit, limit);
      normalized[3 * stroke + 1] = (float) clip((box[1] - middle) / unit, limit);
      normalized[3 * stroke + 2] = (float) clip(box[2] / unit, limit);
    }
    return normalized;
  }

  /** The median of the sizes; if it is 0, the largest size; if all are dots, their mean distance in a row; else 1. */
  static double unitSize(List<double[]> boxes) {
    double[] sizes = boxes.stream().mapToDouble(box -> box[2]).toArray();
    double unit = median(sizes);
    if (unit == 0) unit = Arrays.stream(sizes).max().getAsDouble();
    if (unit == 0) unit = Math.max(spread(boxes, 0), spread(boxes, 1)) / Math.max(1, boxes.size() - 1);
    return unit == 0 ? 1 : unit;
  }

  /** The extent of the boxes' centres along an axis. */
  private static double spread(List<double[]> boxes, int axis) {
    double[] centres = boxes.stream().mapToDouble(box -> box[axis]).toArray();
    return Arrays.stream(centres).max().getAsDouble() - Arrays.stream(centres).min().getAsDouble();
  }

  /** Simplifies by Ramer-Douglas-Peucker: keeps the ends, and of each part the first farthest point beyond epsilon. */
  static List<double[]> simplify(List<double[]> points, double epsilon) {
    boolean[] kept = new boolean[points.size()];
    kept[0] = kept[kept.length - 1] = true;
    Deque<int[]> parts = new ArrayDeque<>();
    parts.push(new int[] {0, kept.length - 1});
    while (!parts.isEmpty()) {
      int[] part = parts.pop();
      double farthest = 0;
      int index = part[0];
      for (int i = part[0] + 1; i < part[1]; i++) {
        double distance = distance(points.get(part[0]), points.get(part[1]), points.get(i));
        if (distance > farthest) {
          farthest = distance;
          index = i;
        }
      }
      if (farthest > epsilon) {
        kept[index] = true;
        parts.push(new int[] {part[0], index});
        parts.push(new int[] {index, part[1]});
      }
    }
    List<double[]> line = new ArrayList<>();
    for (int i = 0; i < kept.length; i++) if (kept[i]) line.add(points.get(i));
    return line;
  }

  /** The distance of a point to the line (not the segment) through two others, or to their place if they are equal. */
  private static double distance(double[] start, double[] end, double[] point) {
    double dx = end[0] - start[0], dy = end[1] - start[1];
    double x = start[0] - point[0], y = start[1] - point[1];
    double length = Math.sqrt(dx * dx + dy * dy);
    return length == 0 ? Math.sqrt(x * x + y * y) : Math.abs(dx * y - dy * x) / length;
  }

  /** Returns evenly spaced points along a line, including both ends. A line of one point gives zeros. */
  private static float[] spaceEvenly(List<double[]> line, int count) {
    float[] even = new float[2 * count];
    if (line.size() == 1) return even;
    double[] along = new double[line.size()];
    for (int i = 1; i < along.length; i++) {
      double dx = line.get(i)[0] - line.get(i - 1)[0], dy = line.get(i)[1] - line.get(i - 1)[1];
      along[i] = along[i - 1] + Math.sqrt(dx * dx + dy * dy);
    }
    double total = along[along.length - 1];
    int segment = 0;
    for (int i = 0; i < count; i++) {
      double where = total * ((double) i / (count - 1));
      while (segment < along.length - 2 && along[segment + 1] <= where) segment++;
      double share = (where - along[segment]) / (along[segment + 1] - along[segment]);
      double[] start = line.get(segment), end = line.get(segment + 1);
      for (int axis = 0; axis < 2; axis++) even[2 * i + axis] = (float) (start[axis] + share * (end[axis] - start[axis]));
    }
    return even;
  }

  private static double clip(double value, double limit) {
    return Math.min(Math.max(value, -limit), limit);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
