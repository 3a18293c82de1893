package tegashiki;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Reads and writes the file of a memory: JSON with one formula on each line. docs/memory.md specifies the format. */
final class MemoryFile {
  private static final String KIND = "tegashiki writer memory";
  private static final int FORMAT = 1;
  private static final long LAST_SECOND = 1L << 53;

  private final MemoryConstants limits;
  private final int maxPoints;

  MemoryFile(MemoryConstants limits, int maxPoints) {
    this.limits = limits;
    this.maxPoints = maxPoints;
  }

  // --- writing

  /** Returns the text of a file. */
  static String text(List<Formula> formulas) {
    Map<List<String>, Integer> restrictions = new LinkedHashMap<>(); // to their index
    List<String> lines = new ArrayList<>();
    for (Formula formula : formulas) {
      if (formula.allowed != null) restrictions.putIfAbsent(formula.allowed, restrictions.size());
      lines.add(line(formula, restrictions.get(formula.allowed)));
    }
    StringBuilder text = new StringBuilder("{\"kind\":\"" + KIND + "\",\"format\":" + FORMAT + ",\"restrictions\":[");
    String separator = "";
    for (List<String> tokens : restrictions.keySet()) {
      List<String> quoted = new ArrayList<>();
      for (String token : tokens) quoted.add(quote(token));
      text.append(separator).append('[').append(String.join(",", quoted)).append(']');
      separator = ",";
    }
    return text.append("],\n\"formulas\":[\n").append(String.join(",\n", lines)).append("\n]}\n").toString();
  }

  private static String line(Formula formula, Integer restriction) {
    StringBuilder line = new StringBuilder("{\"latex\":" + quote(formula.latex) + ",\"learnt\":" + formula.learnt);
    line.append(",\"strokes\":[");
    for (int i = 0; i < formula.strokes.length; i++) {
      int[] stroke = formula.strokes[i];
      line.append(i == 0 ? "[" : ",[").append(stroke[0]).append(',').append(stroke[1]);
      for (int j = 2; j < stroke.length; j++) line.append(',').append(stroke[j] - stroke[j - 2]);
      line.append(']');
    }
    line.append(']');
    if (restriction != null) line.append(",\"restriction\":").append(restriction);
    Formula.Keys keys = formula.keys;
    if (keys != null) {
      line.append(",\"keys\":{\"model\":").append(quote(keys.model)).append(",\"missed\":").append(keys.missed);
      line.append(",\"width\":").append(keys.width);
      line.append(",\"vectors\":\"").append(Base64.encode(keys.vectors)).append("\"}");
    }
    return line.append('}').toString();
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      int index = "\"\\\b\f\n\r\t".indexOf(c);
      if (index >= 0) quoted.append('\\').append("\"\\bfnrt".charAt(index));
      else if (c < ' ') quoted.append(String.format("\\u%04x", (int) c));
      else quoted.append(c);
    }
    return quoted.append('"').toString();
  }

  /** Writes a file. Replaces an older one in one step, so that it is never incomplete. */
  static void write(File file, List<Formula> formulas) throws IOException {
    File target = file.getCanonicalFile(); // a link stays, and its target is replaced
    File unfinished = File.createTempFile("." + target.getName() + ".", null, target.getParentFile());
    try {
      try (FileOutputStream out = new FileOutputStream(unfinished)) {
        out.write(text(formulas).getBytes(StandardCharsets.UTF_8));
        out.getFD().sync(); // otherwise a crash could leave an empty file under the new name
      }
      if (!unfinished.renameTo(target)) throw new IOException(file + " cannot be replaced");
    } finally {
      unfinished.delete(); // only there after an error
    }
  }

  // --- reading

  /** Reads a file. Throws {@link MemoryFileException} if it is not a memory, and IOException if it cannot be read. */
  List<Formula> read(File file) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (InputStream in = new FileInputStream(file)) {
      byte[] part = new byte[1 << 16];
      for (int count = in.read(part); count >= 0 && content.size() <= limits.maxBytes; count = in.read(part)) {
        content.write(part, 0, count);
      }
    } catch (IOException error) {
      throw new IOException("the memory " + file + " cannot be read: " + error.getMessage(), error);
    }
    return parse(content.toByteArray(), file.toString());
  }

  /** Reads the content of a file. Errors name it by `name`. */
  List<Formula> parse(byte[] content, String name) throws MemoryFileException {
    if (content.length > limits.maxBytes) {
      throw new MemoryFileException("the memory " + name + " has more than " + limits.maxBytes + " bytes, the limit");
    }
    Object read;
    try {
      read = Json.parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString());
    } catch (CharacterCodingException | IllegalArgumentException error) {
      throw new MemoryFileException(name + " is damaged, or not a writer's memory");
    }
    Map<String, Object> about = read instanceof Map ? Json.map(read) : Collections.emptyMap();
    if (!KIND.equals(about.get("kind")) || !isWhole(about.get("format"))) {
      throw new MemoryFileException(name + " is not a writer's memory: it lacks the kind '" + KIND + "'");
    }
    if ((Double) about.get("format") > FORMAT) {
      String format = String.format("%.0f", (Double) about.get("format"));
      throw new MemoryFileException(
          name + " has format " + format + ", this version of tegashiki reads up to " + FORMAT + ": update tegashiki");
    }
    return formulas(about, name);
  }

  private List<Formula> formulas(Map<String, Object> about, String name) throws MemoryFileException {
    String place = "";
    try {
      List<List<String>> restrictions = new ArrayList<>();
      for (Object each : list(about.get("restrictions"), limits.maxFormulas)) {
        List<String> tokens = new ArrayList<>();
        for (Object token : list(each, limits.maxBytes)) tokens.add(text(token));
        restrictions.add(new ArrayList<>(new TreeSet<>(tokens)));
      }
      List<Formula> formulas = new ArrayList<>();
      for (Object each : list(about.get("formulas"), limits.maxFormulas)) {
        place = ": formula " + formulas.size();
        if (!(each instanceof Map)) throw new IllegalArgumentException("it is not an object");
        formulas.add(formula(Json.map(each), restrictions));
      }
      return formulas;
    } catch (IllegalArgumentException error) {
      throw new MemoryFileException(name + " is damaged" + place + ": " + error.getMessage());
    }
  }

  private Formula formula(Map<String, Object> entry, List<List<String>> restrictions) {
    List<String> tokens = Vocabulary.split(text(entry.get("latex")));
    List<Object> written = list(entry.get("strokes"), limits.maxStrokes);
    int[][] strokes = new int[written.size()][];
    int points = 0;
    for (int i = 0; i < strokes.length; i++) {
      strokes[i] = stroke(written.get(i));
      points += strokes[i].length / 2;
    }
    if (tokens.isEmpty() || strokes.length == 0 || points > maxPoints) {
      throw new IllegalArgumentException("expected LaTeX and strokes, with at most " + maxPoints + " points");
    }
    List<String> allowed = null;
    if (entry.containsKey("restriction")) {
      allowed = restrictions.get((int) whole(entry.get("restriction"), 0, restrictions.size() - 1));
    }
    Formula formula = new Formula(strokes, tokens, whole(entry.get("learnt"), 0, LAST_SECOND), allowed);
    if (entry.containsKey("keys")) formula.keys = keys(entry.get("keys"), formula.size());
    return formula;
  }

  private int[] stroke(Object value) {
    List<Object> numbers = list(value, limits.maxBytes);
    int[] stroke = new int[numbers.size()];
    if (stroke.length == 0 || stroke.length % 2 != 0) {
      throw new IllegalArgumentException("a stroke is not a list of x and y on the grid");
    }
    for (int i = 0; i < stroke.length; i++) {
      long step = whole(numbers.get(i), -limits.maxStep, limits.maxStep) + (i < 2 ? 0 : stroke[i - 2]);
      stroke[i] = (int) whole((double) step, 0, limits.maxStep);
    }
    return stroke;
  }

  private Formula.Keys keys(Object value, int count) {
    if (!(value instanceof Map)) throw new IllegalArgumentException("the keys are not an object");
    Map<String, Object> entry = Json.map(value);
    int width = (int) whole(entry.get("width"), 1, limits.maxWidth);
    byte[] vectors = Base64.decode(text(entry.get("vectors")));
    if (vectors.length != 0 && vectors.length != count * width) {
      throw new IllegalArgumentException(vectors.length + " numbers are not " + count + " keys of " + width);
    }
    return new Formula.Keys(text(entry.get("model")), width, vectors, (int) whole(entry.get("missed"), 0, count));
  }

  private static String text(Object value) {
    if (!(value instanceof String)) throw new IllegalArgumentException(shown(value) + " is not a string");
    String text = (String) value;
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("a text has half of a character");
    }
    return text;
  }

  private static List<Object> list(Object value, int most) {
    if (!(value instanceof List) || Json.list(value).size() > most) {
      throw new IllegalArgumentException(shown(value) + " is not a list of at most " + most + " entries");
    }
    return Json.list(value);
  }

  private static boolean isWhole(Object value) {
    return value instanceof Double && (Double) value == Math.rint((Double) value) && !((Double) value).isInfinite();
  }

  private static long whole(Object value, long low, long high) {
    if (!isWhole(value) || (Double) value < low || (Double) value > high) {
      throw new IllegalArgumentException(shown(value) + " is not an integer from " + low + " to " + high);
    }
    return ((Double) value).longValue();
  }

  private static String shown(Object value) {
    String text = String.valueOf(value);
    return text.substring(0, Math.min(text.length(), 40));
  }
}
