package tegashiki;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Checks what golden vectors cannot say of a memory: its file, models that cannot learn, threads, many keys. */
final class MemoryChecks {
  private final Path kit;
  private final File folder;

  private MemoryChecks(Path kit, File folder) {
    this.kit = kit;
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    MemoryChecks checks = new MemoryChecks(Path.of(arguments[0]), new File(arguments[1]));
    checks.aFileIsReplacedInOneStep();
    checks.aCommitWritesTheFile();
    checks.aFileThatCannotBeWritten();
    checks.aModelThatCannotLearn();
    checks.latexThatIsNotCanonical();
    checks.keysOfAnotherWidth();
    checks.aMemoryIsAttachedLater();
    checks.manyThreads();
    checks.outlinesLoseNoNeighbour();
  }

  private static void same(String name, Object found, Object wanted) {
    Check.same(name, found, wanted);
    System.out.println(name);
  }

  private Recognizer recognizer(Model model) throws IOException {
    Map<String, Object> frames = json("golden/frames.json");
    return CheckSessions.recognizer(model, null, json("vocabulary.json"), json("grammar.json"), frames);
  }

  private Recognizer recognizer() throws IOException {
    return recognizer(new Check.FormulaModel(Json.list(json("vocabulary.json").get("tokens")).size() + 3, 0, 24));
  }

  private Map<String, Object> json(String name) throws IOException {
    return Json.map(Json.parse(Files.readString(kit.resolve(name))));
  }

  private static List<double[][]> ink(double x) {
    return Collections.singletonList(new double[][] {{0, 0}, {10, 10}, {x, 4}});
  }

  private static String commit(Recognizer recognizer, double x) {
    Session session = new Session(recognizer);
    session.addStrokes(ink(x));
    return session.commit().latex;
  }

  private static List<String> latex(WriterMemory memory) {
    List<String> latex = new ArrayList<>();
    for (Formula formula : memory.formulas()) latex.add(formula.latex);
    return latex;
  }

  private void aFileIsReplacedInOneStep() throws Exception {
    File file = new File(folder, "me.json");
    WriterMemory memory = WriterMemory.open(file, recognizer());
    same("a new file", file.exists() || !memory.formulas().isEmpty(), false);
    memory.learn(ink(1), "x+1");
    memory.save();
    memory.learn(ink(4), "y");
    memory.save();
    same("saved", latex(WriterMemory.open(file, recognizer())), Arrays.asList("x+1", "y"));
    same("no other file", Arrays.asList(folder.list()), Collections.singletonList("me.json"));
    byte[] before = Files.readAllBytes(file.toPath());
    Check.same("seconds", Math.abs(memory.formulas().get(0).learnt - System.currentTimeMillis() / 1000) < 60, true);
    try {
      memory.save(new File(folder, "none/me.json"));
      throw new Check.Mismatch("saved into a folder that does not exist");
    } catch (IOException error) {
      same("not saved", Arrays.equals(before, Files.readAllBytes(file.toPath())), true);
    }
    Files.write(file.toPath(), "{}".getBytes(StandardCharsets.UTF_8));
    try {
      WriterMemory.open(file, recognizer());
      throw new Check.Mismatch("opened a file that is not a memory");
    } catch (MemoryFileException error) {
      same("refused", error.getMessage().startsWith(file + " is not a writer's memory"), true);
    }
  }

  private void aCommitWritesTheFile() throws Exception {
    File file = new File(folder, "learnt.json");
    Recognizer recognizer = recognizer();
    recognizer.remember(WriterMemory.open(file, recognizer));
    String latex = commit(recognizer, 1);
    WriterMemory again = WriterMemory.open(file, recognizer);
    same("committed", latex(again), Collections.singletonList(latex));
    same("committed with keys", again.formulas().get(0).keys.model, "formula 0");
  }

  private void aFileThatCannotBeWritten() throws Exception {
    List<String> logged = new ArrayList<>();
    Logger logger = Logger.getLogger("tegashiki");
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord record) {
        logged.add(record.getMessage());
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    Recognizer recognizer = recognizer();
    recognizer.remember(WriterMemory.open(new File(folder, "gone/me.json"), recognizer));
    String latex = commit(recognizer, 1);
    logger.removeHandler(handler);
    same("committed without a folder", latex(recognizer.memory()), Collections.singletonList(latex));
    same("logged", logged.size() == 1 && logged.get(0).contains(" is not remembered: "), true);
  }

  private void aModelThatCannotLearn() throws Exception {
    Recognizer recognizer = recognizer(new CheckSessions.Interrupted(new Check.FormulaModel(0, 0, 0)) {
      @Override
      public Hidden hidden() {
        return null;
      }
    });
    try {
      recognizer.remember(new WriterMemory(recognizer));
      throw new Check.Mismatch("a model without hidden vectors took a memory");
    } catch (IllegalArgumentException error) {
      String message = "this model cannot learn: only files of format 2 and newer";
      same("cannot learn", error.getMessage().startsWith(message), true);
    }
    same("no memory", recognizer.memory() == null, true);
  }

  /** Python can read `x^2`. Here it is kept in a file without keys, but not learnt. */
  private void latexThatIsNotCanonical() throws Exception {
    Recognizer recognizer = recognizer();
    WriterMemory memory = new WriterMemory(recognizer);
    try {
      memory.learn(ink(1), "x^2");
      throw new Check.Mismatch("learnt x^2");
    } catch (IllegalArgumentException error) {
      String message = "the LaTeX 'x^2' is not canonical: write it like a reading, as in x^{2}";
      same("not canonical", error.getMessage(), message);
    }
    memory.learn(ink(1), "x^{2}");
    String text = MemoryFile.text(memory.formulas()).replace("x^{2}", "x^2");
    memory.replace(memory.format().parse(text.getBytes(StandardCharsets.UTF_8), "me.json"));
    recognizer.remember(memory);
    recognizer.makeKeys();
    same("kept as it is", MemoryFile.text(memory.formulas()), text);
  }

  private void keysOfAnotherWidth() throws Exception {
    Recognizer recognizer = recognizer();
    WriterMemory memory = new WriterMemory(recognizer);
    Formula formula = memory.learn(ink(1), "x");
    formula.keys = new Formula.Keys("formula 0", 3, new byte[6], 0);
    recognizer.remember(memory);
    recognizer.makeKeys();
    same("made again", formula.keys.width, 16);
  }

  private void aMemoryIsAttachedLater() throws Exception {
    Recognizer recognizer = recognizer();
    Session session = new Session(recognizer);
    session.addStrokes(ink(1));
    String before = session.candidates(1).readings.get(0).latex;
    WriterMemory memory = new WriterMemory(recognizer);
    memory.learn(ink(1), "x+1");
    recognizer.remember(memory, false);
    session.replaceStrokes(ink(1));
    String with = session.commit().latex;
    recognizer.remember(null);
    same("with a memory", with.equals(before), false);
    same("taken away", commit(recognizer, 1), before);
    same("learnt nothing", latex(memory), Collections.singletonList("x+1"));
  }

  private void manyThreads() throws Exception {
    Recognizer recognizer = recognizer();
    WriterMemory memory = new WriterMemory(recognizer), other = new WriterMemory(recognizer);
    recognizer.remember(memory);
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> started = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      int first = 8 * thread;
      started.add(threads.submit(() -> {
        for (int i = 0; i < 8; i++) {
          double x = 0.28 * (first + i); // several steps of the grid apart
          if (i % 2 == 0) commit(recognizer, x);
          else memory.learn(ink(x), "x");
          memory.merge(other);
          other.merge(memory);
        }
        return null;
      }));
    }
    for (Future<?> each : started) each.get();
    threads.shutdown();
    same("many threads", memory.formulas().size(), 32);
  }

  /** With many keys around a few centres, the neighbours are those that a comparison with all keys gives. */
  private void outlinesLoseNoNeighbour() throws Exception {
    int width = 64, count = 1200;
    MemoryConstants constants = new MemoryConstants(json("grammar.json"));
    Random random = new Random(1);
    float[][] rows = new float[40][width];
    for (float[] row : rows) for (int i = 0; i < width; i++) row[i] = (float) random.nextGaussian();
    KeySet few = null;
    KeySet.Builder all = new KeySet.Builder();
    List<byte[]> bytes = new ArrayList<>();
    for (int key = 0; key < count; key++) {
      float[] vector = new float[width];
      byte[] quantized = new byte[width];
      for (int i = 0; i < width; i++) vector[i] = rows[key % 50 % 40][i] + (float) (0.7 * random.nextGaussian());
      KeySet.quantize(vector, quantized, 0);
      bytes.add(quantized);
      all.add(quantized, new int[] {key}, null);
      if (key == 700) few = new KeySet(all, constants, null);
    }
    KeySet.Neighbours[] own = new KeySet(all, constants, null).nearest(rows);
    KeySet.Neighbours[] borrowed = new KeySet(all, constants, few).nearest(rows);
    int found = 0;
    for (int row = 0; row < rows.length; row++) {
      List<Integer> near = new ArrayList<>();
      double[] cosines = new double[count];
      for (int key = 0; key < count; key++) {
        cosines[key] = cosine(rows[row], bytes.get(key));
        if (cosines[key] >= constants.leastCosine) near.add(key);
      }
      near.sort((one, other) -> Double.compare(cosines[other], cosines[one]));
      if (near.size() > constants.neighbours) near.subList(constants.neighbours, near.size()).clear();
      for (KeySet.Neighbours each : Arrays.asList(own[row], borrowed[row])) {
        Check.same("neighbours", Recognizer.boxed(Arrays.copyOf(each.keys, each.count)), near);
      }
      found += near.size();
    }
    same("outlines", found > 300, true);
  }

  private static double cosine(float[] row, byte[] key) {
    double product = 0, first = 0, second = 0;
    for (int i = 0; i < key.length; i++) {
      product += row[i] * (double) key[i];
      first += row[i] * (double) row[i];
      second += key[i] * (double) key[i];
    }
    return product / Math.sqrt(first * second);
  }
}
