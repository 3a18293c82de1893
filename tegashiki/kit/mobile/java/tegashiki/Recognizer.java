package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Ink in, LaTeX out, with any model. One thread at a time. */
public final class Recognizer {
  public final Vocabulary vocabulary;
  public final Grammar grammar;

  private final Model model;
  private final Calibration calibration;
  private final boolean[] visible;
  private final int points;
  private final double epsilon;

  /** A stroke with all that is computed of it once, however many strokes follow. */
  public static final class Stroke {
    final Preprocess.Framed framed;
    final float[] stem;

    Stroke(Preprocess.Framed framed, float[] stem) {
      this.framed = framed;
      this.stem = stem;
    }
  }

  /** One reading. */
  public static final class Candidate {
    public final String latex;
    public final int[] ids;

    /** That this is what is written, 0 to 1. */
    public final double probability;

    /** For each stroke the index into ids of the token that it draws, -1 for none: what to highlight, what to pin. */
    public final int[] strokeTokens;

    Candidate(String latex, int[] ids, double probability, int[] strokeTokens) {
      this.latex = latex;
      this.ids = ids;
      this.probability = probability;
      this.strokeTokens = strokeTokens;
    }
  }

  /** The three files of the kit as {@link Json} reads them, and what runs the fourth. */
  public Recognizer(Map<String, Object> about, Map<String, Object> vocabulary, Map<String, Object> grammar, Model model) {
    this.model = model;
    this.vocabulary = new Vocabulary(Json.strings(vocabulary.get("tokens")));
    this.grammar = new Grammar(grammar, this.vocabulary);
    visible = this.grammar.visibleAlone();
    points = Json.integer(about.get("points_per_stroke"));
    epsilon = (Double) about.get("rdp_epsilon");
    Map<String, Object> fitted = Json.map(about.get("calibration"));
    double temperature = (Double) fitted.get("temperature"), bonus = (Double) fitted.get("bonus");
    calibration = new Calibration(temperature, bonus, (Double) fitted.get("symbol_cost"));
  }

  /** Takes a stroke in, as the pen is lifted: at least one point {x, y}, y downwards, any unit, finite. */
  public Stroke stroke(double[][] raw) {
    Preprocess.Framed framed = Preprocess.frame(raw, points, epsilon);
    return new Stroke(framed, model.stem(framed.points));
  }

  /** Reads what is written, at least one stroke: up to n candidates, no more than the widest beam; the likeliest first. */
  public List<Candidate> read(List<Stroke> strokes, int n) {
    return read(strokes, n, new Constraint(model.maxTokens(), grammar));
  }

  /** The same under other rules; none where no reading obeys them. */
  public List<Candidate> read(List<Stroke> strokes, int n, Constraint rules) {
    List<Preprocess.Framed> framed = new ArrayList<>();
    List<double[]> raw = new ArrayList<>();
    List<float[]> stems = new ArrayList<>();
    for (Stroke stroke : strokes) {
      framed.add(stroke.framed);
      raw.add(stroke.framed.box);
      stems.add(stroke.stem);
    }
    float[] boxes = Preprocess.normalizeBoxes(raw);
    double[][] distances = Assignment.distances(framed, boxes);
    int widest = Arrays.stream(model.beamSizes()).max().getAsInt();
    List<BeamSearch.Hypothesis> found =
        BeamSearch.search(model, model.encode(stems, boxes), rules, calibration, widest, widest);
    double[] logs = found.stream().mapToDouble(one -> one.logProbability).toArray();
    int[] symbols = found.stream().mapToInt(one -> Calibration.differentSymbols(one.ids, visible)).toArray();
    double[] weighed = calibration.weigh(logs, symbols);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < weighed.length; i++) order.add(i);
    order.sort(Comparator.comparingDouble(i -> -weighed[i]));
    List<Candidate> candidates = new ArrayList<>();
    for (int i : order.subList(0, Math.min(n, order.size()))) {
      int[] ids = found.get(i).ids;
      String latex = Vocabulary.join(vocabulary.decode(ids));
      candidates.add(new Candidate(latex, ids, Math.exp(weighed[i]), strokeTokens(found.get(i), distances)));
    }
    return candidates;
  }

  private int[] strokeTokens(BeamSearch.Hypothesis found, double[][] distances) {
    boolean[] visible = grammar.visible(found.ids);
    List<Integer> visibleTokens = new ArrayList<>();
    List<float[]> attention = new ArrayList<>();
    for (int token = 0; token < visible.length; token++) {
      if (!visible[token]) continue;
      visibleTokens.add(token);
      attention.add(found.attention[token]);
    }
    int[] strokeTokens = new int[distances.length];
    Arrays.fill(strokeTokens, -1);
    if (visibleTokens.isEmpty()) return strokeTokens;
    int[] assigned = Assignment.assign(attention.toArray(new float[0][]), distances);
    for (int stroke = 0; stroke < strokeTokens.length; stroke++) strokeTokens[stroke] = visibleTokens.get(assigned[stroke]);
    return strokeTokens;
  }
}
