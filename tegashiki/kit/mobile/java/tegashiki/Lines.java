package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Tells lines of writing apart while they are written: which line does a new stroke belong to, or does it begin one? The
 * rules and their names are those of {@code tegashiki/recognizer/lines.py}, which explains them.
 */
public final class Lines {
  private final Map<String, Object> rules;
  private final double near;
  private final double stay;
  private final double deep;
  private final double above;
  private final double dot;
  private final double flat;
  private final int few;
  private final int least;
  private final int late;

  /** The extent of one or several strokes; y grows downwards. */
  public static final class Box {
    public final double left;
    public final double top;
    public final double right;
    public final double bottom;

    public Box(double left, double top, double right, double bottom) {
      this.left = left;
      this.top = top;
      this.right = right;
      this.bottom = bottom;
    }

    /** Returns the box of a stroke. */
    public static Box of(double[][] points) {
      double left = points[0][0], top = points[0][1], right = left, bottom = top;
      for (double[] point : points) {
        left = Math.min(left, point[0]);
        top = Math.min(top, point[1]);
        right = Math.max(right, point[0]);
        bottom = Math.max(bottom, point[1]);
      }
      return new Box(left, top, right, bottom);
    }

    double side() {
      return Math.max(right - left, bottom - top);
    }

    Box around(Box other) {
      double top = Math.min(this.top, other.top), bottom = Math.max(this.bottom, other.bottom);
      return new Box(Math.min(left, other.left), top, Math.max(right, other.right), bottom);
    }
  }

  /** Where a stroke belongs. */
  public static final class Place {
    /** Index of its line, counted from the top. */
    public final int line;

    /** Whether the line is a new one. The lines from this index on then move down by one. */
    public final boolean isNew;

    /** How many of the last strokes of the line above go with it into the new line. */
    public final int moved;

    /** Further lines that the stroke makes one with its line, as a bracket does, ascending. */
    public final List<Integer> joined;

    Place(int line, boolean isNew, int moved, List<Integer> joined) {
      this.line = line;
      this.isNew = isNew;
      this.moved = moved;
      this.joined = Collections.unmodifiableList(joined);
    }

    Place(int line, boolean isNew) {
      this(line, isNew, 0, Collections.emptyList());
    }
  }

  /**
   * Reads the rules.
   *
   * @param table grammar.json as read by {@link Json}.
   * @throws IllegalArgumentException if the table lacks the rules.
   */
  public Lines(Map<String, Object> table) {
    Object found = table.get("lines");
    if (found == null) throw new IllegalArgumentException("the grammar has no rules of lines: take grammar.json of the same kit");
    rules = Json.map(found);
    near = rule("near");
    stay = rule("stay");
    deep = rule("deep");
    above = rule("above");
    dot = rule("dot");
    flat = rule("flat");
    few = (int) rule("few");
    least = (int) rule("least");
    late = (int) rule("late");
  }

  private double rule(String name) {
    Object found = rules.get(name);
    if (found == null) throw new IllegalArgumentException("the grammar has no rule of lines " + name);
    return (Double) found;
  }

  /**
   * Returns the line that a new stroke belongs to.
   *
   * @param lines for each line from the top the boxes of its strokes in the order of writing, none empty.
   * @param box the new stroke.
   * @param current the line that was written last, -1 for none.
   */
  public Place place(List<List<Box>> lines, Box box, int current) {
    if (lines.isEmpty()) return new Place(0, true);
    double size = size(lines, box);
    List<Integer> spanned = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) if (spans(box, lines.get(i), size)) spanned.add(i);
    if (spanned.size() > 1) {
      List<Integer> joined = new ArrayList<>();
      for (int i = spanned.get(0) + 1; i <= spanned.get(spanned.size() - 1); i++) joined.add(i);
      return new Place(spanned.get(0), false, 0, joined);
    }
    int nearest = nearest(lines, box, current, size);
    List<Box> line = lines.get(nearest);
    boolean alone = lines.size() == 1;
    if (beginsBelow(line, box, size, 0, alone)) return new Place(nearest + 1, true);
    boolean between = nearest > 0 && gap(near(line, box, size), box) > above * size;
    if (between && beginsBelow(lines.get(nearest - 1), box, size, 0, false)) return new Place(nearest, true);
    boolean under = line.stream().allMatch(other -> other.top > box.bottom + above * size);
    if (nearest == 0 && line.size() >= few && under) return new Place(0, true);
    int moved = nearest == current ? beganLate(line, box, size, alone) : 0;
    return moved > 0 ? new Place(nearest + 1, true, moved, Collections.emptyList()) : new Place(nearest, false);
  }

  private int nearest(List<List<Box>> lines, Box box, int current, double size) {
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < lines.size(); i++) {
      double cost = gap(near(lines.get(i), box, size), box) - stay * size * (i == current ? 1 : 0);
      if (cost > least) continue;
      least = cost;
      nearest = i;
    }
    return nearest;
  }

  private boolean isFlat(Box box) {
    return box.bottom - box.top < flat * (box.right - box.left);
  }

  /** The median of the longer sides without dots, 1 if there are only dots. */
  private double size(List<List<Box>> lines, Box box) {
    double[] all = new double[lines.stream().mapToInt(List::size).sum() + 1];
    int count = 0;
    for (List<Box> line : lines) for (Box other : line) all[count++] = other.side();
    all[count] = box.side();
    Arrays.sort(all);
    double smallest = dot * all[3 * all.length / 4];
    double[] sides = Arrays.stream(all).filter(side -> side >= smallest).toArray();
    double size = sides[sides.length / 2];
    return size == 0 ? 1 : size;
  }

  /** The strokes of a line that are horizontally near a stroke, at least the nearest. */
  private List<Box> near(List<Box> line, Box box, double size) {
    double reach = line.stream().mapToDouble(other -> apart(other, box)).min().getAsDouble() + near * size;
    List<Box> found = new ArrayList<>();
    for (Box other : line) if (apart(other, box) <= reach) found.add(other);
    return found;
  }

  private static double apart(Box other, Box box) {
    return Math.max(0, Math.max(other.left - box.right, box.left - other.right));
  }

  /** The vertical gap between a stroke and the nearest of others, 0 if it stands beside one. */
  private static double gap(List<Box> others, Box box) {
    return others.stream()
        .mapToDouble(other -> Math.max(0, Math.max(other.top - box.bottom, box.top - other.bottom)))
        .min()
        .getAsDouble();
  }

  /** Whether a stroke is a bracket beside a line: tall, and from above to below the middle of what is near. */
  private boolean spans(Box box, List<Box> line, double size) {
    if (box.bottom - box.top < rule("tall") * Math.max(box.right - box.left, size)) return false;
    Box there = around(near(line, box, size));
    double middle = (there.top + there.bottom) / 2;
    return box.top < middle && middle < box.bottom;
  }

  /** Whether a stroke, or several in one box, begins a line below another one, `more` sizes further down. */
  private boolean beginsBelow(List<Box> line, Box box, double size, double more, boolean alone) {
    List<Box> there = near(line, box, size);
    if (there.stream().anyMatch(other -> other.bottom > box.top) || box.side() < dot * size) return false;
    if (alone && line.size() < least) return false;
    Box all = around(line);
    if (box.top < all.bottom - deep * size || box.left >= all.right) return false;
    double wanted = rule("gap") * size;
    if (line.size() < few) {
      double tallest = line.stream().mapToDouble(other -> other.bottom - other.top).max().getAsDouble();
      wanted = Math.max(wanted, rule("under_few") * tallest);
    }
    if (more == 0 && isFlat(box) && box.side() > rule("wide") * size) wanted = Math.max(wanted, rule("over_wide") * size);
    if (awaitsDenominator(line, box, size)) wanted = Math.max(wanted, rule("under_bar") * size);
    if (box.left - all.left > Math.max(rule("back") * (all.right - all.left), rule("indent") * size)) {
      wanted = Math.max(wanted, rule("clear") * size);
    }
    return gap(there, box) - more * size > wanted;
  }

  /** Whether a stroke stands under a bar that has a numerator and no denominator. */
  private boolean awaitsDenominator(List<Box> line, Box box, double size) {
    Box bar = null; // the first of the lowest
    for (Box other : line) {
      if (other.left <= box.right && box.left <= other.right && (bar == null || other.bottom > bar.bottom)) bar = other;
    }
    if (bar == null || !isFlat(bar) || bar.side() < rule("long") * size) return false;
    double highest = bar.top - rule("over_bar") * size;
    boolean numerator = false;
    for (Box other : line) {
      double middle = (other.left + other.right) / 2;
      if (other == bar || middle < bar.left || middle > bar.right) continue;
      if (other.top >= bar.top) return false;
      numerator |= !isFlat(other) && highest <= other.bottom && other.bottom <= bar.bottom;
    }
    return numerator;
  }

  /** How many of the last strokes of a line begin a new line together with a stroke, 0 if none do. */
  private int beganLate(List<Box> line, Box box, double size, boolean alone) {
    Box all = box;
    for (int count = 1; count <= Math.min(late, line.size() - 1); count++) {
      int rest = line.size() - count;
      all = all.around(line.get(rest));
      if (beginsBelow(line.subList(0, rest), all, size, rule("more"), alone)) return count;
    }
    return 0;
  }

  private static Box around(List<Box> boxes) {
    return boxes.stream().reduce(Box::around).get();
  }
}
