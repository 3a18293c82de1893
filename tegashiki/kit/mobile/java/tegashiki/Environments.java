package tegashiki;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The environments in which people write tables, in place of the canonical {@code \begin{matrix}}: {@code pmatrix},
 * {@code cases}, {@code aligned} and so on. The rules are those of {@code tegashiki/latex/environments.py}.
 */
public final class Environments {
  private static final Map<String, String> FENCED = new HashMap<>();
  private static final Set<String> OPENING = set("( [ \\{ | \\langle \\lfloor \\lceil");
  private static final Set<String> CLOSING = set(") ] \\} | \\rangle \\rfloor \\rceil");
  static final Set<String> ALIGNED_AT =
      set(
          "= < > \\in \\subset \\subseteq \\rightarrow \\Rightarrow "
              + "\\leq \\geq \\leqslant \\geqslant \\neq \\equiv \\sim \\simeq \\approx \\cong");

  private static final Map<String, String> FENCES = new HashMap<>();

  static {
    FENCED.put("( )", "pmatrix");
    FENCED.put("[ ]", "bmatrix");
    FENCED.put("\\{ \\}", "Bmatrix");
    FENCED.put("| |", "vmatrix");
    FENCED.forEach((fences, name) -> FENCES.put(name, fences));
  }

  private Environments() {}

  /** Returns canonical tokens as LaTeX that one would type, with the environments of this class. */
  public static String toLatex(List<String> tokens) {
    return Vocabulary.join(nameEnvironments(tokens));
  }

  /** Returns the tokens with the environments of this class. Brackets that belong to an environment are left out. */
  public static List<String> nameEnvironments(List<String> tokens) {
    Map<Integer, String> named = new HashMap<>(); // index of a token -> what replaces it
    for (Table table : tables(tokens)) {
      String left = at(tokens, table.begin - 1);
      String right = at(tokens, table.end + 1);
      boolean taken = named.containsKey(table.begin - 1); // by the table before
      if (taken || at(tokens, table.begin - 2).equals("\\sqrt")) left = ""; // or it begins the index of a root
      String name = "matrix";
      if (FENCED.containsKey(left + " " + right)) {
        name = FENCED.get(left + " " + right);
        named.put(table.begin - 1, "");
        named.put(table.end + 1, "");
      } else if (left.equals("\\{") && !CLOSING.contains(right)) {
        name = "cases";
        named.put(table.begin - 1, "");
      } else if (!OPENING.contains(left) && !CLOSING.contains(right) && table.hasOneRelationPerRow()) {
        if (table.breaks.stream().allMatch(count -> count > 0)) name = "aligned";
        else if (table.breaks.stream().allMatch(count -> count == 0)) name = "gathered";
      }
      named.put(table.begin, "\\begin{" + name + "}");
      named.put(table.end, "\\end{" + name + "}");
    }
    List<String> found = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = named.getOrDefault(i, tokens.get(i));
      if (!token.isEmpty()) found.add(token);
    }
    return found;
  }

  /** Returns the canonical tokens of LaTeX that {@link #toLatex} or {@link Vocabulary#join} wrote. Does not check them. */
  public static List<String> toTokens(String latex) {
    List<String> tokens = new ArrayList<>();
    for (String token : Vocabulary.split(latex)) {
      boolean begins = token.startsWith("\\begin{");
      if (!begins && !token.startsWith("\\end{")) {
        tokens.add(token);
        continue;
      }
      String name = token.substring(token.indexOf('{') + 1, token.length() - 1);
      String fences = name.equals("cases") ? "\\{ " : FENCES.getOrDefault(name, " ");
      String left = fences.substring(0, fences.indexOf(' ')), right = fences.substring(fences.indexOf(' ') + 1);
      if (begins && !left.isEmpty()) tokens.add(left);
      tokens.add(begins ? "\\begin{matrix}" : "\\end{matrix}");
      if (!begins && !right.isEmpty()) tokens.add(right);
    }
    return tokens;
  }

  /** Returns the tables whose end is there, in the order of their ends. */
  private static List<Table> tables(List<String> tokens) {
    List<Table> found = new ArrayList<>();
    Deque<Table> open = new ArrayDeque<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      Table group = open.peek();
      if (token.equals("\\begin{matrix}")) open.push(new Table(i));
      else if (token.equals("{")) open.push(new Table(-1));
      else if (token.equals("}")) open.poll();
      else if (group == null || group.begin < 0) continue;
      else if (token.equals("\\end{matrix}")) {
        open.pop().end = i;
        found.add(group);
      } else if (token.equals("\\\\")) {
        group.relations.add(0);
        group.breaks.add(0);
      } else if (ALIGNED_AT.contains(token)) {
        increment(group.relations);
      } else if (token.equals("&")) {
        increment(group.breaks);
      }
    }
    return found;
  }

  private static void increment(List<Integer> counts) {
    int last = counts.size() - 1;
    counts.set(last, counts.get(last) + 1);
  }

  private static String at(List<String> tokens, int index) {
    return index >= 0 && index < tokens.size() ? tokens.get(index) : "";
  }

  private static Set<String> set(String names) {
    return new HashSet<>(Arrays.asList(names.split(" ")));
  }

  /** A table between two tokens, with the relations and column breaks of each row; begin -1 is a group of braces. */
  private static final class Table {
    final int begin;
    int end;
    final List<Integer> relations = new ArrayList<>(Arrays.asList(0));
    final List<Integer> breaks = new ArrayList<>(Arrays.asList(0));

    Table(int begin) {
      this.begin = begin;
    }

    boolean hasOneRelationPerRow() {
      return relations.size() > 1 && relations.stream().allMatch(count -> count == 1);
    }
  }
}
