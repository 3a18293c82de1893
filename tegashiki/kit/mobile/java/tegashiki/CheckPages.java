package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Compares lines, rows and page sessions with golden/pages.json. tegashiki/kit/page_vectors.py names the fields. */
final class CheckPages {
  private final Map<String, Object> vectors;
  private final Map<String, Object> vocabulary;
  private final Map<String, Object> grammar;
  private final Map<String, Object> frames;
  private PageSession page;
  private List<Recognizer.Candidate> readings;

  CheckPages(
      Map<String, Object> vectors, Map<String, Object> vocabulary, Map<String, Object> grammar, Map<String, Object> frames) {
    this.vectors = vectors;
    this.vocabulary = vocabulary;
    this.grammar = grammar;
    this.frames = frames;
  }

  void run() {
    Lines lines = new Lines(grammar);
    each("places", (entry, name) -> place(lines, entry, name));
    each("rows", CheckPages::rows);
    each("pages", this::script);
  }

  private void each(String part, Check.Entry entry) {
    List<Object> entries = Json.list(vectors.get(part));
    for (int i = 0; i < entries.size(); i++) entry.check(Json.map(entries.get(i)), "pages, " + part + " " + i);
    System.out.println("pages, " + part + ": " + entries.size() + " agree");
  }

  private static void place(Lines lines, Map<String, Object> entry, String name) {
    List<List<Lines.Box>> boxes = new ArrayList<>();
    for (Object line : Json.list(entry.get("lines"))) {
      List<Lines.Box> own = new ArrayList<>();
      for (Object corners : Json.list(line)) own.add(box(corners));
      boxes.add(own);
    }
    int current = entry.get("current") == null ? -1 : Json.integer(entry.get("current"));
    Lines.Place found = lines.place(boxes, box(entry.get("box")), current);
    Map<String, Object> wanted = Json.map(entry.get("place"));
    Check.same(name + ", line", found.line, Json.integer(wanted.get("line")));
    Check.same(name + ", new", found.isNew, wanted.get("new"));
    Check.same(name + ", moved", found.moved, Json.integer(wanted.get("moved")));
    Check.same(name + ", joined", found.joined, Recognizer.boxed(Json.integers(wanted.get("joined"))));
  }

  private static Lines.Box box(Object corners) {
    double[] values = Json.numbers(corners);
    return new Lines.Box(values[0], values[1], values[2], values[3]);
  }

  private static void rows(Map<String, Object> entry, String name) {
    List<List<String>> rows = new ArrayList<>();
    for (Object row : Json.list(entry.get("rows"))) rows.add(Json.strings(row));
    Check.same(name + ", tokens", Rows.join(rows), Json.strings(entry.get("tokens")));
    Check.same(name + ", LaTeX", Rows.toLatex(rows), entry.get("latex"));
  }

  private void script(Map<String, Object> script, String name) {
    int size = new Vocabulary(Json.strings(vocabulary.get("tokens"))).size();
    Model model = new Check.FormulaModel(size, Json.integer(script.get("seed")), 24);
    page = new PageSession(CheckSessions.recognizer(model, null, vocabulary, grammar, frames), true);
    readings = Collections.emptyList();
    List<Object> steps = Json.list(script.get("steps"));
    for (int i = 0; i < steps.size(); i++) {
      Map<String, Object> step = Json.map(steps.get(i));
      call(step, name + ", step " + i + ", " + step.get("call"));
      compareState(Json.map(step.get("state")), name + ", step " + i + ", " + step.get("call"));
    }
  }

  private void call(Map<String, Object> step, String name) {
    Map<String, Object> wanted = Json.map(step.get("error"));
    Object result;
    try {
      result = perform((String) step.get("call"), Json.map(step.get("arguments")));
    } catch (IllegalArgumentException | NoReadingException error) {
      if (wanted == null) throw new Check.Mismatch(name + ": " + error.getMessage());
      Check.same(name + ", kind of error", error instanceof NoReadingException, wanted.get("kind").equals("search"));
      if (wanted.get("message") != null) Check.same(name, error.getMessage(), wanted.get("message"));
      return;
    }
    if (wanted != null) throw new Check.Mismatch(name + ": no error, wanted " + wanted);
    compare(name, result, step.get("returns"));
  }

  private Object perform(String call, Map<String, Object> given) {
    switch (call) {
      case "add_stroke":
        page.addStroke(CheckSessions.strokes(Collections.singletonList(given.get("points"))).get(0));
        return null;
      case "add_strokes":
        page.addStrokes(CheckSessions.strokes(given.get("strokes")));
        return null;
      case "replace_strokes":
        page.replaceStrokes(CheckSessions.strokes(given.get("strokes")));
        return null;
      case "replace_lines":
        List<List<double[][]>> lines = new ArrayList<>();
        for (Object line : Json.list(given.get("lines"))) lines.add(CheckSessions.strokes(line));
        page.replaceLines(lines);
        return null;
      case "erase":
        page.erase(Json.integers(given.get("stroke_indices")));
        return null;
      case "apply_gesture":
        return page.applyGesture();
      case "move_strokes":
        page.moveStrokes(Json.integers(given.get("stroke_indices")), (Double) given.get("dx"), (Double) given.get("dy"));
        return null;
      case "clear":
        page.clear();
        return null;
      case "undo":
        return page.undo();
      case "redo":
        return page.redo();
      default:
        return arrangeOrRead(call, given);
    }
  }

  private Object arrangeOrRead(String call, Map<String, Object> given) {
    switch (call) {
      case "begin_line":
        page.beginLine();
        return null;
      case "go_to":
        page.goTo(Json.integer(given.get("line")));
        return null;
      case "join_line":
        page.joinLine();
        return null;
      case "automatic":
        page.setAutomatic((Boolean) given.get("on"));
        return null;
      case "candidates":
        readings = page.line().candidates(Json.integer(given.get("n"))).readings;
        return readings;
      case "accept":
        page.accept(readings.get(Json.integer(given.get("candidate"))));
        return null;
      case "reject":
        page.reject(readings.get(Json.integer(given.get("candidate"))));
        return null;
      case "restrict":
        if (given.get("tokens") instanceof String) page.restrict((String) given.get("tokens"));
        else page.restrict(Json.strings(given.get("tokens")));
        return null;
      case "read":
        return page.read();
      case "commit":
        return page.commit();
      default:
        throw new Check.Mismatch("a page has no method " + call);
    }
  }

  private static void compare(String name, Object found, Object wanted) {
    if (found instanceof PageSession.Reading) {
      PageSession.Reading reading = (PageSession.Reading) found;
      Check.same(name + ", LaTeX", reading.latex, Json.map(wanted).get("latex"));
      Check.same(name + ", lines", latex(reading.lines), Json.strings(Json.map(wanted).get("lines")));
    } else if (found instanceof List && Json.list(wanted).stream().allMatch(each -> each instanceof Double)) {
      Check.same(name, found, Recognizer.boxed(Json.integers(wanted)));
    } else if (found instanceof List) {
      List<Recognizer.Candidate> readings = new ArrayList<>();
      for (Object each : Json.list(found)) readings.add((Recognizer.Candidate) each);
      Check.same(name, latex(readings), Json.strings(wanted));
    } else {
      Check.same(name, String.valueOf(found), String.valueOf(wanted));
    }
  }

  private static List<String> latex(List<Recognizer.Candidate> readings) {
    List<String> found = new ArrayList<>();
    for (Recognizer.Candidate reading : readings) found.add(reading.latex);
    return found;
  }

  private void compareState(Map<String, Object> wanted, String name) {
    List<String> lines = new ArrayList<>(), accepted = new ArrayList<>(), wantedLines = new ArrayList<>();
    for (Session line : page.lines()) {
      lines.add(Arrays.deepToString(line.strokes().toArray()));
      accepted.add(line.accepted() == null ? null : line.accepted().latex);
    }
    for (Object line : Json.list(wanted.get("lines"))) {
      wantedLines.add(Arrays.deepToString(CheckSessions.strokes(line).toArray()));
    }
    Check.same(name + ", lines", lines, wantedLines);
    Check.same(name + ", accepted", String.valueOf(accepted), String.valueOf(wanted.get("accepted")));
    Check.same(name + ", current", page.current(), wanted.get("current") == null ? -1 : Json.integer(wanted.get("current")));
    Check.same(name + ", can undo", page.canUndo(), wanted.get("can_undo"));
    Check.same(name + ", can redo", page.canRedo(), wanted.get("can_redo"));
  }
}
