package tegashiki;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Checks sessions on several threads, with a model that can wait before one of its steps. Prints a line per check. */
final class SessionThreads {
  private final Path kit;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private SessionThreads(Path kit) {
    this.kit = kit;
  }

  public static void main(String[] arguments) throws Exception {
    SessionThreads checks = new SessionThreads(Path.of(arguments[0]));
    try {
      checks.anEditSupersedes();
      checks.aPenThatMovesDoesNot();
      checks.aCommitTakesWhatIsWrittenAtTheCall();
      checks.manyThreads();
    } finally {
      checks.threads.shutdownNow();
    }
  }

  private void anEditSupersedes() throws Exception {
    Held model = new Held(3);
    Session session = written(model, 2);
    Future<List<String>> reading = later(() -> latex(session.candidates(5).readings));
    model.reached();
    session.addStroke(stroke(2)); // returns while the reading waits
    model.open();
    Held plain = new Held(0);
    same("superseded", get(reading), latex(written(plain, 3).candidates(5).readings));
    same("superseded, steps", model.steps, 3 + plain.steps); // the superseded steps, then those of the new ink
  }

  private void aPenThatMovesDoesNot() throws Exception {
    Held model = new Held(3);
    Session session = written(model, 2);
    Future<Session.Candidates> reading = later(() -> session.candidates(5));
    model.reached();
    session.extendStroke(stroke(2));
    model.open();
    same("grown", latex(get(reading).readings), latex(written(new Held(0), 2).candidates(5).readings));
    same("grown, outdated", get(reading).outdated, true);
  }

  private void aCommitTakesWhatIsWrittenAtTheCall() throws Exception {
    Held model = new Held(1);
    Session session = written(model, 2);
    Future<Recognizer.Candidate> commit = later(session::commit);
    model.reached();
    same("committing, empty", session.strokes().size(), 0);
    session.extendStroke(stroke(2)); // the pen is still down
    session.extendStroke(stroke(3));
    session.addStroke(stroke(4));
    model.open();
    same("committed", get(commit).latex, written(new Held(0), 2).commit().latex);
    same("committed, strokes", session.strokes().size(), 2);
    same("committed, points", session.strokes().get(0).length, 6);
    same("committed, undo", session.undo() && session.undo() && !session.undo(), true);
  }

  private void manyThreads() throws Exception {
    Recognizer recognizer = recognizer(new Held(0));
    List<Session> sessions = List.of(new Session(recognizer), new Session(recognizer));
    List<Future<Object>> working = new ArrayList<>();
    for (int thread = 0; thread < 6; thread++) {
      Random random = new Random(thread);
      Session session = sessions.get(thread % 2);
      working.add(later(() -> work(session, random)));
    }
    for (Future<Object> each : working) get(each);
    for (Session session : sessions) {
      while (session.undo()) continue;
      session.replaceStrokes(List.of(stroke(0), stroke(1)));
      same("many threads", latex(session.candidates(5).readings), latex(written(new Held(0), 2).candidates(5).readings));
    }
  }

  private static Object work(Session session, Random random) {
    for (int i = 0; i < 40; i++) {
      switch (random.nextInt(6)) {
        case 0:
        case 1:
          if (session.strokes().size() < 4) session.addStroke(stroke(random.nextInt(9)));
          break;
        case 2:
          session.undo();
          break;
        case 3:
          session.redo();
          break;
        case 4:
          commit(session);
          break;
        default:
          session.stream(3, found -> {});
          session.candidates(2);
      }
    }
    return null;
  }

  private static void commit(Session session) {
    try {
      session.commit();
    } catch (IllegalArgumentException error) {
      if (!error.getMessage().contains("nothing is written")) throw error;
    }
  }

  private Session written(Held model, int count) throws Exception {
    Session session = new Session(recognizer(model));
    for (int i = 0; i < count; i++) session.addStroke(stroke(i));
    return session;
  }

  private Recognizer recognizer(Model model) throws Exception {
    Map<String, Object> about = new HashMap<>(json("model.json"));
    about.put("calibration", Map.of("temperature", 1.0, "bonus", 0.0, "symbol_cost", 0.0));
    return new Recognizer(about, json("vocabulary.json"), json("grammar.json"), model);
  }

  private Map<String, Object> json(String name) throws Exception {
    return Json.map(Json.parse(Files.readString(kit.resolve(name))));
  }

  private static double[][] stroke(int number) {
    double x = 10 * number, y = number % 2;
    return new double[][] {{x, 10 * y}, {x + 3, 10 - 10 * y}, {x + 6, 2 + 6 * y}};
  }

  private static List<String> latex(List<Recognizer.Candidate> readings) {
    List<String> latex = new ArrayList<>();
    for (Recognizer.Candidate reading : readings) latex.add(reading.latex);
    return latex;
  }

  private <T> Future<T> later(Callable<T> work) {
    return threads.submit(work);
  }

  private static <T> T get(Future<T> result) throws Exception {
    return result.get(60, TimeUnit.SECONDS);
  }

  private static void same(String name, Object found, Object wanted) {
    if (!found.equals(wanted)) throw new IllegalStateException(name + ": " + found + ", wanted " + wanted);
    System.out.println(name);
  }

  /** A formula model that waits before step number `at` until it is opened. */
  private final class Held extends CheckSessions.Interrupted {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    Held(int at) throws Exception {
      super(new Check.FormulaModel(new Vocabulary(Json.strings(json("vocabulary.json").get("tokens"))).size(), 1, 24));
      interrupt(at, this::hold);
    }

    void reached() throws InterruptedException {
      if (!reached.await(60, TimeUnit.SECONDS)) throw new IllegalStateException("nothing is read");
    }

    void open() {
      open.countDown();
    }

    private void hold() {
      reached.countDown();
      try {
        if (!open.await(60, TimeUnit.SECONDS)) throw new IllegalStateException("nobody opens");
      } catch (InterruptedException error) {
        throw new IllegalStateException(error);
      }
    }
  }
}
