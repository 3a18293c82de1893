package tegashiki;

import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Teacher forcing: scores token sequences that are given, not searched. */
final class Forced {
  private Forced() {}

  /**
   * Scores several sequences of ids for one encoded ink in one batch.
   *
   * @param sequences 1 to N sequences of ids without the end token, N being the largest of the model's beam sizes.
   * @param stop if it returns true before a step of the model, {@link Stopped} is thrown.
   * @return for each sequence the calibrated log probability of the whole sequence with its end token.
   */
  static double[] force(
      Model model, Model.Encoded encoded, List<int[]> sequences, Calibration calibration, BooleanSupplier stop) {
    int width = Arrays.stream(model.beamSizes()).filter(size -> size >= sequences.size()).findFirst().getAsInt();
    int length = 1 + sequences.stream().mapToInt(ids -> ids.length).max().getAsInt();
    Model.Decoder decoder = encoded.decoder(width);
    double[] totals = new double[sequences.size()];
    for (int position = 0; position < length; position++) {
      Stopped.check(stop);
      int[] tokens = new int[width];
      for (int row = 0; row < width; row++) {
        tokens[row] = inputAt(row < totals.length ? sequences.get(row) : new int[0], position);
      }
      Model.Step step = decoder.decodeStep(tokens, position);
      for (int row = 0; row < totals.length; row++) {
        int[] ids = sequences.get(row);
        if (position > ids.length) continue;
        int wanted = position < ids.length ? ids[position] : Vocabulary.EOS;
        totals[row] += calibration.scores(step.logits[row])[wanted];
      }
    }
    return totals;
  }

  /** Returns the uncalibrated log probabilities (V) of the token after the first `count` of the ids. */
  static double[] following(Model model, Model.Encoded encoded, int[] ids, int count, BooleanSupplier stop) {
    int width = model.beamSizes()[0];
    Model.Decoder decoder = encoded.decoder(width);
    for (int position = 0; ; position++) {
      Stopped.check(stop);
      int[] tokens = new int[width];
      Arrays.fill(tokens, inputAt(ids, position));
      Model.Step step = decoder.decodeStep(tokens, position);
      if (position == count) return Calibration.NONE.scores(step.logits[0]);
    }
  }

  /** The input token at a position: the start token, then the previous id, then the end token after the last id. */
  private static int inputAt(int[] ids, int position) {
    if (position == 0) return Vocabulary.BOS;
    return position <= ids.length ? ids[position - 1] : Vocabulary.EOS;
  }
}
