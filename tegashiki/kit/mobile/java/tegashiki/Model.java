package tegashiki;

import java.util.List;

/** The interface between search and model. LiteRT implements it (android/LiteRTModel.java), and tests use a formula. */
public interface Model {
  /** Length of the longest output, including the end token. */
  int maxTokens();

  /** Largest number of strokes of an ink. */
  int maxStrokes();

  /** Supported numbers of decoder rows, ascending. */
  int[] beamSizes();

  /** The facts about the hidden vectors of a model, or null if it does not return them and so cannot learn. */
  default Hidden hidden() {
    return null;
  }

  /** Converts one framed stroke (P, 2) into its vector (E). Keep the vector, since it depends on this stroke only. */
  float[] stem(float[] points);

  /** Encodes one ink from the strokes' vectors and their boxes (S, 3) from {@link Preprocess#normalizeBoxes}. */
  Encoded encode(List<float[]> stems, float[] boxes);

  /** One encoded ink. */
  interface Encoded {
    /** Begins to decode in `rows` rows, which must be one of {@link #beamSizes}. */
    Decoder decoder(int rows);
  }

  /** The decoder's state between two tokens: the caches of all rows. */
  interface Decoder {
    /** Feeds token number `position` (0 is the start token) to each row. */
    Step decodeStep(int[] tokens, int position);

    /** Copies the caches of row parents[r] to row r, for all r at once. There may be fewer parents than rows. */
    void reorder(int[] parents);
  }

  /** The facts about a model's hidden vectors that are needed to compare them: `hidden` of model.json. */
  final class Hidden {
    /** The mean (D) of the hidden vectors over many inks. */
    public final float[] mean;

    /** Identifies the model. Only vectors of the same model can be compared. */
    public final String fingerprint;

    public Hidden(float[] mean, String fingerprint) {
      this.mean = mean;
      this.fingerprint = fingerprint;
    }
  }

  /** The output of one step for each of W rows. */
  final class Step {
    /** Logits of the next token, (W, V). A memory replaces them by log probabilities. */
    public final double[][] logits;

    /** Attention over the strokes, (W, S). */
    public final float[][] attention;

    /** The vectors (W, D) from which the model computes the logits, or null. */
    public final float[][] hidden;

    /** Makes the output of a model's step. `hidden` is null if the model does not return it. */
    public Step(float[][] logits, float[][] attention, float[][] hidden) {
      this(new double[logits.length][], attention, hidden);
      for (int row = 0; row < logits.length; row++) {
        this.logits[row] = new double[logits[row].length];
        for (int id = 0; id < logits[row].length; id++) this.logits[row][id] = logits[row][id];
      }
    }

    Step(double[][] logits, float[][] attention, float[][] hidden) {
      this.logits = logits;
      this.attention = attention;
      this.hidden = hidden;
    }
  }
}
