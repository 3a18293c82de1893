package tegashiki;

/** How a token's log probability is scored, so that the probability of a reading means what it says. */
public final class Calibration {
  public static final Calibration NONE = new Calibration(1, 0);

  private final double temperature;
  private final double bonus;

  /** The two numbers of model.json; the bonus in nats. */
  public Calibration(double temperature, double bonus) {
    this.temperature = temperature;
    this.bonus = bonus;
  }

  /** The scores (V) of the next token by its logits (V): min(0, log softmax / temperature + bonus). */
  public double[] scores(float[] logits) {
    double peak = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (float logit : logits) peak = Math.max(peak, logit);
    if (Double.isNaN(peak) || Double.isInfinite(peak)) {
      throw new IllegalStateException("the model's logits are not finite: its weights or the ink are damaged");
    }
    for (float logit : logits) sum += Math.exp(logit - peak);
    double[] scores = new double[logits.length];
    double shift = peak + Math.log(sum);
    for (int id = 0; id < scores.length; id++) scores[id] = Math.min((logits[id] - shift) / temperature + bonus, 0);
    return scores;
  }
}
