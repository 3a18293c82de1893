import java.io.File;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.Interpreter;
import tegashiki.Json;
import tegashiki.LiteRTModel;
import tegashiki.Recognizer;
import tegashiki.WriterMemory;

/**
 * Reads the inks of a kit like an app. Writes a line for each candidate: ink, LaTeX, probability, strokeTokens. With the
 * file of a memory as a third argument, it reads with the memory, and writes the file with the keys.
 */
final class ReadInks {
  public static void main(String[] arguments) throws Exception {
    Path kit = Path.of(arguments[0]);
    Map<String, Object> about = json(kit, "model.json");
    LiteRTModel model = new LiteRTModel(new Interpreter(null, new Interpreter.Options()), about);
    Recognizer recognizer = new Recognizer(about, json(kit, "vocabulary.json"), json(kit, "grammar.json"), model);
    if (arguments.length > 2) recognizer.remember(WriterMemory.open(new File(arguments[2]), recognizer));
    try (PrintWriter lines = new PrintWriter(arguments[1], "UTF-8")) {
      for (Object each : Json.list(json(kit, "golden/readings.json").get("readings"))) {
        Map<String, Object> ink = Json.map(each);
        List<Recognizer.Stroke> strokes = new ArrayList<>();
        for (Object stroke : Json.list(ink.get("strokes"))) {
          strokes.add(recognizer.stroke(Json.list(stroke).stream().map(Json::numbers).toArray(double[][]::new)));
        }
        for (Recognizer.Candidate candidate : recognizer.read(strokes, 99)) {
          String strokeTokens = Arrays.toString(candidate.strokeTokens);
          lines.println(String.join("\t", (String) ink.get("ink"), candidate.latex, "" + candidate.probability, strokeTokens));
        }
      }
    }
    if (recognizer.memory() != null) recognizer.memory().save();
  }

  private static Map<String, Object> json(Path kit, String name) throws Exception {
    return Json.map(Json.parse(Files.readString(kit.resolve(name))));
  }
}
