package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Thins the strokes of an ink and rounds them to a grid of integers. */
final class Grid {
  private Grid() {}

  /** Returns for each stroke x and y of its points, one after another. The smallest x and y of all are 0. */
  static int[][] place(List<double[][]> strokes, MemoryConstants constants) {
    List<List<double[]>> kept = new ArrayList<>();
    List<double[]> boxes = new ArrayList<>();
    double left = Double.POSITIVE_INFINITY, top = Double.POSITIVE_INFINITY;
    for (double[][] stroke : strokes) {
      Preprocess.Unit unit = Preprocess.unit(stroke);
      double size = unit.box[2] == 0 ? 1 : unit.box[2];
      List<double[]> thin = Preprocess.simplify(unit.points, constants.epsilon);
      for (int i = 0; i < thin.size(); i++) {
        double[] point = {thin.get(i)[0] * size + unit.box[0], thin.get(i)[1] * size + unit.box[1]};
        thin.set(i, point);
        left = Math.min(left, point[0]);
        top = Math.min(top, point[1]);
      }
      kept.add(thin);
      boxes.add(unit.box);
    }
    double step = Preprocess.unitSize(boxes) / constants.grid;
    int[][] placed = new int[kept.size()][];
    for (int i = 0; i < placed.length; i++) placed[i] = round(kept.get(i), left, top, step, constants.maxStep);
    return placed;
  }

  /** Rounds the points of a stroke and drops those that equal the one before. */
  private static int[] round(List<double[]> points, double left, double top, double step, int most) {
    int[] rounded = new int[2 * points.size()];
    int length = 0;
    for (double[] point : points) {
      int x = (int) Math.min(Math.floor((point[0] - left) / step + 0.5), most);
      int y = (int) Math.min(Math.floor((point[1] - top) / step + 0.5), most);
      if (length > 0 && rounded[length - 2] == x && rounded[length - 1] == y) continue;
      rounded[length++] = x;
      rounded[length++] = y;
    }
    return Arrays.copyOf(rounded, length);
  }
}
