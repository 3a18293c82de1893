package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tokens, their ids, and joining tokens to LaTeX. */
public final class Vocabulary {
  public static final int PAD = 0;
  public static final int BOS = 1;
  public static final int EOS = 2;

  private static final Pattern LETTER_FIRST = Pattern.compile("^[A-Za-z]");
  /** A token of canonical LaTeX, or spaces. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s+|(\\\\(?:begin|end)\\{[A-Za-z]+\\}|\\\\math(?:bb|cal|frak|scr)\\{[A-Za-z0-9]\\}"
              + "|\\\\operatorname\\*|\\\\[A-Za-z]+|\\\\.|.)",
          Pattern.DOTALL);
  private static final Pattern COMMAND_LAST = Pattern.compile("\\\\[A-Za-z]+$");

  private final List<String> tokens = new ArrayList<>(Arrays.asList("<pad>", "<bos>", "<eos>"));
  private final Map<String, Integer> ids = new HashMap<>();

  /** @param canonical the tokens of vocabulary.json. Token i gets the id i + 3. */
  public Vocabulary(Collection<String> canonical) {
    tokens.addAll(canonical);
    for (int id = 0; id < tokens.size(); id++) ids.put(tokens.get(id), id);
  }

  /** V, including the three special tokens. */
  public int size() {
    return tokens.size();
  }

  public String token(int id) {
    return tokens.get(id);
  }

  /** Returns the ids of tokens. Throws IllegalArgumentException if one is not in the vocabulary. */
  public int[] encode(List<String> wanted) {
    return wanted.stream().mapToInt(this::id).toArray();
  }

  public List<String> decode(int[] found) {
    List<String> decoded = new ArrayList<>();
    for (int id : found) decoded.add(tokens.get(id));
    return decoded;
  }

  /** Whether a token is in the vocabulary and not one of the three special ones. */
  public boolean has(String token) {
    Integer id = ids.get(token);
    return id != null && id > EOS;
  }

  /** Joins tokens to LaTeX without unnecessary spaces: {@code \frac{a}{b}}, {@code \alpha x}. */
  public static String join(List<String> tokens) {
    StringBuilder source = new StringBuilder();
    for (String token : tokens) {
      boolean runsOn = LETTER_FIRST.matcher(token).find() && COMMAND_LAST.matcher(source).find();
      boolean lineEnd = source.length() > 1 && source.lastIndexOf("\\\\") == source.length() - 2;
      boolean swallowed = lineEnd && (token.startsWith("*") || token.startsWith("["));
      boolean optional = token.equals("[") && source.toString().endsWith("\\begin{matrix}");
      if (runsOn || swallowed || optional) source.append(' ');
      source.append(token);
    }
    return source.toString();
  }

  /** Splits canonical LaTeX, as {@link #join} returns it, into its tokens. It does not check them. */
  public static List<String> split(String latex) {
    List<String> tokens = new ArrayList<>();
    for (Matcher token = TOKEN.matcher(latex); token.find(); ) if (token.group(1) != null) tokens.add(token.group(1));
    return tokens;
  }

  /** Returns the id of a token. Throws IllegalArgumentException if it is not in the vocabulary. */
  int id(String token) {
    Integer id = ids.get(token);
    if (id == null) throw new IllegalArgumentException("the token " + token + " is not in the model's vocabulary");
    return id;
  }
}
