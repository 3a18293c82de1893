package tegashiki;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses JSON to Map, List, String, Double, Boolean and null. Meant for the kit's files, which are well-formed. */
public final class Json {
  private final String text;
  private int place;

  private Json(String text) {
    this.text = text;
  }

  /** Reads one value. Throws IllegalArgumentException with the position if the text is not JSON. */
  public static Object parse(String text) {
    Json reader = new Json(text);
    Object value = reader.value();
    if (reader.next() != 0) throw reader.wrong();
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
    while (place < text.length() && Character.isWhitespace(text.charAt(place))) place++;
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
        return object();
      case '[':
        return array();
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
      found.append(c == '\\' ? escaped() : c);
    }
    throw wrong();
  }

  private char escaped() {
    char c = place < text.length() ? text.charAt(place++) : 0;
    if (c == 'u' && place + 4 <= text.length()) {
      place += 4;
      return (char) Integer.parseInt(text.substring(place - 4, place), 16);
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
    try {
      return Double.valueOf(word);
    } catch (NumberFormatException error) {
      throw wrong();
    }
  }
}
