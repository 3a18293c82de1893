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

  /** The output of one step for each of W rows. */
  final class Step {
    /** Logits of the next token, (W, V). */
    public final float[][] logits;

    /** Attention over the strokes, (W, S). */
    public final float[][] attention;

    public Step(float[][] logits, float[][] attention) {
      this.logits = logits;
      this.attention = attention;
    }
  }
}
