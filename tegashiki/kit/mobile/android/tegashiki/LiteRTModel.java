package tegashiki;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.Interpreter;

/**
 * Runs model.tflite with LiteRT. Not thread-safe.
 *
 * <p>This class keeps all state between two calls, as LiteRT keeps none. Arrays are flat, in row-major order, with the
 * shapes in model.json.
 */
public final class LiteRTModel implements Model {
  private final Interpreter interpreter;
  private final Map<String, Object> signatures;
  private final Map<String, Integer> rowAxes = new HashMap<>();
  private final int[] strokeSizes;
  private final int[] beamSizes;
  private final int maxTokens;
  private final Hidden hidden; // null for a file of format 1

  /** @param about model.json as read by {@link Json}. */
  public LiteRTModel(Interpreter interpreter, Map<String, Object> about) {
    this.interpreter = interpreter;
    signatures = Json.map(about.get("signatures"));
    Json.map(about.get("row_axes")).forEach((name, axis) -> rowAxes.put(name, Json.integer(axis)));
    strokeSizes = Json.integers(about.get("stroke_sizes"));
    beamSizes = Json.integers(about.get("beam_sizes"));
    maxTokens = Json.integer(about.get("max_tokens"));
    Map<String, Object> facts = Json.map(about.get("hidden"));
    float[] mean = facts == null ? null : floats(Json.numbers(facts.get("mean")));
    hidden = facts == null ? null : new Hidden(mean, (String) facts.get("fingerprint"));
  }

  @Override
  public int maxTokens() {
    return maxTokens;
  }

  @Override
  public int maxStrokes() {
    return strokeSizes[strokeSizes.length - 1];
  }

  @Override
  public int[] beamSizes() {
    return beamSizes;
  }

  @Override
  public Hidden hidden() {
    return hidden;
  }

  @Override
  public float[] stem(float[] points) {
    Map<String, Object> inputs = new HashMap<>();
    inputs.put("points", FloatBuffer.wrap(points));
    return run("stem", inputs).get("stem");
  }

  @Override
  public Encoded encode(List<float[]> stems, float[] boxes) {
    int count = stems.size();
    int size = Arrays.stream(strokeSizes).filter(each -> each >= count).findFirst().orElse(0);
    if (count == 0 || size == 0) {
      throw new IllegalArgumentException(count + " strokes: this model reads 1 to " + strokeSizes[strokeSizes.length - 1]);
    }
    int width = stems.get(0).length;
    float[] strokes = new float[size * width];
    float[] mask = new float[size];
    for (int stroke = 0; stroke < count; stroke++) {
      System.arraycopy(stems.get(stroke), 0, strokes, stroke * width, width);
      mask[stroke] = 1;
    }
    Map<String, Object> inputs = new HashMap<>();
    inputs.put("strokes", FloatBuffer.wrap(strokes));
    inputs.put("boxes", FloatBuffer.wrap(Arrays.copyOf(boxes, 3 * size)));
    inputs.put("mask", FloatBuffer.wrap(mask));
    Map<String, float[]> outputs = run("encode_" + size, inputs);
    return rows -> new Rows("decode_" + size + "x" + rows, rows, mask, outputs);
  }

  /** The caches of all rows, and the encoded ink that they read. */
  private final class Rows implements Decoder {
    private final String signature;
    private final int rows;
    private final Map<String, float[]> ink = new HashMap<>();
    private final Map<String, float[]> caches = new HashMap<>();

    Rows(String signature, int rows, float[] mask, Map<String, float[]> encoded) {
      this.signature = signature;
      this.rows = rows;
      ink.put("mask", mask);
      for (String name : rowAxes.keySet()) caches.put(name, new float[product(shape(signature, "inputs", name), 0)]);
      encoded.forEach((name, array) -> {
        if (name.startsWith("encoded_")) ink.put(name, array);
        else caches.put(name, repeat(array, rows));
      });
    }

    @Override
    public Step decodeStep(int[] tokens, int position) {
      Map<String, Object> inputs = new HashMap<>();
      ink.forEach((name, array) -> inputs.put(name, FloatBuffer.wrap(array)));
      caches.forEach((name, array) -> inputs.put(name, FloatBuffer.wrap(array)));
      inputs.put("tokens", IntBuffer.wrap(tokens));
      inputs.put("position", IntBuffer.wrap(new int[] {position}));
      Map<String, float[]> outputs = run(signature, inputs);
      for (String name : caches.keySet()) {
        Integer axis = rowAxes.get(name);
        if (axis == null) caches.put(name, outputs.get(name));
        else put(caches.get(name), outputs.get(name), shape(signature, "inputs", name), axis, position);
      }
      float[][] vectors = outputs.containsKey("hidden") ? split(outputs.get("hidden"), rows) : null;
      return new Step(split(outputs.get("logits"), rows), split(outputs.get("attention"), rows), vectors);
    }

    @Override
    public void reorder(int[] parents) {
      for (float[] cache : caches.values()) {
        float[] before = cache.clone();
        int length = cache.length / rows;
        for (int row = 0; row < parents.length; row++) {
          if (parents[row] != row) System.arraycopy(before, parents[row] * length, cache, row * length, length);
        }
      }
    }
  }

  private Map<String, float[]> run(String signature, Map<String, Object> inputs) {
    Map<String, float[]> arrays = new HashMap<>();
    Map<String, Object> outputs = new HashMap<>();
    for (String name : Json.map(Json.map(signatures.get(signature)).get("outputs")).keySet()) {
      arrays.put(name, new float[product(shape(signature, "outputs", name), 0)]);
      outputs.put(name, FloatBuffer.wrap(arrays.get(name)));
    }
    interpreter.runSignature(inputs, outputs, signature);
    return arrays;
  }

  private int[] shape(String signature, String side, String name) {
    return Json.integers(Json.map(Json.map(signatures.get(signature)).get(side)).get(name));
  }

  /** Writes the row that a step returned into a row cache, at `position` along its axis. */
  private static void put(float[] cache, float[] row, int[] shape, int axis, int position) {
    int inner = product(shape, axis + 1);
    for (int outer = 0; outer < row.length / inner; outer++) {
      System.arraycopy(row, outer * inner, cache, (outer * shape[axis] + position) * inner, inner);
    }
  }

  private static int product(int[] shape, int from) {
    int product = 1;
    for (int axis = from; axis < shape.length; axis++) product *= shape[axis];
    return product;
  }

  private static float[] repeat(float[] array, int rows) {
    float[] repeated = new float[rows * array.length];
    for (int row = 0; row < rows; row++) System.arraycopy(array, 0, repeated, row * array.length, array.length);
    return repeated;
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) floats[i] = (float) numbers[i];
    return floats;
  }

  private static float[][] split(float[] array, int rows) {
    int length = array.length / rows;
    float[][] split = new float[rows][];
    for (int row = 0; row < rows; row++) split[row] = Arrays.copyOfRange(array, row * length, (row + 1) * length);
    return split;
  }
}
