package tegashiki;

import java.util.Map;

/** The constants of a writer's memory: `memory` of grammar.json. docs/memory.md of the project explains them. */
public final class MemoryConstants {
  final int mostTokens; // of a memory, end tokens included
  final double grid; // steps in the unit of an ink
  final double epsilon; // of the simplification before strokes are placed on the grid
  final int neighbours; // largest number of keys that count
  final float leastCosine; // of a key that counts
  final float temperature; // of the weights of keys
  final double mostShare; // limit of the probability mass that the keys can take
  final double halfWeight; // total weight of the keys at which they take half of it
  final int keysOfToken; // the last keys of each token that are compared
  final int maxStep; // largest coordinate on the grid
  final int maxStrokes; // of a formula in a file
  final int maxFormulas; // in a file
  final int maxWidth; // components of a key
  final int maxBytes; // of a file

  /**
   * Reads the constants.
   *
   * @param table grammar.json as read by {@link Json}.
   * @throws IllegalArgumentException if the table lacks a constant.
   */
  public MemoryConstants(Map<String, Object> table) {
    Object found = table.get("memory");
    if (found == null) {
      throw new IllegalArgumentException("the grammar has no memory: take grammar.json of the same kit");
    }
    Map<String, Object> constants = Json.map(found);
    mostTokens = (int) number(constants, "most_tokens");
    grid = number(constants, "grid");
    epsilon = number(constants, "epsilon");
    neighbours = (int) number(constants, "neighbours");
    leastCosine = (float) number(constants, "least_cosine");
    temperature = (float) number(constants, "temperature");
    mostShare = number(constants, "most_share");
    halfWeight = number(constants, "half_weight");
    keysOfToken = (int) number(constants, "keys_a_token");
    maxStep = (int) number(constants, "max_step");
    maxStrokes = (int) number(constants, "max_strokes");
    maxFormulas = (int) number(constants, "max_formulas");
    maxWidth = (int) number(constants, "max_width");
    maxBytes = (int) number(constants, "max_bytes");
  }

  private static double number(Map<String, Object> constants, String name) {
    Object found = constants.get(name);
    if (found == null) throw new IllegalArgumentException("the memory has no constant " + name);
    return (Double) found;
  }
}
