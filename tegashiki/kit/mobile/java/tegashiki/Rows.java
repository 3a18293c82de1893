package tegashiki;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Joins the readings of lines that stand under each other into one formula, as {@code cases}, {@code aligned} or {@code
 * gathered}. The rules are those of {@code tegashiki/latex/rows.py}.
 */
public final class Rows {
  private final String name; // of the environment, empty for a line alone
  private final List<List<String>> rows = new ArrayList<>();

  private Rows(List<List<String>> lines) {
    for (List<String> line : lines) if (!line.isEmpty()) rows.add(line);
    if (rows.size() < 2) {
      name = "";
    } else if (hasOpenBrace(rows.get(0))) {
      name = "cases";
      rows.set(0, rows.get(0).subList(1, rows.get(0).size()));
    } else if (rows.stream().allMatch(row -> relations(row).size() == 1)) {
      name = "aligned";
      rows.replaceAll(Rows::aligned);
    } else {
      name = "gathered";
    }
  }

  /** Returns the canonical tokens of lines, each given by its canonical tokens. Empty lines are left out. */
  public static List<String> join(List<List<String>> lines) {
    Rows found = new Rows(lines);
    if (found.name.isEmpty()) return found.rows.isEmpty() ? Collections.emptyList() : found.rows.get(0);
    List<String> tokens = new ArrayList<>();
    if (found.name.equals("cases")) tokens.add("\\{");
    addTable(tokens, "matrix", found.rows);
    return tokens;
  }

  /** Returns the same formula as LaTeX that one would type, with the environments of this class. */
  public static String toLatex(List<List<String>> lines) {
    Rows found = new Rows(lines);
    found.rows.replaceAll(Environments::nameEnvironments);
    if (found.name.isEmpty()) return found.rows.isEmpty() ? "" : Vocabulary.join(found.rows.get(0));
    List<String> tokens = new ArrayList<>();
    addTable(tokens, found.name, found.rows);
    return Vocabulary.join(tokens);
  }

  private static void addTable(List<String> tokens, String name, List<List<String>> rows) {
    tokens.add("\\begin{" + name + "}");
    for (int i = 0; i < rows.size(); i++) {
      if (i > 0) tokens.add("\\\\");
      tokens.addAll(rows.get(i));
    }
    tokens.add("\\end{" + name + "}");
  }

  private static boolean hasOpenBrace(List<String> row) {
    return row.get(0).equals("\\{") && Collections.frequency(row, "\\{") > Collections.frequency(row, "\\}");
  }

  private static List<String> aligned(List<String> row) {
    List<String> found = new ArrayList<>(row);
    found.add(relations(row).get(0), "&");
    return found;
  }

  /** The indices of the relations outside of groups. */
  private static List<Integer> relations(List<String> row) {
    List<Integer> found = new ArrayList<>();
    int depth = 0;
    for (int i = 0; i < row.size(); i++) {
      String token = row.get(i);
      if (token.equals("{") || token.equals("\\begin{matrix}")) depth++;
      if (token.equals("}") || token.equals("\\end{matrix}")) depth--;
      if (depth == 0 && Environments.ALIGNED_AT.contains(token)) found.add(i);
    }
    return found;
  }
}
