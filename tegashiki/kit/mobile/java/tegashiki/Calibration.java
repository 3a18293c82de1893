package tegashiki;

import java.util.Arrays;

/** Scores of log probabilities, chosen such that the probabilities of readings are calibrated. */
public final class Calibration {
  public static final Calibration NONE = new Calibration(1, 0, 0);

  private final double temperature;
  private final double bonus;
  final double symbolCost;

  /** The three values in model.json; bonus and symbolCost are in nats. */
  public Calibration(double temperature, double bonus, double symbolCost) {
    this.temperature = temperature;
    this.bonus = bonus;
    this.symbolCost = symbolCost;
  }

  /** Computes scores (V) of the next token from its logits (V): min(0, log softmax / temperature + bonus). */
  public double[] scores(double[] logits) {
    double peak = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (double logit : logits) peak = Math.max(peak, logit);
    if (Double.isNaN(peak) || Double.isInfinite(peak)) {
      throw new IllegalStateException("the model's logits are not finite: its weights or the ink are damaged");
    }
    for (double logit : logits) sum += Math.exp(logit - peak);
    double[] scores = new double[logits.length];
    double shift = peak + Math.log(sum);
    for (int id = 0; id < scores.length; id++) scores[id] = Math.min((logits[id] - shift) / temperature + bonus, 0);
    return scores;
  }

  /**
   * Weighs the readings of one ink against each other. Formulas tend to repeat symbols, so distinct symbols have a cost.
   *
   * @param logs log probabilities of the readings.
   * @param symbols number of distinct symbols of each reading.
   * @return new log probabilities with the same total probability (at most 1). A single reading keeps its own.
   */
  public double[] weigh(double[] logs, int[] symbols) {
    if (symbolCost == 0 || logs.length < 2) return logs.clone();
    double[] ranks = new double[logs.length];
    for (int i = 0; i < logs.length; i++) ranks[i] = logs[i] - symbolCost * symbols[i];
    double shift = Math.min(0, logSum(logs)) - logSum(ranks);
    for (int i = 0; i < logs.length; i++) ranks[i] += shift;
    return ranks;
  }

  /** Counts the distinct symbols of a reading; `visible` (V) is {@link Grammar#visibleAlone}. */
  public static int differentSymbols(int[] ids, boolean[] visible) {
    return (int) Arrays.stream(ids).distinct().filter(id -> visible[id]).count();
  }

  private static double logSum(double[] logs) {
    double peak = Arrays.stream(logs).max().getAsDouble();
    return peak + Math.log(Arrays.stream(logs).map(log -> Math.exp(log - peak)).sum());
  }
}
