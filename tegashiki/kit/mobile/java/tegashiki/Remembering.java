package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model together with a writer's memory. It makes the keys of the formulas, and mixes them into the model's steps.
 *
 * <p>The memory changes the logits before any rule excludes a token and before calibration. Searches and forced
 * sequences use the result like the model's own logits. The caller of every method holds the recognizer's lock.
 */
final class Remembering {
  final WriterMemory memory;
  final boolean learning; // whether commit teaches the memory

  private final Recognizer recognizer;
  private final Model model;
  private final Model.Hidden hidden;
  private int changes = -1; // of the memory when the keys were stacked
  private KeySet keys;

  /** Combines a model and a memory. Throws IllegalArgumentException if the model does not show its hidden vectors. */
  Remembering(Recognizer recognizer, Model model, WriterMemory memory, boolean learning) {
    this.recognizer = recognizer;
    this.model = model;
    this.memory = memory;
    this.learning = learning;
    hidden = model.hidden();
    if (hidden == null) {
      throw new IllegalArgumentException(
          "this model cannot learn: only files of format 2 and newer show the decoder's hidden vectors, so "
              + "export it again with `tegashiki export`, or give no memory");
    }
  }

  /** Returns an encoded ink whose steps are mixed with the memory. */
  Model.Encoded over(Model.Encoded encoded) {
    refresh();
    return keys.isEmpty() ? encoded : rows -> over(encoded.decoder(rows));
  }

  private Model.Decoder over(Model.Decoder decoder) {
    return new Model.Decoder() {
      @Override
      public Model.Step decodeStep(int[] tokens, int position) {
        Model.Step step = decoder.decodeStep(tokens, position);
        float[][] vectors = new float[step.hidden.length][];
        for (int row = 0; row < vectors.length; row++) vectors[row] = centred(step.hidden[row]);
        return new Model.Step(keys.mix(step.logits, vectors), step.attention, step.hidden);
      }

      @Override
      public void reorder(int[] parents) {
        decoder.reorder(parents);
      }
    };
  }

  /** Makes the keys that are missing or belong to another model. */
  void refresh() {
    int now = memory.changes();
    if (now == changes) return;
    KeySet.Builder all = new KeySet.Builder();
    Map<List<String>, boolean[]> masks = new HashMap<>();
    for (Formula formula : memory.formulas()) {
      Formula.Keys known = formula.keys;
      if (known == null || !known.model.equals(hidden.fingerprint) || known.width != hidden.mean.length) {
        known = makeKeys(formula);
        formula.keys = known;
      }
      if (known == null || known.vectors.length == 0) continue;
      boolean[] mask = formula.allowed == null ? null : masks.computeIfAbsent(formula.allowed, this::mask);
      all.add(known.vectors, ids(formula), mask);
    }
    keys = new KeySet(all, recognizer.memoryConstants, keys);
    changes = now;
  }

  /**
   * Makes the keys of a formula in one forced pass of the model over its tokens. A formula that the model cannot read
   * or write has empty keys. Returns null for LaTeX that the grammar does not accept: other software may understand it.
   */
  private Formula.Keys makeKeys(Formula formula) {
    int width = hidden.mean.length;
    boolean fits = formula.strokes.length <= model.maxStrokes() && formula.size() <= model.maxTokens();
    fits = fits && recognizer.knows(formula.tokens);
    if (!fits) return new Formula.Keys(hidden.fingerprint, width, new byte[0], 0);
    int[] ids = ids(formula);
    if (!recognizer.grammar.accepts(Arrays.copyOf(ids, ids.length - 1))) return null;
    List<Recognizer.Stroke> strokes = new ArrayList<>();
    for (double[][] stroke : formula.strokes()) strokes.add(recognizer.framed(stroke));
    int rows = model.beamSizes()[0];
    Model.Decoder decoder = recognizer.encode(strokes).encoded.decoder(rows);
    byte[] vectors = new byte[ids.length * width];
    int missed = 0;
    for (int position = 0; position < ids.length; position++) {
      int[] tokens = new int[rows];
      Arrays.fill(tokens, position == 0 ? Vocabulary.BOS : ids[position - 1]);
      Model.Step step = decoder.decodeStep(tokens, position);
      KeySet.quantize(centred(step.hidden[0]), vectors, position * width);
      if (largest(step.logits[0]) != ids[position]) missed++;
    }
    return new Formula.Keys(hidden.fingerprint, width, vectors, missed);
  }

  private float[] centred(float[] vector) {
    float[] centred = new float[vector.length];
    for (int i = 0; i < centred.length; i++) centred[i] = vector[i] - hidden.mean[i];
    return centred;
  }

  private static int largest(double[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
    return best;
  }

  /** The ids of a formula and the end token. */
  private int[] ids(Formula formula) {
    int[] ids = Arrays.copyOf(recognizer.vocabulary.encode(formula.tokens), formula.size());
    ids[ids.length - 1] = Vocabulary.EOS;
    return ids;
  }

  /** The mask (V) of tokens that were allowed, and the end token. */
  private boolean[] mask(List<String> allowed) {
    boolean[] mask = new boolean[recognizer.vocabulary.size()];
    mask[Vocabulary.EOS] = true;
    for (String token : allowed) {
      if (recognizer.vocabulary.has(token)) mask[recognizer.vocabulary.id(token)] = true;
    }
    return mask;
  }
}
