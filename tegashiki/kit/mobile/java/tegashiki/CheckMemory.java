package tegashiki;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Compares the memory with golden/memory.json. README.md describes the parts. */
final class CheckMemory {
  private static final String NAME = "me.json"; // of the files in error messages

  private final Map<String, Object> vectors;
  private final Map<String, Object> vocabulary;
  private final Map<String, Object> grammar;
  private final Map<String, Object> frames;
  private final List<Object> inks;
  private final MemoryConstants constants;
  private final Recognizer recognizer; // for its limits and rules

  /** @param inks the part `preprocessing` of golden/vectors.json. */
  CheckMemory(
      Map<String, Object> vectors,
      Map<String, Object> vocabulary,
      Map<String, Object> grammar,
      Map<String, Object> frames,
      List<Object> inks) {
    this.vectors = vectors;
    this.vocabulary = vocabulary;
    this.grammar = grammar;
    this.frames = frames;
    this.inks = inks;
    constants = new MemoryConstants(grammar);
    recognizer = CheckSessions.recognizer(new Check.FormulaModel(0, 0, 0), null, vocabulary, grammar, frames);
  }

  void run() {
    each("grids", this::grid);
    each("files", this::file);
    each("edits", this::edit);
    each("keys", this::keys);
    each("mixtures", this::mixture);
    each("sessions", (script, name) -> CheckSessions.run(script, vocabulary, grammar, frames));
  }

  private void each(String part, Check.Entry entry) {
    List<Object> entries = Json.list(vectors.get(part));
    for (int i = 0; i < entries.size(); i++) entry.check(Json.map(entries.get(i)), "memory, " + part + " " + i);
    System.out.println("memory, " + part + ": " + entries.size() + " agree");
  }

  private void grid(Map<String, Object> wanted, String name) {
    Map<String, Object> ink = Json.map(inks.get(Json.integer(wanted.get("ink"))));
    int[][] placed = Grid.place(CheckSessions.strokes(ink.get("strokes")), constants);
    Formula formula = new Formula(placed, new ArrayList<>(), 0, null);
    Check.same(name, shown(formula.strokes()), shown(CheckSessions.strokes(wanted.get("strokes"))));
  }

  private static String shown(List<double[][]> strokes) {
    return Arrays.deepToString(strokes.toArray());
  }

  private void file(Map<String, Object> wanted, String name) {
    Object text = wanted.get("content");
    byte[] content = text == null ? Base64.decode((String) wanted.get("base64")) : bytes(text);
    List<Formula> formulas;
    try {
      formulas = new WriterMemory(recognizer).format().parse(content, NAME);
    } catch (MemoryFileException error) {
      String begins = String.valueOf(wanted.get("error"));
      if (!error.getMessage().startsWith(begins)) {
        throw new Check.Mismatch(name + ": " + error.getMessage() + ", wanted " + begins);
      }
      return;
    }
    if (wanted.get("error") != null) throw new Check.Mismatch(name + ": no error, wanted " + wanted.get("error"));
    List<Object> all = Json.list(wanted.get("formulas"));
    Check.same(name + ", how many", formulas.size(), all.size());
    for (int i = 0; i < formulas.size(); i++) formula(name + ", formula " + i, formulas.get(i), Json.map(all.get(i)));
    Check.same(name + ", written", MemoryFile.text(formulas), wanted.get("written"));
  }

  private static void formula(String name, Formula found, Map<String, Object> wanted) {
    Check.same(name + ", LaTeX", found.latex, wanted.get("latex"));
    Check.same(name + ", tokens", found.tokens, wanted.get("tokens"));
    Check.same(name + ", learnt", (double) found.learnt, wanted.get("learnt"));
    Check.same(name + ", strokes", shown(found.strokes()), shown(CheckSessions.strokes(wanted.get("strokes"))));
    Check.same(name + ", allowed", String.valueOf(found.allowed), String.valueOf(wanted.get("allowed")));
    Map<String, Object> keys = Json.map(wanted.get("keys"));
    Check.same(name + ", has keys", found.keys != null, keys != null);
    if (keys == null) return;
    Check.same(name + ", model", found.keys.model, keys.get("model"));
    Check.same(name + ", missed", (double) found.keys.missed, keys.get("missed"));
    List<Integer> flat = new ArrayList<>(), vectors = new ArrayList<>();
    for (Object row : Json.list(keys.get("vectors"))) for (int number : Json.integers(row)) flat.add(number);
    for (byte number : found.keys.vectors) vectors.add((int) number);
    Check.same(name + ", vectors", vectors, flat);
  }

  private void edit(Map<String, Object> script, String name) {
    WriterMemory memory = new WriterMemory(null, recognizer, Json.integer(script.get("most_tokens")));
    List<Object> steps = Json.list(script.get("steps"));
    for (int i = 0; i < steps.size(); i++) {
      Map<String, Object> step = Json.map(steps.get(i));
      String place = name + ", step " + i + ", " + step.get("call");
      Map<String, Object> error = Json.map(step.get("error"));
      try {
        Object returned = call(memory, (String) step.get("call"), Json.map(step.get("arguments")));
        if (error != null) throw new Check.Mismatch(place + ": no error, wanted " + error);
        Check.same(place, String.valueOf(returned), String.valueOf(step.get("returns")));
      } catch (IllegalArgumentException found) {
        if (error == null) throw new Check.Mismatch(place + ": " + found.getMessage());
        if (error.get("message") != null) Check.same(place, found.getMessage(), error.get("message"));
      }
      List<String> latex = new ArrayList<>();
      for (Formula formula : memory.formulas()) latex.add(formula.latex);
      Check.same(place + ", formulas", latex, step.get("formulas"));
    }
    Check.same(name + ", written", MemoryFile.text(memory.formulas()), script.get("written"));
  }

  private Object call(WriterMemory memory, String call, Map<String, Object> given) {
    switch (call) {
      case "learn":
        return CheckSessions.learn(memory, given);
      case "forget":
        return CheckSessions.forget(memory, given.get("which"));
      case "clear":
        memory.clear();
        return null;
      case "merge":
        return (double) memory.merge(opened((String) given.get("content"), recognizer));
      default:
        throw new Check.Mismatch("a memory has no method " + call);
    }
  }

  /** Returns a memory with the formulas of a file, in their order. */
  private static WriterMemory opened(String content, Recognizer recognizer) {
    WriterMemory memory = new WriterMemory(recognizer);
    try {
      memory.replace(memory.format().parse(bytes(content), NAME));
    } catch (MemoryFileException error) {
      throw new Check.Mismatch(error.getMessage());
    }
    return memory;
  }

  private void keys(Map<String, Object> wanted, String name) {
    int size = recognizer.vocabulary.size();
    int seed = Json.integer(wanted.get("seed")), maxTokens = Json.integer(wanted.get("max_tokens"));
    Model model = new Check.FormulaModel(size, seed, maxTokens);
    Recognizer reader = CheckSessions.recognizer(model, null, vocabulary, grammar, frames);
    WriterMemory memory = opened((String) wanted.get("content"), reader);
    reader.remember(memory);
    reader.makeKeys();
    Check.same(name, MemoryFile.text(memory.formulas()), wanted.get("written"));
  }

  private void mixture(Map<String, Object> wanted, String name) {
    KeySet.Builder all = new KeySet.Builder();
    double[][] logits = rows(wanted.get("logits"));
    for (Object each : Json.list(wanted.get("formulas"))) {
      Map<String, Object> formula = Json.map(each);
      boolean[] mask = formula.get("allowed") == null ? null : new boolean[logits[0].length];
      if (mask != null) for (int id : Json.integers(formula.get("allowed"))) mask[id] = true;
      all.add(Base64.decode((String) formula.get("vectors")), Json.integers(formula.get("ids")), mask);
    }
    KeySet keys = new KeySet(all, constants, null);
    float[][] vectors = vectors(rows(wanted.get("hidden")));
    double[][] mixed = keys.isEmpty() ? logits : keys.mix(logits, vectors);
    double[][] logs = rows(wanted.get("log_probabilities"));
    for (int row = 0; row < logs.length; row++) {
      Check.same(name + ", row " + row, 2e-6, Calibration.NONE.scores(mixed[row]), logs[row]);
    }
    if (!keys.isEmpty()) neighbours(name, keys.nearest(vectors), keys, Json.list(wanted.get("neighbours")));
  }

  /** Compares the neighbours of each row in the order of their numbers, with the weights that their cosines give. */
  private static void neighbours(String name, KeySet.Neighbours[] found, KeySet keys, List<Object> wanted) {
    for (int row = 0; row < found.length; row++) {
      double[][] pairs = new double[found[row].count][];
      for (int i = 0; i < pairs.length; i++) {
        pairs[i] = new double[] {keys.number(found[row].keys[i]), keys.weight(found[row].cosines[i])};
      }
      Arrays.sort(pairs, (one, other) -> Double.compare(one[0], other[0]));
      double[][] near = rows(wanted.get(row));
      Check.same(name + ", neighbours of row " + row, pairs.length, near.length);
      for (int i = 0; i < near.length; i++) Check.same(name + ", neighbour of row " + row, 2e-5, pairs[i], near[i]);
    }
  }

  private static double[][] rows(Object rows) {
    return Json.list(rows).stream().map(Json::numbers).toArray(double[][]::new);
  }

  private static float[][] vectors(double[][] rows) {
    float[][] vectors = new float[rows.length][rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < rows[row].length; i++) vectors[row][i] = (float) rows[row][i];
    }
    return vectors;
  }

  private static byte[] bytes(Object text) {
    return ((String) text).getBytes(StandardCharsets.UTF_8);
  }
}
