package tegashiki;

import java.util.Map;

/** The constants that all recognisers share and that are not in a model: `constants` of grammar.json. */
public final class Constants {
  final double doubt; // added to the attention, so that an attention of 0 does not exclude a token
  final double distanceCost; // nats per median stroke size between two strokes
  final double gapCost; // nats, for two strokes that were not written one after the other
  final int distancePoints; // number of points of a stroke between which distances are measured
  final double doubtfulBelow; // probability below which a symbol is in doubt
  final double rejectBelow; // probability below which a reading is not sure
  final int alternativesTried; // number of likeliest tokens that are tried as alternatives
  final int maxPoints; // per ink
  final int maxStrokePoints; // per stroke
  final double maxCoordinate; // largest absolute value
  final double maxBox; // largest absolute value in a box, in median stroke sizes

  /**
   * Reads the constants.
   *
   * @param table grammar.json as read by {@link Json}.
   * @throws IllegalArgumentException if the table lacks a constant.
   */
  public Constants(Map<String, Object> table) {
    Object found = table.get("constants");
    if (found == null) throw new IllegalArgumentException("the grammar has no constants: take grammar.json of the same kit");
    Map<String, Object> constants = Json.map(found);
    doubt = number(constants, "doubt");
    distanceCost = number(constants, "distance_cost");
    gapCost = number(constants, "gap_cost");
    distancePoints = (int) number(constants, "distance_points");
    doubtfulBelow = number(constants, "doubtful_below");
    rejectBelow = number(constants, "reject_below");
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
