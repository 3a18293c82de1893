package tegashiki;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Checks this reference against the vectors of a kit: `java tegashiki.Check KIT`. Exits with 1 at a difference. */
public final class Check {
  private static final int PRIME = 1_000_003;
  private static final int STROKES = 8;
  private static final int WIDTH = 16; // of the hidden vectors

  private final Vocabulary vocabulary;
  private final Grammar grammar;
  private final Constants constants;
  private final Map<String, Object> vectors;
  private final Map<String, Object> frames;
  private final List<Object> sessions;
  private final Map<String, Object> memory;
  private final Map<String, Object> pages;
  private final Map<String, Object> tokens;
  private final Map<String, Object> table;

  static final class Mismatch extends RuntimeException {
    private static final long serialVersionUID = 1;

    Mismatch(String what) {
      super(what);
    }
  }

  private Check(Path kit) throws IOException {
    tokens = read(kit.resolve("vocabulary.json"));
    vocabulary = new Vocabulary(Json.strings(tokens.get("tokens")));
    table = read(kit.resolve("grammar.json"));
    grammar = new Grammar(table, vocabulary);
    constants = new Constants(table);
    vectors = read(kit.resolve("golden/vectors.json"));
    frames = read(kit.resolve("golden/frames.json"));
    memory = read(kit.resolve("golden/memory.json"));
    pages = read(kit.resolve("golden/pages.json"));
    sessions = Json.list(read(kit.resolve("golden/sessions.json")).get("sessions"));
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println("usage: java tegashiki.Check KIT");
      System.exit(2);
    }
    try {
      new Check(Path.of(arguments[0])).run();
    } catch (Mismatch mismatch) {
      System.err.println("MISMATCH " + mismatch.getMessage());
      System.exit(1);
    }
  }

  private static Map<String, Object> read(Path file) throws IOException {
    return Json.map(Json.parse(Files.readString(file)));
  }

  private void run() {
    frames();
    each("preprocessing", this::preprocessing);
    each("walks", this::walk);
    each("tables", this::table);
    each("searches", this::search);
    each("weighed", this::weighed);
    each("doubts", this::doubt);
    each("assignments", this::assignment);
    each("gestures", this::gesture);
    new CheckMemory(memory, tokens, table, frames, Json.list(vectors.get("preprocessing"))).run();
    for (Object script : sessions) CheckSessions.run(Json.map(script), tokens, table, frames);
    System.out.println("sessions: " + sessions.size() + " agree");
    new CheckPages(pages, tokens, table, frames).run();
  }

  interface Entry {
    void check(Map<String, Object> wanted, String name);
  }

  private void each(String part, Entry entry) {
    List<Object> entries = Json.list(vectors.get(part));
    for (int i = 0; i < entries.size(); i++) entry.check(Json.map(entries.get(i)), part + " " + i);
    System.out.println(part + ": " + entries.size() + " agree");
  }

  private void frames() {
    List<double[]> boxes = new ArrayList<>();
    for (Object each : Json.list(frames.get("strokes"))) {
      Map<String, Object> wanted = Json.map(each);
      String name = "frame " + wanted.get("name");
      Preprocess.Framed framed = frame(wanted.get("stroke"));
      same(name + ", points", 1e-6, doubles(framed.points), flat(wanted.get("points")));
      same(name + ", box", 1e-12, framed.box, Json.numbers(wanted.get("box")));
      boxes.add(framed.box);
    }
    same("boxes of all frames", 1e-6, doubles(Preprocess.normalizeBoxes(boxes, constants.maxBox)), flat(frames.get("ink_boxes")));
    System.out.println("frames: " + boxes.size() + " agree");
  }

  private Preprocess.Framed frame(Object stroke) {
    double[][] points = Json.list(stroke).stream().map(Json::numbers).toArray(double[][]::new);
    return Preprocess.frame(points, Json.integer(frames.get("points_per_stroke")), (Double) frames.get("epsilon"));
  }

  private List<Preprocess.Framed> frameAll(Map<String, Object> ink) {
    List<Preprocess.Framed> framed = new ArrayList<>();
    for (Object stroke : Json.list(ink.get("strokes"))) framed.add(frame(stroke));
    return framed;
  }

  private float[] boxes(List<Preprocess.Framed> framed) {
    List<double[]> raw = new ArrayList<>();
    for (Preprocess.Framed stroke : framed) raw.add(stroke.box);
    return Preprocess.normalizeBoxes(raw, constants.maxBox);
  }

  private void preprocessing(Map<String, Object> wanted, String name) {
    List<Preprocess.Framed> framed = frameAll(wanted);
    List<Object> points = Json.list(wanted.get("points"));
    for (int stroke = 0; stroke < framed.size(); stroke++) {
      same(name + ", stroke " + stroke, 2e-6, doubles(framed.get(stroke).points), Json.numbers(points.get(stroke)));
    }
    same(name + ", boxes", 1e-5, doubles(boxes(framed)), flat(wanted.get("boxes")));
  }

  private void walk(Map<String, Object> wanted, String name) {
    int[] ids = Json.integers(wanted.get("ids"));
    int[] allowed = Json.integers(wanted.get("allowed"));
    int[] closing = Json.integers(wanted.get("closing"));
    Grammar.State state = grammar.start();
    for (int i = 0; i < ids.length; i++) {
      boolean[] may = grammar.allowed(state);
      long admitted = 7;
      for (int id = 0; id < may.length; id++) if (may[id]) admitted = (31 * admitted + id) % PRIME;
      same(name + ", what may be token " + i, admitted, (long) allowed[i]);
      same(name + ", closing length before token " + i, state.closing, closing[i]);
      int after = grammar.closingAfter(state, ids[i]);
      state = grammar.advance(state, ids[i]);
      same(name + ", closing length after token " + i, state.closing, after);
    }
    same(name + ", may end", grammar.allowed(state)[Vocabulary.EOS], true);
    List<Integer> visible = new ArrayList<>();
    boolean[] mask = grammar.visible(ids);
    for (int i = 0; i < mask.length; i++) if (mask[i]) visible.add(i);
    same(name + ", visible tokens", visible, boxed(wanted.get("visible")));
    same(name + ", LaTeX", Environments.toLatex(vocabulary.decode(ids)), wanted.get("latex"));
    same(name + ", tokens of the LaTeX", Environments.toTokens((String) wanted.get("latex")), vocabulary.decode(ids));
  }

  private void table(Map<String, Object> wanted, String name) {
    List<String> tokens = new ArrayList<>();
    for (Object token : Json.list(wanted.get("tokens"))) tokens.add((String) token);
    same(name, Environments.toLatex(tokens), wanted.get("latex"));
    same(name + ", tokens of the LaTeX", Environments.toTokens((String) wanted.get("latex")), tokens);
  }

  private void search(Map<String, Object> wanted, String name) {
    int beams = Json.integer(wanted.get("beams")), maxTokens = Json.integer(wanted.get("max_tokens"));
    Model model = new FormulaModel(vocabulary.size(), Json.integer(wanted.get("seed")), maxTokens);
    List<BeamSearch.Hypothesis> found =
        BeamSearch.search(model, model.encode(List.of(), null), rules(wanted, maxTokens), calibration(wanted), beams, beams);
    List<List<Integer>> ids = new ArrayList<>(), wantedIds = new ArrayList<>();
    double[] scores = found.stream().mapToDouble(one -> one.logProbability).toArray();
    List<Object> results = Json.list(wanted.get("results"));
    double[] wantedScores = results.stream().mapToDouble(one -> (Double) Json.map(one).get("log_probability")).toArray();
    for (BeamSearch.Hypothesis one : found) ids.add(boxed(one.ids));
    for (Object one : results) wantedIds.add(boxed(Json.map(one).get("ids")));
    same(name + ", ids", ids, wantedIds);
    same(name + ", log probabilities", 1e-6, scores, wantedScores);
    for (int i = 0; i < found.size(); i++) {
      double[] logs = Json.numbers(Json.map(results.get(i)).get("token_log_probabilities"));
      same(name + ", log probabilities of tokens", 1e-6, found.get(i).tokenLogProbabilities, logs);
    }
  }

  private void doubt(Map<String, Object> wanted, String name) {
    double[] logs = Json.numbers(wanted.get("log_probabilities"));
    boolean[] visible = new boolean[logs.length - 1];
    for (int token : Json.integers(wanted.get("visible"))) visible[token] = true;
    same(name, Doubt.tokens(visible, logs, constants.doubtfulBelow), boxed(wanted.get("doubtful")));
  }

  private void weighed(Map<String, Object> wanted, String name) {
    List<Object> readings = Json.list(wanted.get("readings"));
    double[] logs = readings.stream().mapToDouble(one -> (Double) Json.map(one).get("log_probability")).toArray();
    boolean[] visible = grammar.visibleAlone();
    int[] symbols =
        readings.stream()
            .mapToInt(one -> Calibration.differentSymbols(Json.integers(Json.map(one).get("ids")), visible))
            .toArray();
    same(name, 1e-6, calibration(wanted).weigh(logs, symbols), Json.numbers(wanted.get("log_probabilities")));
  }

  private Constraint rules(Map<String, Object> wanted, int maxTokens) {
    Object restrict = wanted.get("restrict"), pinned = wanted.get("pin");
    Collection<List<Integer>> refused = new ArrayList<>();
    for (Object ids : Json.list(wanted.get("refused"))) refused.add(boxed(ids));
    Pin pin = null;
    if (pinned != null) {
      int[] ids = vocabulary.encode(Json.strings(Json.map(pinned).get("tokens")));
      pin = new Pin(ids, Json.integers(Json.map(pinned).get("stroke_tokens")), grammar.visibleAlone());
    }
    boolean[] kept = restrict == null ? null : grammar.only(Json.strings(restrict));
    return new Constraint(maxTokens, grammar, kept, pin, refused);
  }

  private static Calibration calibration(Map<String, Object> wanted) {
    if (wanted.get("calibration") == null) return Calibration.NONE;
    double[] fitted = Json.numbers(wanted.get("calibration"));
    return new Calibration(fitted[0], fitted[1], fitted.length > 2 ? fitted[2] : 0);
  }

  private void gesture(Map<String, Object> wanted, String name) {
    Object ink = Json.list(vectors.get("preprocessing")).get(Json.integer(wanted.get("ink")));
    List<double[][]> strokes = CheckSessions.strokes(Json.map(ink).get("strokes"));
    double[][] stroke = CheckSessions.strokes(Arrays.asList(wanted.get("stroke"))).get(0);
    List<Integer> found = new Gestures(table).struck(strokes, stroke);
    same(name, found, Recognizer.boxed(Json.integers(wanted.get("struck"))));
  }

  private void assignment(Map<String, Object> wanted, String name) {
    Map<String, Object> ink = Json.map(Json.list(vectors.get("preprocessing")).get(Json.integer(wanted.get("ink"))));
    List<Preprocess.Framed> framed = frameAll(ink);
    float[][] attention = new float[Json.integer(wanted.get("tokens"))][framed.size()];
    for (int token = 0; token < attention.length; token++) {
      long state = Json.integer(wanted.get("seed")) * 1000L + token;
      for (int stroke = 0; stroke < framed.size(); stroke++) attention[token][stroke] = (float) formula(state, stroke);
    }
    int[] strokeTokens = Assignment.assign(attention, Assignment.distances(framed, boxes(framed), constants), constants);
    same(name, boxed(strokeTokens), boxed(wanted.get("stroke_tokens")));
  }

  /** Returns a pseudo-random number in [0, 1), computed exactly in integers. */
  private static double formula(long state, long index) {
    return (double) ((state * 7919 + index * 104729 + (state % 1009) * (index % 97) * 31) % PRIME) / PRIME;
  }

  /** A model that computes its outputs by a formula. It sees only the end point of a stroke, in quarters of its frame. */
  static class FormulaModel implements Model {
    private final int vocabularySize;
    private final int seed;
    private final int maxTokens;

    FormulaModel(int vocabularySize, int seed, int maxTokens) {
      this.vocabularySize = vocabularySize;
      this.seed = seed;
      this.maxTokens = maxTokens;
    }

    @Override
    public int maxTokens() {
      return maxTokens;
    }

    @Override
    public int[] beamSizes() {
      return new int[] {1, 5};
    }

    @Override
    public int maxStrokes() {
      return STROKES;
    }

    @Override
    public Hidden hidden() {
      float[] mean = new float[WIDTH];
      Arrays.fill(mean, 0.75f);
      return new Hidden(mean, "formula " + seed);
    }

    @Override
    public float[] stem(float[] points) {
      double right = Math.floor(4.0 * points[points.length - 2] + 2.5);
      double down = Math.floor(4.0 * points[points.length - 1] + 2.5);
      return new float[] {(float) (right + 5 * down)};
    }

    @Override
    public Encoded encode(List<float[]> stems, float[] boxes) {
      long ink = 0;
      for (float[] stem : stems) ink = (31 * ink + (long) stem[0] + 1) % PRIME;
      long start = (seed + ink) % PRIME;
      return rows -> {
        long[] written = new long[rows];
        Arrays.fill(written, start);
        return new Written(written);
      };
    }

    private final class Written implements Decoder {
      private long[] written;

      Written(long[] written) {
        this.written = written;
      }

      @Override
      public Step decodeStep(int[] tokens, int position) {
        float[][] logits = new float[written.length][vocabularySize], attention = new float[written.length][STROKES];
        float[][] hidden = new float[written.length][WIDTH];
        for (int row = 0; row < written.length; row++) {
          written[row] = (31 * written[row] + tokens[row]) % PRIME;
          for (int id = 0; id < vocabularySize; id++) {
            double end = id == Vocabulary.EOS ? Math.min(position, 20) / 2.0 : 0;
            logits[row][id] = (float) (formula(written[row], id) * 9 + end);
          }
          for (int stroke = 0; stroke < STROKES; stroke++) {
            attention[row][stroke] = (float) formula(written[row] + 1, stroke);
          }
          for (int i = 0; i < WIDTH; i++) {
            hidden[row][i] = (float) (formula(tokens[row] + 7, i) + 0.5 * formula(written[row] + 2, i));
          }
        }
        return new Step(logits, attention, hidden);
      }

      @Override
      public void reorder(int[] parents) {
        long[] before = written.clone();
        for (int row = 0; row < parents.length; row++) written[row] = before[parents[row]];
      }
    }
  }

  static void same(String name, Object found, Object wanted) {
    if (!found.equals(wanted)) throw new Mismatch(name + ": " + found + ", wanted " + wanted);
  }

  /** Compares numbers up to a tolerance, which is relative for numbers above 1. */
  static void same(String name, double tolerance, double[] found, double[] wanted) {
    same(name + ", how many", found.length, wanted.length);
    for (int i = 0; i < wanted.length; i++) {
      double off = Math.abs(found[i] - wanted[i]) / Math.max(1, Math.abs(wanted[i]));
      if (!(off <= tolerance)) throw new Mismatch(name + ", number " + i + ": " + found[i] + ", wanted " + wanted[i]);
    }
  }

  private static double[] doubles(float[] numbers) {
    double[] wide = new double[numbers.length];
    for (int i = 0; i < wide.length; i++) wide[i] = numbers[i];
    return wide;
  }

  private static double[] flat(Object rows) {
    return Json.list(rows).stream().flatMapToDouble(row -> Arrays.stream(Json.numbers(row))).toArray();
  }

  private static List<Integer> boxed(Object numbers) {
    return boxed(Json.integers(numbers));
  }

  private static List<Integer> boxed(int[] numbers) {
    List<Integer> boxed = new ArrayList<>();
    for (int number : numbers) boxed.add(number);
    return boxed;
  }
}
