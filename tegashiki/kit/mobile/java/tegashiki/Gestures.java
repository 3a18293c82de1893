package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Recognises a scratch-out or a strike: a stroke that takes away ink instead of adding to it.
 *
 * <p>tegashiki/ink/gestures.py of the project describes both gestures and the settings.
 */
final class Gestures {
  private final double turn;
  private final double thin;
  private final double smooth;
  private final double straight;
  private final double flat;
  private final double covered;
  private final double crossed;
  private final double whole;
  private final double margin;
  private final int directions;
  private final int scratchSweeps;
  private final int strikeSweeps;
  private final int struckTwice;
  private final int leastCrossing;
  private final int crossing;
  private final int crossingWhole;
  private final int strokeSamples;
  private final int sweepSamples;
  private final int mostSweeps;

  /** A stroke as a zigzag. */
  private static final class Zigzag {
    final List<double[][]> sweeps;
    final double straightness; // the length of the sweeps over that of the stroke
    final boolean flat; // whether the sweeps are close together

    Zigzag(List<double[][]> sweeps, double straightness, boolean flat) {
      this.sweeps = sweeps;
      this.straightness = straightness;
      this.flat = flat;
    }
  }

  /** A stroke near a zigzag. */
  private static final class Neighbour {
    final int index;
    final double[][] samples;
    final boolean[] crossed; // for each sweep
    int betweenEnds; // sweeps that cross it between their ends

    Neighbour(int index, double[][] samples, List<double[][]> sweeps) {
      this.index = index;
      this.samples = samples;
      crossed = new boolean[sweeps.size()];
      for (int i = 0; i < crossed.length; i++) {
        int last = sweeps.get(i).length - 2;
        boolean between = false;
        for (int segment = 0; segment <= last; segment++) {
          if (!cross(sweeps.get(i)[segment], sweeps.get(i)[segment + 1], samples)) continue;
          crossed[i] = true;
          between |= segment > 0 && segment < last;
        }
        if (between) betweenEnds++;
      }
    }

    int crossings() {
      int count = 0;
      for (boolean one : crossed) if (one) count++;
      return count;
    }
  }

  /**
   * Reads the settings.
   *
   * @param table grammar.json as read by {@link Json}.
   * @throws IllegalArgumentException if the table lacks a setting.
   */
  Gestures(Map<String, Object> table) {
    if (table.get("gestures") == null) {
      throw new IllegalArgumentException("the grammar has no gestures: take grammar.json of the same kit");
    }
    Map<String, Object> settings = Json.map(table.get("gestures"));
    turn = number(settings, "turn");
    thin = number(settings, "thin");
    smooth = number(settings, "smooth");
    straight = number(settings, "straight");
    flat = number(settings, "flat");
    covered = number(settings, "covered");
    crossed = number(settings, "crossed");
    whole = number(settings, "whole");
    margin = number(settings, "margin");
    directions = (int) number(settings, "directions");
    scratchSweeps = (int) number(settings, "scratch_sweeps");
    strikeSweeps = (int) number(settings, "strike_sweeps");
    struckTwice = (int) number(settings, "struck_twice");
    leastCrossing = (int) number(settings, "least_crossing");
    crossing = (int) number(settings, "crossing");
    crossingWhole = (int) number(settings, "crossing_whole");
    strokeSamples = (int) number(settings, "stroke_samples");
    sweepSamples = (int) number(settings, "sweep_samples");
    mostSweeps = (int) number(settings, "most_sweeps");
  }

  private static double number(Map<String, Object> settings, String name) {
    Object found = settings.get(name);
    if (found == null) throw new IllegalArgumentException("the grammar has no setting of gestures " + name);
    return (Double) found;
  }

  /** Returns the ascending indices of the strokes that a new stroke takes away; none if it is ink. */
  List<Integer> struck(List<double[][]> strokes, double[][] stroke) {
    double[] box = box(stroke);
    double[][] area = new double[stroke.length][];
    for (int i = 0; i < area.length; i++) {
      area[i] = new double[] {larger(stroke[i][0], (box[0] + box[2]) / 2), larger(stroke[i][1], (box[1] + box[3]) / 2)};
    }
    double[] around = box(area);
    List<Integer> near = new ArrayList<>();
    for (int i = 0; i < strokes.size(); i++) {
      double[] other = box(strokes.get(i));
      if (other[2] >= around[0] && other[3] >= around[1] && other[0] <= around[2] && other[1] <= around[3]) near.add(i);
    }
    Zigzag zigzag = near.isEmpty() ? null : zigzag(stroke);
    if (zigzag == null || zigzag.straightness < straight) return Collections.emptyList();
    List<Neighbour> neighbours = new ArrayList<>();
    for (int i : near) neighbours.add(new Neighbour(i, sampled(strokes.get(i), strokeSamples), zigzag.sweeps));
    return zigzag.sweeps.size() >= scratchSweeps ? scratched(neighbours, hull(area)) : stricken(neighbours, zigzag);
  }

  private double larger(double value, double middle) {
    return middle + margin * (value - middle);
  }

  /** Returns what a zigzag takes away as a scratch-out, whose area is a convex polygon. */
  private List<Integer> scratched(List<Neighbour> neighbours, double[][] area) {
    int sweeps = neighbours.get(0).crossed.length;
    List<Neighbour> taken = new ArrayList<>();
    boolean one = false;
    for (Neighbour neighbour : neighbours) {
      double share = shareInside(area, neighbour.samples);
      if (share < covered && neighbour.betweenEnds < crossed * sweeps) continue;
      taken.add(neighbour);
      one |= share >= whole;
    }
    int least = one ? crossingWhole : sweeps == scratchSweeps ? leastCrossing : crossing;
    return sweepsThatCross(taken) >= least ? indices(taken) : Collections.emptyList();
  }

  /** Returns what a zigzag takes away as a strike. */
  private List<Integer> stricken(List<Neighbour> neighbours, Zigzag zigzag) {
    List<Neighbour> taken = new ArrayList<>();
    for (Neighbour neighbour : neighbours) if (neighbour.crossings() >= struckTwice) taken.add(neighbour);
    return zigzag.flat && sweepsThatCross(taken) >= strikeSweeps ? indices(taken) : Collections.emptyList();
  }

  private static int sweepsThatCross(List<Neighbour> neighbours) {
    int count = 0;
    int sweeps = neighbours.isEmpty() ? 0 : neighbours.get(0).crossed.length;
    for (int i = 0; i < sweeps; i++) {
      int sweep = i;
      if (neighbours.stream().anyMatch(neighbour -> neighbour.crossed[sweep])) count++;
    }
    return count;
  }

  private static List<Integer> indices(List<Neighbour> neighbours) {
    List<Integer> indices = new ArrayList<>();
    for (Neighbour neighbour : neighbours) indices.add(neighbour.index);
    return indices;
  }

  /** Returns a stroke as a zigzag along the direction with the most sweeps, null if it has too few for a gesture. */
  private Zigzag zigzag(double[][] stroke) {
    double[] box = box(stroke);
    double diagonal = Math.hypot(box[2] - box[0], box[3] - box[1]);
    double[] extents = new double[directions];
    List<Integer> turns = Collections.singletonList(0);
    int best = 0;
    for (int number = 0; number < directions; number++) {
      double[] along = along(stroke, Math.PI * number / directions);
      extents[number] = Arrays.stream(along).max().getAsDouble() - Arrays.stream(along).min().getAsDouble();
      if (extents[number] <= thin * diagonal) continue;
      List<Integer> found = turns(along, turn * extents[number]);
      boolean longer = extents[number] > extents[best] * (1 + 1e-9); // rounding decides nothing
      if (found.size() > turns.size() || (found.size() == turns.size() && longer)) {
        turns = found;
        best = number;
      }
    }
    if (turns.size() - 1 < strikeSweeps) return null;
    double[][] corners = turns.stream().map(index -> stroke[index]).toArray(double[][]::new);
    double[][] simple = Preprocess.simplify(Arrays.asList(stroke), smooth * diagonal).toArray(new double[0][]);
    double straightness = lengths(corners)[corners.length - 1] / lengths(simple)[simple.length - 1];
    List<double[][]> sweeps = new ArrayList<>();
    for (int i = 1; i < Math.min(turns.size(), mostSweeps + 1); i++) {
      sweeps.add(sampled(Arrays.copyOfRange(stroke, turns.get(i - 1), turns.get(i) + 1), sweepSamples));
    }
    double across = extents[(best + directions / 2) % directions];
    return new Zigzag(sweeps, straightness, across <= flat * extents[best]);
  }

  private static double[] along(double[][] stroke, double angle) {
    double[] along = new double[stroke.length];
    for (int i = 0; i < along.length; i++) along[i] = stroke[i][0] * Math.cos(angle) + stroke[i][1] * Math.sin(angle);
    return along;
  }

  /** Returns the indices between which numbers rise or fall by at least `least`, in turn. */
  private static List<Integer> turns(double[] along, double least) {
    List<Integer> turns = new ArrayList<>();
    int lowest = 0, highest = 0;
    boolean rising = true;
    for (int i = 0; i < along.length; i++) {
      if (along[i] < along[lowest]) lowest = i;
      if (along[i] > along[highest]) highest = i;
      boolean turned = rising ? along[highest] - along[i] >= least : along[i] - along[lowest] >= least;
      if (turns.isEmpty()) {
        if (along[highest] - along[lowest] < least) continue;
        rising = highest > lowest;
        turns.add(rising ? lowest : highest);
      } else {
        if (!turned) continue;
        turns.add(rising ? highest : lowest);
        rising = !rising;
      }
      lowest = highest = i;
    }
    if (!turns.isEmpty()) turns.add(rising ? highest : lowest);
    return turns;
  }

  /** Returns the length of a line up to each of its points. */
  private static double[] lengths(double[][] points) {
    double[] at = new double[points.length];
    for (int i = 1; i < at.length; i++) {
      at[i] = at[i - 1] + Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]);
    }
    return at;
  }

  /** Returns points at equal distances along a line. */
  private static double[][] sampled(double[][] points, int count) {
    double[] at = lengths(points);
    int last = points.length - 1;
    int next = Math.min(1, last); // the first point beyond the sample, or the last one
    double[][] samples = new double[count][];
    for (int i = 0; i < count; i++) {
      double wanted = at[last] * i / (count - 1);
      while (next < last && at[next] <= wanted) next++;
      double[] start = points[Math.max(next - 1, 0)], end = points[next];
      double before = at[Math.max(next - 1, 0)], length = at[next] - before;
      double share = length > 0 ? Math.min(1, (wanted - before) / length) : 0;
      samples[i] = new double[] {start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])};
    }
    return samples;
  }

  /** Whether a segment crosses a line. */
  private static boolean cross(double[] start, double[] end, double[][] line) {
    for (int i = 1; i < line.length; i++) {
      double area = area(start, end, line[i - 1], line[i]);
      double sign = Math.signum(area), most = Math.abs(area);
      double onSegment = area(start, line[i - 1], line[i - 1], line[i]) * sign;
      double onLine = area(start, line[i - 1], start, end) * sign;
      if (most > 0 && onSegment >= 0 && onSegment <= most && onLine >= 0 && onLine <= most) return true;
    }
    return false;
  }

  /** Returns the area between the vectors from a to b and from c to d. */
  private static double area(double[] a, double[] b, double[] c, double[] d) {
    return (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0]);
  }

  /** Returns the corners of the convex hull of points, which are not all on a line, in one sense of rotation. */
  private static double[][] hull(double[][] points) {
    List<double[]> ordered = new ArrayList<>(Arrays.asList(points));
    ordered.sort((a, b) -> a[0] != b[0] ? Double.compare(a[0], b[0]) : Double.compare(a[1], b[1]));
    List<double[]> corners = new ArrayList<>();
    for (int half = 0; half < 2; half++) {
      int first = corners.size();
      for (double[] point : ordered) {
        while (corners.size() - first > 1) {
          double[] before = corners.get(corners.size() - 2), last = corners.get(corners.size() - 1);
          if (area(before, last, before, point) > 0) break;
          corners.remove(corners.size() - 1);
        }
        corners.add(point);
      }
      corners.remove(corners.size() - 1); // it begins the other half
      Collections.reverse(ordered);
    }
    return corners.toArray(new double[0][]);
  }

  /** Returns the share of points inside a convex polygon. */
  private static double shareInside(double[][] area, double[][] points) {
    int count = 0;
    for (double[] point : points) {
      boolean inside = true;
      for (int i = 0; i < area.length; i++) {
        inside &= area(area[i], area[(i + 1) % area.length], area[i], point) >= 0;
      }
      if (inside) count++;
    }
    return (double) count / points.length;
  }

  /** Returns the least x and y and the greatest x and y. */
  private static double[] box(double[][] points) {
    double[] box = {points[0][0], points[0][1], points[0][0], points[0][1]};
    for (double[] point : points) {
      for (int axis = 0; axis < 2; axis++) {
        box[axis] = Math.min(box[axis], point[axis]);
        box[axis + 2] = Math.max(box[axis + 2], point[axis]);
      }
    }
    return box;
  }
}
