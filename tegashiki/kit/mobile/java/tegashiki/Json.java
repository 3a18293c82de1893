package tegashiki;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Parses JSON to Map, List, String, Double, Boolean and null. */
public final class Json {
  private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  private static final int MAX_DEPTH = 500; // of lists and maps; the parser calls itself for each

  private final String text;
  private int place;
  private int depth;

  private Json(String text) {
    this.text = text;
  }

  /** Reads one value. Throws IllegalArgumentException with the position if the text is not JSON. */
  public static Object parse(String text) {
    Json reader = new Json(text);
    Object value = reader.value();
    reader.next();
    if (reader.place < text.length()) throw reader.wrong();
    return value;
  }

  @SuppressWarnings("unchecked")
  public static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  public static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  public static int integer(Object value) {
    return ((Double) value).intValue();
  }

  public static int[] integers(Object value) {
    return list(value).stream().mapToInt(Json::integer).toArray();
  }

  public static double[] numbers(Object value) {
    return list(value).stream().mapToDouble(each -> (Double) each).toArray();
  }

  public static List<String> strings(Object value) {
    List<String> strings = new ArrayList<>();
    for (Object each : list(value)) strings.add((String) each);
    return strings;
  }

  /** Returns the next character that is not white space, 0 at the end. */
  private char next() {
    while (place < text.length() && " \t\n\r".indexOf(text.charAt(place)) >= 0) place++;
    return place < text.length() ? text.charAt(place) : 0;
  }

  private boolean take(char wanted) {
    if (next() != wanted) return false;
    place++;
    return true;
  }

  private void expect(char wanted) {
    if (!take(wanted)) throw wrong();
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException("not JSON at character " + place);
  }

  private Object value() {
    switch (next()) {
      case '{':
      case '[':
        if (++depth > MAX_DEPTH) throw wrong();
        Object found = text.charAt(place) == '{' ? object() : array();
        depth--;
        return found;
      case '"':
        return string();
      default:
        return word();
    }
  }

  private Map<String, Object> object() {
    Map<String, Object> found = new LinkedHashMap<>();
    expect('{');
    if (take('}')) return found;
    do {
      next();
      String key = string();
      expect(':');
      found.put(key, value());
    } while (take(','));
    expect('}');
    return found;
  }

  private List<Object> array() {
    List<Object> found = new ArrayList<>();
    expect('[');
    if (take(']')) return found;
    do found.add(value());
    while (take(','));
    expect(']');
    return found;
  }

  private String string() {
    StringBuilder found = new StringBuilder();
    expect('"');
    while (place < text.length()) {
      char c = text.charAt(place++);
      if (c == '"') return found.toString();
      if (c < ' ') throw wrong();
      found.append(c == '\\' ? escaped() : c);
    }
    throw wrong();
  }

  private char escaped() {
    char c = place < text.length() ? text.charAt(place++) : 0;
    if (c == 'u' && place + 4 <= text.length()) {
      int code = 0;
      for (int end = place + 4; place < end; place++) {
        int digit = Character.digit(text.charAt(place), 16);
        if (digit < 0) throw wrong();
        code = 16 * code + digit;
      }
      return (char) code;
    }
    int index = "\"\\/bfnrt".indexOf(c);
    if (index < 0) throw wrong();
    return "\"\\/\b\f\n\r\t".charAt(index);
  }

  private Object word() {
    int start = place;
    while (place < text.length() && ",]}".indexOf(text.charAt(place)) < 0 && text.charAt(place) > ' ') place++;
    String word = text.substring(start, place);
    switch (word) {
      case "null":
        return null;
      case "true":
        return true;
      case "false":
        return false;
      default:
        return number(word);
    }
  }

  private Double number(String word) {
    if (!NUMBER.matcher(word).matches()) throw wrong();
    return Double.valueOf(word);
  }
}
