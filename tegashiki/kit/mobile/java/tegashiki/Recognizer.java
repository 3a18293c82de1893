package tegashiki;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/**
 * Reads ink with a model and returns LaTeX.
 *
 * <p>Any number of threads and sessions may share a recognizer. It reads one ink at a time, and its monitor is the lock.
 * {@link Session} reads an expression while it is being written.
 */
public final class Recognizer {
  public final Vocabulary vocabulary;
  public final Grammar grammar;
  final Constants constants;
  final Lines lines;
  final MemoryConstants memoryConstants;
  final Gestures gestures;

  private static final Logger LOG = Logger.getLogger("tegashiki");

  private final Model model;
  private final Calibration calibration;
  private final boolean[] visible;
  private final int points;
  private final double epsilon;
  private volatile Remembering remembering; // null without a memory

  /** A stroke with the results that are computed once and do not depend on other strokes. */
  public static final class Stroke {
    final Preprocess.Framed framed;
    final float[] stem;

    Stroke(Preprocess.Framed framed, float[] stem) {
      this.framed = framed;
      this.stem = stem;
    }
  }

  /** One encoded ink. */
  static final class Ink {
    final Model.Encoded encoded;
    final double[][] distances;

    Ink(Model.Encoded encoded, double[][] distances) {
      this.encoded = encoded;
      this.distances = distances;
    }
  }

  /** One reading. */
  public static final class Candidate {
    /** LaTeX without unnecessary spaces. */
    public final String latex;

    /** Canonical tokens, read-only. */
    public final List<String> tokens;

    /** Ids of the tokens, read-only. */
    public final int[] ids;

    /** Calibrated probability that the reading is correct, 0 to 1. */
    public final double probability;

    public final double logProbability;

    /** For each stroke the index of its token, -1 for none. Useful for highlighting and pinning. */
    public final int[] strokeTokens;

    /** False if the reading was cut off at the model's length limit. */
    public final boolean complete;

    /** The indices of the tokens in doubt; none that the writer has accepted. Empty for alternatives. Read-only. */
    public final List<Integer> doubtful;

    Candidate(
        List<String> tokens, int[] ids, double logProbability, int[] strokeTokens, boolean complete, List<Integer> doubtful) {
      this.latex = Environments.toLatex(tokens);
      this.tokens = Collections.unmodifiableList(tokens);
      this.ids = ids;
      this.probability = Math.exp(logProbability);
      this.logProbability = logProbability;
      this.strokeTokens = strokeTokens;
      this.complete = complete;
      this.doubtful = Collections.unmodifiableList(doubtful);
    }

    /** For each token the indices of its strokes, ascending. Every stroke belongs to one token. */
    public List<List<Integer>> strokesOfToken() {
      List<List<Integer>> strokes = new ArrayList<>();
      for (int i = 0; i < ids.length; i++) strokes.add(new ArrayList<>());
      for (int stroke = 0; stroke < strokeTokens.length; stroke++) if (strokeTokens[stroke] >= 0) strokes.get(strokeTokens[stroke]).add(stroke);
      return strokes;
    }
  }

  /** Makes a recognizer from three files of the kit as read by {@link Json}, and a model that runs model.tflite. */
  public Recognizer(Map<String, Object> about, Map<String, Object> vocabulary, Map<String, Object> grammar, Model model) {
    this.model = model;
    this.vocabulary = new Vocabulary(Json.strings(vocabulary.get("tokens")));
    this.grammar = new Grammar(grammar, this.vocabulary);
    constants = new Constants(grammar);
    lines = new Lines(grammar);
    memoryConstants = new MemoryConstants(grammar);
    gestures = new Gestures(grammar);
    visible = this.grammar.visibleAlone();
    points = Json.integer(about.get("points_per_stroke"));
    epsilon = (Double) about.get("rdp_epsilon");
    Map<String, Object> fitted = Json.map(about.get("calibration"));
    double temperature = (Double) fitted.get("temperature"), bonus = (Double) fitted.get("bonus");
    calibration = new Calibration(temperature, bonus, (Double) fitted.get("symbol_cost"));
  }

  /** Whether a reading is probable enough to be shown as the answer, as the best candidate of its ink. */
  public boolean isSure(Candidate candidate) {
    return candidate.probability >= constants.rejectBelow;
  }

  /** Largest number of strokes of an ink. */
  public int maxStrokes() {
    return model.maxStrokes();
  }

  /** Largest number of candidates, the model's widest beam. */
  public int maxCandidates() {
    return Arrays.stream(model.beamSizes()).max().getAsInt();
  }

  /**
   * Preprocesses a stroke. Call it when the pen is lifted.
   *
   * @param raw at least one point {x, y}, y downwards, any unit.
   * @throws IllegalArgumentException if the stroke is invalid.
   */
  public synchronized Stroke stroke(double[][] raw) {
    checkStroke(raw);
    return framed(raw);
  }

  /** Preprocesses a valid stroke. The caller holds the lock. */
  Stroke framed(double[][] raw) {
    Preprocess.Framed framed = Preprocess.frame(raw, points, epsilon);
    return new Stroke(framed, model.stem(framed.points));
  }

  /** Reads from now on with a memory, which {@link Session#commit} teaches; see the other `remember`. */
  public void remember(WriterMemory memory) {
    remember(memory, true);
  }

  /**
   * Reads from now on with a memory, or without one. Readings that a session has found already stay as they are.
   *
   * @param memory the writer's memory, or null for none.
   * @param learning whether {@link Session#commit} teaches the memory its readings, and writes its file if it has one.
   * @throws IllegalArgumentException if the model cannot learn, because its file has format 1.
   */
  public synchronized void remember(WriterMemory memory, boolean learning) {
    remembering = memory == null ? null : new Remembering(this, model, memory, learning);
  }

  /** The writer's memory, or null. */
  public WriterMemory memory() {
    Remembering now = remembering;
    return now == null ? null : now.memory;
  }

  /** Makes the keys of newly learnt formulas now. Otherwise the next reading makes them first. */
  public synchronized void makeKeys() {
    if (remembering != null) remembering.refresh();
  }

  /** Teaches the memory a committed expression. Does not fail: if it cannot be remembered, a warning is logged. */
  void learn(List<double[][]> strokes, Candidate reading, boolean[] restriction) {
    Remembering now = remembering;
    if (now == null || !now.learning || !reading.complete) return;
    List<String> allowed = null;
    if (restriction != null) {
      int[] ids = IntStream.range(Vocabulary.EOS + 1, restriction.length).filter(id -> restriction[id]).toArray();
      if (ids.length < restriction.length - Vocabulary.EOS - 1) allowed = vocabulary.decode(ids);
    }
    try {
      now.memory.learn(strokes, reading.latex, allowed, System.currentTimeMillis() / 1000);
      makeKeys();
      if (now.memory.file != null) now.memory.save();
    } catch (IllegalArgumentException | IOException error) {
      LOG.warning("'" + reading.latex + "' is not remembered: " + error.getMessage());
    }
  }

  /** Whether all tokens are in the vocabulary. */
  boolean knows(List<String> tokens) {
    return tokens.stream().allMatch(vocabulary::has);
  }

  /** Returns an encoded ink with the memory, if there is one. The caller holds the lock. */
  private Model.Encoded remembered(Ink ink) {
    return remembering == null ? ink.encoded : remembering.over(ink.encoded);
  }

  /** Reads at least one stroke. Returns up to n candidates, but not more than the widest beam, likeliest first. */
  public List<Candidate> read(List<Stroke> strokes, int n) {
    return read(strokes, n, new Constraint(model.maxTokens(), grammar));
  }

  /** Reads strokes under the given rules. Returns an empty list if no reading obeys them. */
  public synchronized List<Candidate> read(List<Stroke> strokes, int n, Constraint rules) {
    int widest = maxCandidates();
    return decode(encode(strokes), Math.min(n, widest), widest, rules, () -> false);
  }

  /** Throws IllegalArgumentException if the stroke is invalid. */
  void checkStroke(double[][] raw) {
    if (raw == null || raw.length == 0 || raw.length > constants.maxStrokePoints) {
      String found = raw == null ? "no stroke" : "a stroke of " + raw.length + " points";
      throw new IllegalArgumentException(found + ", expected 1 to " + constants.maxStrokePoints + " points");
    }
    for (double[] point : raw) {
      if (point == null || point.length != 2) {
        throw new IllegalArgumentException("the point " + Arrays.toString(point) + " is not {x, y}");
      }
      if (!(Math.abs(point[0]) <= constants.maxCoordinate && Math.abs(point[1]) <= constants.maxCoordinate)) {
        throw new IllegalArgumentException(
            "the point " + Arrays.toString(point) + " is not finite, or above " + constants.maxCoordinate);
      }
    }
  }

  /** Throws IllegalArgumentException if the model cannot return `n` candidates. */
  void checkCandidates(int n) {
    if (n >= 1 && n <= maxCandidates()) return;
    throw new IllegalArgumentException(n + " candidates asked for: this model gives 1 to " + maxCandidates());
  }

  /** Encodes an ink. The caller holds the lock. */
  Ink encode(List<Stroke> strokes) {
    if (strokes.size() > maxStrokes()) {
      throw new IllegalArgumentException(
          "the ink has " + strokes.size() + " strokes, this model reads at most " + maxStrokes() + ": read it in parts");
    }
    List<Preprocess.Framed> framed = new ArrayList<>();
    List<double[]> raw = new ArrayList<>();
    List<float[]> stems = new ArrayList<>();
    for (Stroke stroke : strokes) {
      framed.add(stroke.framed);
      raw.add(stroke.framed.box);
      stems.add(stroke.stem);
    }
    float[] boxes = Preprocess.normalizeBoxes(raw, constants.maxBox);
    return new Ink(model.encode(stems, boxes), Assignment.distances(framed, boxes, constants));
  }

  /** Makes the rules of a search. */
  Constraint rules(boolean[] restriction, Pin pin, Collection<List<Integer>> refused) {
    return new Constraint(model.maxTokens(), grammar, restriction, pin, refused);
  }

  /** Makes a pin of accepted tokens; see {@link Pin} for strokeTokens. */
  Pin pin(Candidate accepted, int[] strokeTokens) {
    return new Pin(accepted.ids, strokeTokens, visible);
  }

  /** Reads an encoded ink with a beam of at least n. Empty if no reading obeys the rules. The caller holds the lock. */
  List<Candidate> decode(Ink ink, int n, int beams, Constraint rules, BooleanSupplier stop) {
    int results = calibration.symbolCost == 0 ? n : beams; // weights depend on all readings
    List<BeamSearch.Hypothesis> found =
        BeamSearch.search(model, remembered(ink), rules, calibration, beams, results, stop);
    double[] logs = found.stream().mapToDouble(one -> one.logProbability).toArray();
    int[] symbols = found.stream().mapToInt(one -> Calibration.differentSymbols(one.ids, visible)).toArray();
    double[] weighed = weigh(logs, symbols);
    List<Candidate> candidates = new ArrayList<>();
    for (int i : likeliest(weighed, n)) {
      int[] ids = found.get(i).ids, strokeTokens = strokeTokens(found.get(i), ink.distances);
      boolean complete = ids.length + 1 < model.maxTokens();
      List<Integer> doubtful = doubtful(found.get(i), strokeTokens, rules.pin);
      candidates.add(new Candidate(vocabulary.decode(ids), ids, weighed[i], strokeTokens, complete, doubtful));
    }
    return candidates;
  }

  /** Weighs the readings of one ink against each other, and doubts all of them alike if there is a memory. */
  private double[] weigh(double[] logs, int[] symbols) {
    double[] weighed = calibration.weigh(logs, symbols);
    WriterMemory memory = memory();
    double doubt = memory == null ? 0 : memory.doubt();
    for (int i = 0; i < weighed.length; i++) weighed[i] -= doubt;
    return weighed;
  }

  /**
   * Returns readings that differ from one in a single token, likeliest first. Each is scored as a whole. The caller holds
   * the lock.
   *
   * @param restriction (V), the allowed ids, or null.
   * @param refused sequences of ids that must not be results.
   */
  List<Candidate> replaced(
      Ink ink, Candidate reading, int token, boolean[] restriction, Collection<List<Integer>> refused, BooleanSupplier stop) {
    Model.Encoded encoded = remembered(ink);
    double[] scores = Forced.following(model, encoded, reading.ids, token, stop);
    List<int[]> sequences = replacements(reading.ids, token, scores, restriction, refused);
    if (sequences.isEmpty()) return Collections.emptyList();
    double[] own = Forced.force(model, encoded, Collections.singletonList(reading.ids), calibration, stop);
    double[] others = Forced.force(model, encoded, sequences, calibration, stop);
    double[] logs = new double[1 + others.length]; // the original reading keeps its share of the probability
    int[] symbols = new int[logs.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = i == 0 ? own[0] : others[i - 1];
      symbols[i] = Calibration.differentSymbols(i == 0 ? reading.ids : sequences.get(i - 1), visible);
    }
    double[] weighed = Arrays.copyOfRange(weigh(logs, symbols), 1, logs.length);
    List<Candidate> candidates = new ArrayList<>();
    for (int i : likeliest(weighed, weighed.length)) {
      int[] ids = sequences.get(i);
      List<String> tokens = vocabulary.decode(ids);
      candidates.add(
          new Candidate(tokens, ids, weighed[i], reading.strokeTokens, reading.complete, Collections.emptyList()));
    }
    return candidates;
  }

  /** Returns the likeliest sequences with a different id in one place that obey the rules, at most the widest beam. */
  private List<int[]> replacements(
      int[] ids, int token, double[] scores, boolean[] restriction, Collection<List<Integer>> refused) {
    for (int id = 0; id < scores.length; id++) {
      if (restriction != null && !restriction[id]) scores[id] = Double.NEGATIVE_INFINITY;
    }
    List<int[]> sequences = new ArrayList<>();
    for (int other : likeliest(scores, constants.alternativesTried)) {
      int[] sequence = ids.clone();
      sequence[token] = other;
      boolean fits = other > Vocabulary.EOS && other != ids[token] && grammar.accepts(sequence);
      fits = fits && (restriction == null || Arrays.stream(sequence).allMatch(id -> restriction[id]));
      if (fits && !refused.contains(boxed(sequence))) sequences.add(sequence);
      if (sequences.size() == maxCandidates()) break;
    }
    return sequences;
  }

  /** Returns the indices of the `count` largest scores, largest first. */
  private static List<Integer> likeliest(double[] scores, int count) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) order.add(i);
    order.sort(Comparator.comparingDouble(i -> -scores[i]));
    return order.subList(0, Math.min(count, order.size()));
  }

  static List<Integer> boxed(int[] numbers) {
    List<Integer> boxed = new ArrayList<>();
    for (int number : numbers) boxed.add(number);
    return boxed;
  }

  /** Returns the tokens in doubt, without those that are drawn only by strokes of the pin. */
  private List<Integer> doubtful(BeamSearch.Hypothesis found, int[] strokeTokens, Pin pin) {
    List<Integer> doubtful =
        Doubt.tokens(grammar.visible(found.ids), found.tokenLogProbabilities, constants.doubtfulBelow);
    if (pin == null) return doubtful;
    boolean[] drawn = new boolean[found.ids.length], isNew = new boolean[found.ids.length];
    for (int stroke = 0; stroke < strokeTokens.length; stroke++) {
      if (strokeTokens[stroke] < 0) continue;
      drawn[strokeTokens[stroke]] = true;
      if (pin.strokeTokens[stroke] < 0) isNew[strokeTokens[stroke]] = true;
    }
    doubtful.removeIf(token -> drawn[token] && !isNew[token]);
    return doubtful;
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
    int[] assigned = Assignment.assign(attention.toArray(new float[0][]), distances, constants);
    for (int stroke = 0; stroke < strokeTokens.length; stroke++) strokeTokens[stroke] = visibleTokens.get(assigned[stroke]);
    return strokeTokens;
  }
}
