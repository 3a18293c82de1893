package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Greedy search and beam search. */
public final class BeamSearch {
  private BeamSearch() {}

  /** One finished sequence of tokens. */
  public static final class Hypothesis {
    /** Ids without the start and end tokens. */
    public final int[] ids;

    /** Calibrated natural log probability of the ids and the end token. */
    public final double logProbability;

    /** The log probability of each id and of the end token; their sum is `logProbability`. */
    public final double[] tokenLogProbabilities;

    /** For each id the attention over the strokes, (S). */
    public final float[][] attention;

    Hypothesis(int[] ids, double logProbability, double[] tokenLogProbabilities, float[][] attention) {
      this.ids = ids;
      this.logProbability = logProbability;
      this.tokenLogProbabilities = tokenLogProbabilities;
      this.attention = attention;
    }
  }

  /** An unfinished hypothesis after a step: its last token and its parent. */
  private static final class Row {
    final double score;
    final int parent;
    final int token;
    final Constraint.State state;

    Row(double score, int parent, int token, Constraint.State state) {
      this.score = score;
      this.parent = parent;
      this.token = token;
      this.state = state;
    }
  }

  /** A finished hypothesis: `row` is its row before the end token, `position` is the index of the end token. */
  private static final class End {
    final double score;
    final int position;
    final int row;

    End(double score, int position, int row) {
      this.score = score;
      this.position = position;
      this.row = row;
    }
  }

  /**
   * Finds the likeliest token sequences of one encoded ink, best first.
   *
   * <p>Keeps the `beams` likeliest unfinished hypotheses, and each hypothesis that ends among the `beams` best of its
   * step. Log probabilities only decrease, so the search stops when no unfinished hypothesis is better than the worst of
   * the `results` best finished ones.
   *
   * @param beams number of hypotheses kept at each step, at most the largest of the model's beam sizes; 1 is greedy.
   * @param results number of results, at most `beams`.
   * @return the hypotheses, or an empty list if no sequence was found that obeys the rules.
   */
  public static List<Hypothesis> search(
      Model model, Model.Encoded encoded, Constraint rules, Calibration calibration, int beams, int results) {
    return search(model, encoded, rules, calibration, beams, results, () -> false);
  }

  /** Like the method above, but throws {@link Stopped} when `stop` returns true before a step of the model. */
  static List<Hypothesis> search(
      Model model,
      Model.Encoded encoded,
      Constraint rules,
      Calibration calibration,
      int beams,
      int results,
      BooleanSupplier stop) {
    int width = Arrays.stream(model.beamSizes()).filter(size -> size >= beams).findFirst().orElse(0);
    if (width == 0 || results < 1 || results > beams) {
      throw new IllegalArgumentException(results + " results of a beam of " + beams + ": give 1 <= results <= beams <= "
          + Arrays.stream(model.beamSizes()).max().getAsInt());
    }
    Model.Decoder decoder = encoded.decoder(width);
    List<List<Row>> steps = new ArrayList<>();
    List<float[][]> attention = new ArrayList<>();
    List<Row> rows = Collections.singletonList(new Row(0, 0, Vocabulary.BOS, rules.start()));
    List<End> ends = new ArrayList<>();
    for (int position = 0; position < rules.maxTokens; position++) {
      Stopped.check(stop);
      int[] tokens = new int[width];
      Arrays.fill(tokens, Vocabulary.BOS);
      for (int row = 0; row < rows.size(); row++) tokens[row] = rows.get(row).token;
      Model.Step step = decoder.decodeStep(tokens, position);
      double[][] scores = new double[rows.size()][];
      for (int row = 0; row < scores.length; row++) {
        scores[row] = calibration.scores(step.logits[row]);
        rules.narrow(scores[row], rows.get(row).state, position, step.attention[row]);
        for (int id = 0; id < scores[row].length; id++) scores[row][id] += rows.get(row).score;
      }
      rows = expand(rows, scores, rules, beams, position, ends);
      ends.sort(Comparator.comparingDouble(end -> -end.score));
      if (ends.size() > results) ends.subList(results, ends.size()).clear();
      double best = rows.stream().mapToDouble(row -> row.score).max().orElse(Double.NEGATIVE_INFINITY);
      if (rows.isEmpty() || (ends.size() == results && ends.get(results - 1).score >= best)) break;
      steps.add(rows);
      attention.add(step.attention);
      decoder.reorder(rows.stream().mapToInt(row -> row.parent).toArray());
    }
    List<Hypothesis> found = new ArrayList<>();
    for (End end : ends) found.add(trace(steps, attention, end));
    return found;
  }

  /** Makes one step. Returns the new unfinished hypotheses and adds those that end to `ends`. Overwrites the scores. */
  private static List<Row> expand(
      List<Row> rows, double[][] scores, Constraint rules, int beams, int position, List<End> ends) {
    List<Row> children = new ArrayList<>();
    for (int rank = 0; rank < 2 * beams; rank++) { // at most half are end tokens, so `beams` rows can continue
      int parent = -1, token = -1;
      double best = Double.NEGATIVE_INFINITY;
      for (int row = 0; row < scores.length; row++) {
        for (int id = 0; id < scores[row].length; id++) {
          if (scores[row][id] > best) {
            best = scores[row][id];
            parent = row;
            token = id;
          }
        }
      }
      if (parent < 0) break;
      scores[parent][token] = Double.NEGATIVE_INFINITY;
      if (token == Vocabulary.EOS) {
        if (rank < beams) ends.add(new End(best, position, parent));
      } else if (children.size() < beams) {
        children.add(new Row(best, parent, token, rules.advance(rows.get(parent).state, token)));
      }
    }
    return besideParents(children);
  }

  /** Puts one child of each parent into its parent's row if possible, since rows that stay in place need no copy. */
  private static List<Row> besideParents(List<Row> children) {
    List<Row> placed = new ArrayList<>(Collections.nCopies(children.size(), null));
    List<Row> others = new ArrayList<>();
    for (Row child : children) {
      if (child.parent < placed.size() && placed.get(child.parent) == null) placed.set(child.parent, child);
      else others.add(child);
    }
    int next = 0;
    for (int row = 0; row < placed.size(); row++) if (placed.get(row) == null) placed.set(row, others.get(next++));
    return placed;
  }

  /** Follows a finished hypothesis back to its first token. */
  private static Hypothesis trace(List<List<Row>> steps, List<float[][]> attention, End end) {
    int[] ids = new int[end.position];
    double[] logs = new double[end.position + 1];
    float[][] looked = new float[end.position][];
    int place = end.row;
    double after = end.score;
    for (int position = end.position - 1; position >= 0; position--) {
      Row row = steps.get(position).get(place);
      ids[position] = row.token;
      logs[position + 1] = after - row.score;
      after = row.score;
      looked[position] = attention.get(position)[row.parent];
      place = row.parent;
    }
    logs[0] = after;
    return new Hypothesis(ids, end.score, logs, looked);
  }
}
