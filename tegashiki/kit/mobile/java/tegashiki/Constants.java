package tegashiki;

import java.util.Map;

/** The numbers that every recogniser shares and no model has: `constants` of grammar.json. */
public final class Constants {
  final double doubt; // added to the attention, so that a weight of nothing is no verdict
  final double distanceCost; // nats, of one median stroke size between two strokes
  final double gapCost; // nats, where the strokes were not written one after the other
  final int distancePoints; // of a stroke that distances are measured between
  final int alternativesTried; // likeliest tokens that are tried in place of one
  final int maxPoints; // of one ink
  final int maxStrokePoints; // of one stroke
  final double maxCoordinate; // magnitude
  final double maxBox; // magnitude of a box's numbers, in median stroke sizes

  /**
   * @param table grammar.json as {@link Json} reads it.
   * @throws IllegalArgumentException for a table without one of them.
   */
  public Constants(Map<String, Object> table) {
    Object found = table.get("constants");
    if (found == null) throw new IllegalArgumentException("the grammar has no constants: take grammar.json of the same kit");
    Map<String, Object> constants = Json.map(found);
    doubt = number(constants, "doubt");
    distanceCost = number(constants, "distance_cost");
    gapCost = number(constants, "gap_cost");
    distancePoints = (int) number(constants, "distance_points");
    alternativesTried = (int) number(constants, "alternatives_tried");
    maxPoints = (int) number(constants, "max_points");
    maxStrokePoints = (int) number(constants, "max_stroke_points");
    maxCoordinate = number(constants, "max_coordinate");
    maxBox = number(constants, "max_box");
  }

  private static double number(Map<String, Object> constants, String name) {
    Object found = constants.get(name);
    if (found == null) throw new IllegalArgumentException("the grammar has no constant " + name);
    return (Double) found;
  }
}
