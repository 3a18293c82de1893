package tegashiki;

import java.util.List;

/** What a search needs of a model, whatever runs it: LiteRT (android/LiteRTModel.java), or a formula in a test. */
public interface Model {
  /** Of the longest output, the end token included. */
  int maxTokens();

  /** Of one ink that it reads at most. */
  int maxStrokes();

  /** Numbers of rows that a decoder can have, ascending. */
  int[] beamSizes();

  /** Turns one framed stroke, (P, 2), into its vector (E). Depends on this stroke alone: keep it. */
  float[] stem(float[] points);

  /** Encodes the strokes of one ink: their vectors, and their boxes (S, 3) of {@link Preprocess#normalizeBoxes}. */
  Encoded encode(List<float[]> stems, float[] boxes);

  /** One encoded ink. */
  interface Encoded {
    /** Begins to decode in `rows` rows, one of {@link #beamSizes}. */
    Decoder decoder(int rows);
  }

  /** The state between two tokens of all rows: the caches. */
  interface Decoder {
    /** Feeds token `position` (the start token at 0) to every row. */
    Step decodeStep(int[] tokens, int position);

    /** Gives row r the caches of row parents[r]. There may be fewer parents than rows. */
    void reorder(int[] parents);
  }

  /** What one step gives for each of W rows. */
  final class Step {
    /** (W, V): the next token's logits. */
    public final float[][] logits;

    /** (W, S): where the model looked. */
    public final float[][] attention;

    public Step(float[][] logits, float[][] attention) {
      this.logits = logits;
      this.attention = attention;
    }
  }
}
