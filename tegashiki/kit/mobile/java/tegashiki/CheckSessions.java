package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the calls of one script of golden/sessions.json and compares the results. README.md describes the format. */
final class CheckSessions {
  private final Interrupted model;
  private final Session session;
  private final WriterMemory memory; // or null
  private final List<Object> results = new ArrayList<>();

  /** A model that runs an action before one of its decoding steps. */
  static class Interrupted implements Model {
    private final Model model;
    int steps;
    private int at;
    private Runnable during;

    Interrupted(Model model) {
      this.model = model;
    }

    /** Restarts counting steps, and runs an action before step number `at`. */
    void interrupt(int at, Runnable during) {
      steps = 0;
      this.at = at;
      this.during = during;
    }

    @Override
    public int maxTokens() {
      return model.maxTokens();
    }

    @Override
    public int maxStrokes() {
      return model.maxStrokes();
    }

    @Override
    public int[] beamSizes() {
      return model.beamSizes();
    }

    @Override
    public Hidden hidden() {
      return model.hidden();
    }

    @Override
    public float[] stem(float[] points) {
      return model.stem(points);
    }

    @Override
    public Encoded encode(List<float[]> stems, float[] boxes) {
      Encoded encoded = model.encode(stems, boxes);
      return rows -> interrupted(encoded.decoder(rows));
    }

    private Decoder interrupted(Decoder decoder) {
      return new Decoder() {
        @Override
        public Step decodeStep(int[] tokens, int position) {
          if (++steps == at) during.run();
          return decoder.decodeStep(tokens, position);
        }

        @Override
        public void reorder(int[] parents) {
          decoder.reorder(parents);
        }
      };
    }
  }

  private CheckSessions(
      Map<String, Object> script, Map<String, Object> vocabulary, Map<String, Object> grammar, Map<String, Object> frames) {
    int size = new Vocabulary(Json.strings(vocabulary.get("tokens"))).size();
    int seed = Json.integer(script.get("seed")), maxTokens = Json.integer(script.get("max_tokens"));
    model = new Interrupted(new Check.FormulaModel(size, seed, maxTokens));
    Recognizer recognizer = recognizer(model, script.get("calibration"), vocabulary, grammar, frames);
    Object learning = script.get("learning"); // only for scripts with a memory
    memory = learning == null ? null : new WriterMemory(recognizer);
    if (memory != null) recognizer.remember(memory, (Boolean) learning);
    session = new Session(recognizer);
  }

  /** Makes a recognizer. `calibration` has three numbers, or is null for none. */
  static Recognizer recognizer(
      Model model,
      Object calibration,
      Map<String, Object> vocabulary,
      Map<String, Object> grammar,
      Map<String, Object> frames) {
    double[] fitted = calibration == null ? new double[] {1, 0, 0} : Json.numbers(calibration);
    Map<String, Object> values = new HashMap<>(), about = new HashMap<>();
    values.put("temperature", fitted[0]);
    values.put("bonus", fitted[1]);
    values.put("symbol_cost", fitted[2]);
    about.put("calibration", values);
    about.put("points_per_stroke", frames.get("points_per_stroke"));
    about.put("rdp_epsilon", frames.get("epsilon"));
    return new Recognizer(about, vocabulary, grammar, model);
  }

  /** Runs one script. Throws {@link Check.Mismatch} if the session behaves differently. */
  static void run(
      Map<String, Object> script, Map<String, Object> vocabulary, Map<String, Object> grammar, Map<String, Object> frames) {
    CheckSessions player = new CheckSessions(script, vocabulary, grammar, frames);
    List<Object> steps = Json.list(script.get("steps"));
    for (int i = 0; i < steps.size(); i++) {
      Map<String, Object> step = Json.map(steps.get(i));
      player.make(step, script.get("name") + ", step " + i + ", " + step.get("call"));
    }
  }

  private void make(Map<String, Object> step, String name) {
    List<RuntimeException> failed = new ArrayList<>(); // a superseded reading may catch errors thrown meanwhile
    Map<String, Object> meanwhile = Json.map(step.get("meanwhile"));
    List<Object> steps = meanwhile == null ? Collections.emptyList() : Json.list(meanwhile.get("steps"));
    model.interrupt(meanwhile == null ? 0 : Json.integer(meanwhile.get("at")), () -> {
      try {
        for (Object each : steps) call(Json.map(each), name + ", meanwhile " + Json.map(each).get("call"));
      } catch (RuntimeException error) {
        failed.add(error);
      }
    });
    results.add(call(step, name));
    if (!failed.isEmpty()) throw failed.get(0);
  }

  private Object call(Map<String, Object> step, String name) {
    Map<String, Object> wanted = Json.map(step.get("error"));
    Object result;
    try {
      result = perform((String) step.get("call"), Json.map(step.get("arguments")));
    } catch (IllegalArgumentException | NoReadingException error) {
      if (wanted == null) throw new Check.Mismatch(name + ": " + error.getMessage());
      boolean search = wanted.get("kind").equals("search");
      Check.same(name + ", kind of error", error instanceof NoReadingException, search);
      if (wanted.get("message") != null) Check.same(name, error.getMessage(), wanted.get("message"));
      compareState(Json.map(step.get("state")), name);
      return null;
    }
    if (wanted != null) throw new Check.Mismatch(name + ": no error, wanted " + wanted);
    compare(name, result, step.get("returns"));
    compareState(Json.map(step.get("state")), name);
    return result;
  }

  private Object perform(String call, Map<String, Object> given) {
    switch (call) {
      case "add_stroke":
        session.addStroke(points(given.get("points")));
        return null;
      case "add_strokes":
        session.addStrokes(strokes(given.get("strokes")));
        return null;
      case "replace_strokes":
        session.replaceStrokes(strokes(given.get("strokes")));
        return null;
      case "extend_stroke":
        session.extendStroke(points(given.get("points")));
        return null;
      case "erase":
        session.erase(Json.integers(given.get("stroke_indices")));
        return null;
      case "apply_gesture":
        return numbers(session.applyGesture());
      case "move_strokes":
        session.moveStrokes(Json.integers(given.get("stroke_indices")), (Double) given.get("dx"), (Double) given.get("dy"));
        return null;
      case "clear":
        session.clear();
        return null;
      case "undo":
        return session.undo();
      case "redo":
        return session.redo();
      default:
        return readOrDecide(call, given);
    }
  }

  /** Returns integers as JSON has them. */
  private static List<Object> numbers(List<Integer> integers) {
    List<Object> numbers = new ArrayList<>();
    for (int each : integers) numbers.add((double) each);
    return numbers;
  }

  private Object readOrDecide(String call, Map<String, Object> given) {
    Recognizer.Candidate candidate = given.get("candidate") == null ? null : reading(Json.integers(given.get("candidate")));
    switch (call) {
      case "candidates":
        return session.candidates(Json.integer(given.get("n")));
      case "stream":
        List<Object> found = new ArrayList<>();
        session.stream(Json.integer(given.get("n")), found::add);
        return found;
      case "alternatives":
        return session.alternatives(Json.integer(given.get("token_index")), candidate);
      case "restrict":
        Object tokens = given.get("tokens");
        if (tokens instanceof String) session.restrict((String) tokens);
        else session.restrict(tokens == null ? null : Json.strings(tokens));
        return null;
      case "accept":
        session.accept(candidate);
        return null;
      case "reject":
        session.reject(candidate);
        return null;
      case "commit":
        return session.commit();
      case "learn":
        return learn(memory, given);
      case "forget":
        return forget(memory, given.get("which"));
      default:
        throw new Check.Mismatch("a session has no method " + call);
    }
  }

  /** Makes the call `learn` of a memory. Returns null. */
  static Object learn(WriterMemory memory, Map<String, Object> given) {
    List<String> allowed = given.get("allowed") == null ? null : Json.strings(given.get("allowed"));
    memory.learn(strokes(given.get("strokes")), (String) given.get("latex"), allowed, Json.integer(given.get("learnt")));
    return null;
  }

  /** Makes the call `forget` of a memory, by index or LaTeX. Returns the number of formulas as JSON has it. */
  static Object forget(WriterMemory memory, Object which) {
    if (which instanceof String) return (double) memory.forget((String) which);
    memory.forget(Json.integer(which));
    return 1.0;
  }

  private Recognizer.Candidate reading(int[] place) {
    Object result = results.get(place[0]);
    for (int i = place.length - 1; i > 0; i--) {
      result = result instanceof List ? Json.list(result).get(place[i]) : ((Session.Candidates) result).readings.get(place[i]);
    }
    return (Recognizer.Candidate) result;
  }

  private void compareState(Map<String, Object> wanted, String name) {
    List<double[][]> strokes = session.strokes(), wantedStrokes = strokes(wanted.get("strokes"));
    String found = Arrays.deepToString(strokes.toArray()), written = Arrays.deepToString(wantedStrokes.toArray());
    Check.same(name + ", strokes", found, written);
    Check.same(name + ", accepted", latex(session.accepted()), String.valueOf(wanted.get("accepted")));
    Check.same(name + ", accepted for all", latex(session.acceptedForAll()), String.valueOf(wanted.get("accepted_for_all")));
    Check.same(name + ", can undo", session.canUndo(), wanted.get("can_undo"));
    Check.same(name + ", can redo", session.canRedo(), wanted.get("can_redo"));
    if (memory == null) return;
    List<Object> learnt = new ArrayList<>();
    for (Formula formula : memory.formulas()) {
      Double missed = formula.keys == null ? null : (double) formula.keys.missed;
      learnt.add(Arrays.asList(formula.latex, missed, formula.allowed != null));
    }
    Check.same(name + ", learnt", learnt, wanted.get("learnt"));
  }

  private static String latex(Recognizer.Candidate candidate) {
    return candidate == null ? "null" : candidate.latex;
  }

  private static void compare(String name, Object found, Object wanted) {
    if (found instanceof Recognizer.Candidate) {
      compareReading(name, (Recognizer.Candidate) found, Json.map(wanted));
    } else if (found instanceof Session.Candidates) {
      compareCandidates(name, (Session.Candidates) found, Json.map(wanted));
    } else if (found instanceof List) {
      List<Object> all = Json.list(found), allWanted = Json.list(wanted);
      Check.same(name + ", how many", all.size(), allWanted.size());
      for (int i = 0; i < all.size(); i++) compare(name + ", " + i, all.get(i), allWanted.get(i));
    } else {
      Check.same(name, String.valueOf(found), String.valueOf(wanted));
    }
  }

  private static void compareCandidates(String name, Session.Candidates found, Map<String, Object> wanted) {
    List<Object> readings = Json.list(wanted.get("readings"));
    Check.same(name + ", how many", found.readings.size(), readings.size());
    for (int i = 0; i < readings.size(); i++) {
      compareReading(name + ", reading " + i, found.readings.get(i), Json.map(readings.get(i)));
    }
    Check.same(name + ", pin released", found.pinReleased, wanted.get("pin_released"));
    Check.same(name + ", partial", found.partial, wanted.get("partial"));
    Check.same(name + ", outdated", found.outdated, wanted.get("outdated"));
  }

  private static void compareReading(String name, Recognizer.Candidate found, Map<String, Object> wanted) {
    Check.same(name, found.latex, wanted.get("latex"));
    List<List<Integer>> strokes = new ArrayList<>();
    for (Object each : Json.list(wanted.get("strokes_of_token"))) strokes.add(Recognizer.boxed(Json.integers(each)));
    Check.same(name + ", strokes of tokens", found.strokesOfToken(), strokes);
    Check.same(name + ", complete", found.complete, wanted.get("complete"));
    Check.same(name + ", in doubt", found.doubtful, Recognizer.boxed(Json.integers(wanted.get("doubtful"))));
    double[] logs = {found.logProbability, Math.log(found.probability)};
    double log = (Double) wanted.get("log_probability");
    Check.same(name + ", log probability", 1e-6, logs, new double[] {log, log});
  }

  private static double[][] points(Object stroke) {
    return Json.list(stroke).stream().map(Json::numbers).toArray(double[][]::new);
  }

  static List<double[][]> strokes(Object all) {
    List<double[][]> strokes = new ArrayList<>();
    for (Object stroke : Json.list(all)) strokes.add(points(stroke));
    return strokes;
  }
}
