package tegashiki;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One expression after the other that is read while it is being written, each from its first stroke to {@link #commit}.
 *
 * <pre>{@code
 * Session session = new Session(recognizer);
 * session.addStroke(points); // from the thread that has the pen
 * session.stream(5, found -> show(found.readings)); // from another one: the first reading at once, then five
 * }</pre>
 *
 * <p>Any thread may call any method. Those that edit return at once, and supersede a reading that another thread waits
 * for: it ends before its next step. Only that the last stroke grows does not, or nothing would be read while a pen
 * moves: what is read is then of the ink as it was when it was asked for, and says so ({@link Candidates#outdated}).
 *
 * <p>docs/runtime.md of the project has the state machine and the contract of every method. What a caller did wrong is an
 * IllegalArgumentException, and the session then stays as it was.
 */
public final class Session {
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final Recognizer recognizer;
  private final Object lock = new Object(); // guards what follows; held for moments only, never while decoding
  private volatile Moment moment = new Moment(SessionState.EMPTY, null);
  private Deque<SessionState> past = new ArrayDeque<>(); // the last one first
  private Deque<SessionState> future = new ArrayDeque<>(); // the next one first
  private boolean growing; // the last edit added the last stroke, or grew it
  private boolean cut; // commit took a stroke that was growing, and nothing was edited since
  private Map<Recognizer.Candidate, List<SessionState.Stroke>> given = new IdentityHashMap<>(); // and what each is a reading of
  private List<SessionState.Stroke> encodedStrokes; // under the recognizer's lock, as what follows
  private Recognizer.Ink encoded;

  /** Distinct readings of what is written, the likeliest first; none where nothing is. */
  public static final class Candidates {
    /** Not to be written. */
    public final List<Recognizer.Candidate> readings;

    /** What was accepted could not be held: these are the readings without it. */
    public final boolean pinReleased;

    /** Better ones are coming. */
    public final boolean partial;

    /** The last stroke has grown since they were asked for. */
    public final boolean outdated;

    Candidates(List<Recognizer.Candidate> readings, boolean pinReleased, boolean partial, boolean outdated) {
      this.readings = Collections.unmodifiableList(readings);
      this.pinReleased = pinReleased;
      this.partial = partial;
      this.outdated = outdated;
    }
  }

  /** What is written, what may be written, and what was read of it. */
  private static final class Moment {
    final SessionState state;
    final boolean[] restriction; // (V), or null for all
    final AtomicBoolean over; // set by the next edit; that the last stroke grows is none
    final Map<Integer, Found> read; // by the beam's width, under the recognizer's lock

    Moment(SessionState state, boolean[] restriction) {
      this(state, restriction, new AtomicBoolean(), new HashMap<>());
    }

    Moment(SessionState state, boolean[] restriction, AtomicBoolean over, Map<Integer, Found> read) {
      this.state = state;
      this.restriction = restriction;
      this.over = over;
      this.read = read;
    }

    boolean allows(Recognizer.Candidate candidate) {
      return restriction == null || Arrays.stream(candidate.ids).allMatch(id -> restriction[id]);
    }

    /** What is accepted for all of the strokes, where the restriction allows it; else null. */
    Recognizer.Candidate acceptedForAll() {
      return state.accepted != null && state.acceptedStrokes.equals(state.strokes) && allows(state.accepted) ? state.accepted : null;
    }
  }

  private static final class Found {
    final int asked;
    final List<Recognizer.Candidate> readings;
    final boolean released;

    Found(int asked, List<Recognizer.Candidate> readings, boolean released) {
      this.asked = asked;
      this.readings = readings;
      this.released = released;
    }
  }

  /** What commit takes out of a session, and puts back where it cannot be read. */
  private static final class Taken {
    final Moment moment;
    final Deque<SessionState> past;
    final Deque<SessionState> future;
    final Map<Recognizer.Candidate, List<SessionState.Stroke>> given;
    final boolean growing;

    Taken(
        Moment moment,
        Deque<SessionState> past,
        Deque<SessionState> future,
        Map<Recognizer.Candidate, List<SessionState.Stroke>> given,
        boolean growing) {
      this.moment = moment;
      this.past = past;
      this.future = future;
      this.given = given;
      this.growing = growing;
    }
  }

  public Session(Recognizer recognizer) {
    this.recognizer = recognizer;
  }

  // --- strokes

  /** Copies of the strokes as they were given. */
  public List<double[][]> strokes() {
    List<double[][]> strokes = new ArrayList<>();
    for (SessionState.Stroke stroke : moment.state.strokes) strokes.add(copy(stroke.points));
    return strokes;
  }

  /** The accepted reading, until another is, it is rejected or one of its strokes erased; else null. */
  public Recognizer.Candidate accepted() {
    return moment.state.accepted;
  }

  /** The accepted reading where it is one of all that is written, and within the restriction; else null. */
  public Recognizer.Candidate acceptedForAll() {
    return moment.acceptedForAll();
  }

  /** Whether {@link #undo} has something to take back. */
  public boolean canUndo() {
    synchronized (lock) {
      return !past.isEmpty();
    }
  }

  /** Whether {@link #redo} has something to do again. */
  public boolean canRedo() {
    synchronized (lock) {
      return !future.isEmpty();
    }
  }

  /**
   * Adds a stroke.
   *
   * @param points at least one {x, y}, y downwards, in one unit for all strokes.
   * @throws IllegalArgumentException for what is no stroke, and for more strokes or points than can be read.
   */
  public void addStroke(double[][] points) {
    addStrokes(Collections.singletonList(points));
  }

  /** Adds several strokes as one edit, as {@link #addStroke} does. No edit where there are none. */
  public void addStrokes(List<double[][]> strokes) {
    synchronized (lock) {
      SessionState state = moment.state;
      List<SessionState.Stroke> added = checked(strokes, state.strokes);
      if (added.isEmpty()) return;
      edit(state.with(SessionState.joined(state.strokes, added)));
      growing = added.size() == 1;
    }
  }

  /**
   * Writes these strokes in the place of all that is there, as one edit: those of a file, for example. What was accepted
   * and rejected goes. No edit where there are none before and after.
   *
   * @throws IllegalArgumentException as {@link #addStroke}.
   */
  public void replaceStrokes(List<double[][]> strokes) {
    synchronized (lock) {
      List<SessionState.Stroke> added = checked(strokes, Collections.emptyList());
      if (!added.isEmpty() || !moment.state.strokes.isEmpty()) edit(SessionState.EMPTY.with(added));
    }
  }

  /**
   * Puts more points behind the last stroke's: the pen has moved on. {@link #undo} still takes the stroke as a whole,
   * unless something else was edited since it was added; then it takes these points. Behind a {@link #commit} that took
   * the stroke while it grew, the points begin a stroke of the next expression.
   *
   * @throws IllegalArgumentException where there is no stroke, for no points, and for too many.
   */
  public void extendStroke(double[][] points) {
    synchronized (lock) {
      if (cut) {
        addStroke(points);
        return;
      }
      recognizer.checkStroke(points);
      List<SessionState.Stroke> strokes = new ArrayList<>(moment.state.strokes);
      if (strokes.isEmpty()) throw new IllegalArgumentException("there is no stroke to extend: add one first");
      SessionState.Stroke last = strokes.remove(strokes.size() - 1);
      double[][] all = Arrays.copyOf(last.points, last.points.length + points.length);
      System.arraycopy(copy(points), 0, all, last.points.length, points.length);
      recognizer.checkStroke(all);
      strokes.add(new SessionState.Stroke(all, last.number));
      checkPoints(strokes);
      SessionState state = moment.state.with(strokes);
      if (growing) moment = new Moment(state, moment.restriction, moment.over, new HashMap<>());
      else edit(state);
      growing = true;
    }
  }

  /**
   * Takes strokes away as one edit, by their indices in {@link #strokes}; what was accepted of them is released. No edit
   * where no index is given.
   *
   * @throws IllegalArgumentException where one of the strokes is not there.
   */
  public void erase(int... strokeIndices) {
    synchronized (lock) {
      List<SessionState.Stroke> strokes = moment.state.strokes;
      Set<SessionState.Stroke> gone = new HashSet<>();
      for (int index : strokeIndices) {
        if (index < 0 || index >= strokes.size()) {
          throw new IllegalArgumentException("no stroke " + index + ": there are " + strokes.size() + ", counted from 0");
        }
        gone.add(strokes.get(index));
      }
      if (!gone.isEmpty()) edit(moment.state.without(gone));
    }
  }

  /** Takes everything away; {@link #undo} brings it back. No edit where nothing is written. */
  public void clear() {
    replaceStrokes(Collections.emptyList());
  }

  /** Takes the last edit back (a stroke, erasing, clearing, accepting, rejecting); false where there is none. */
  public boolean undo() {
    synchronized (lock) {
      return step(past, future);
    }
  }

  /** Does again what {@link #undo} took back; false where there is nothing, or something was edited since. */
  public boolean redo() {
    synchronized (lock) {
      return step(future, past);
    }
  }

  // --- readings

  /**
   * Reads what is written now; where something is edited meanwhile, what is written then.
   *
   * @param n readings wanted, 1 to the model's widest beam; fewer come back only where the rules admit fewer.
   * @throws IllegalArgumentException for an impossible n.
   * @throws NoReadingException where a restriction leaves nothing to write.
   */
  public Candidates candidates(int n) {
    recognizer.checkCandidates(n);
    return untilCurrent(now -> read(now, n, false));
  }

  /**
   * Reads what is written now, best effort first: one greedy reading (partial), then the n asked for. Ends early, without
   * the last one, where something is edited meanwhile. The first is left out where it would be no quicker: behind a
   * rejection.
   *
   * @param show is called from this thread, which holds no lock then.
   * @throws RuntimeException as {@link #candidates}.
   */
  public void stream(int n, Consumer<Candidates> show) {
    recognizer.checkCandidates(n);
    Moment now = moment;
    Candidates found;
    if (!now.state.strokes.isEmpty() && width(now, true) < width(now, false)) {
      found = unlessOver(now, true, 1);
      if (found == null) return;
      show.accept(new Candidates(found.readings, found.pinReleased, true, found.outdated));
    }
    found = unlessOver(now, false, n);
    if (found != null) show.accept(found);
  }

  /**
   * Lists what a token could be instead: whole readings that differ in it alone, the likeliest first. They can be
   * accepted and rejected as any other.
   *
   * @param tokenIndex into the candidate's tokens.
   * @param candidate one that this session gave for the strokes that are there now; null for the first one.
   * @throws IllegalArgumentException where there is no such token, or no such candidate, also where an edit takes its
   *     strokes away meanwhile.
   */
  public Candidates alternatives(int tokenIndex, Recognizer.Candidate candidate) {
    return untilCurrent(now -> alternatives(now, tokenIndex, candidate));
  }

  /**
   * Writes these tokens only, braces and the end of a table beside them; null for the whole vocabulary. What cannot be
   * closed with them is not opened.
   *
   * @throws IllegalArgumentException for tokens that the vocabulary lacks, and where none is named.
   */
  public void restrict(Collection<String> tokens) {
    boolean[] kept = tokens == null ? null : recognizer.grammar.restriction(tokens);
    synchronized (lock) {
      change(moment.state, kept);
    }
  }

  /** The same by a preset's name, such as "calculator". Throws IllegalArgumentException for an unknown one. */
  public void restrict(String preset) {
    boolean[] kept = preset == null ? null : recognizer.grammar.restriction(preset);
    synchronized (lock) {
      change(moment.state, kept);
    }
  }

  // --- decisions

  /**
   * Pins a reading: from now on all hold its tokens in their order, as far as ink and restriction let them.
   *
   * @throws IllegalArgumentException for a candidate that this session did not give for strokes that are still there.
   */
  public void accept(Recognizer.Candidate candidate) {
    synchronized (lock) {
      SessionState state = moment.state;
      edit(new SessionState(state.strokes, candidate, strokesRead(candidate), state.refused, false));
    }
  }

  /** Keeps a reading from coming back for the same strokes; a pin of the same reading goes. Throws as {@link #accept}. */
  public void reject(Recognizer.Candidate candidate) {
    synchronized (lock) {
      SessionState state = moment.state;
      SessionState.Refusal refusal = new SessionState.Refusal(strokesRead(candidate), Recognizer.boxed(candidate.ids));
      boolean same = state.accepted != null && Arrays.equals(state.accepted.ids, candidate.ids);
      List<SessionState.Refusal> refused = SessionState.joined(state.refused, Collections.singletonList(refusal));
      edit(new SessionState(state.strokes, same ? null : state.accepted, same ? null : state.acceptedStrokes, refused, false));
    }
  }

  /**
   * Ends the expression and hands it over: what was accepted for all of its strokes, else the likeliest reading.
   *
   * <p>The expression is what is written at the call. The session is empty from then on, also while the likeliest reading
   * is still being searched: what arrives meanwhile belongs to the next expression. Nothing of this one can be undone.
   *
   * @throws IllegalArgumentException where nothing is written.
   * @throws NoReadingException as {@link #candidates}. The expression then comes back, before what was written meanwhile.
   */
  public Recognizer.Candidate commit() {
    Taken taken = take();
    boolean done = false;
    try {
      Recognizer.Candidate reading = committed(taken.moment);
      done = true;
      return reading;
    } finally {
      if (!done) putBack(taken);
    }
  }

  // --- edits; under the lock

  private List<SessionState.Stroke> checked(List<double[][]> strokes, List<SessionState.Stroke> beside) {
    List<SessionState.Stroke> added = new ArrayList<>();
    for (double[][] points : strokes) {
      recognizer.checkStroke(points);
      added.add(new SessionState.Stroke(copy(points), NUMBERS.getAndIncrement()));
    }
    int limit = recognizer.maxStrokes();
    if (beside.size() + added.size() > limit) {
      throw new IllegalArgumentException(
          "this model reads at most " + limit + " strokes at once: commit what is written, go on");
    }
    checkPoints(SessionState.joined(beside, added));
    return added;
  }

  private void checkPoints(List<SessionState.Stroke> strokes) {
    int total = strokes.stream().mapToInt(stroke -> stroke.points.length).sum();
    int limit = recognizer.constants.maxPoints;
    if (total > limit) {
      throw new IllegalArgumentException(
          total + " points, the limit is " + limit + ": thin the strokes, or commit and go on");
    }
  }

  private void edit(SessionState state) {
    past.push(moment.state);
    future.clear();
    growing = cut = false;
    change(state, moment.restriction);
  }

  private boolean step(Deque<SessionState> source, Deque<SessionState> other) {
    if (source.isEmpty()) return false;
    other.push(moment.state);
    growing = false;
    change(source.pop(), moment.restriction);
    return true;
  }

  private void change(SessionState state, boolean[] restriction) {
    AtomicBoolean over = moment.over;
    moment = new Moment(state, restriction);
    over.set(true);
  }

  /** Takes the expression out and begins the next one. What is taken is not superseded by what comes after. */
  private Taken take() {
    synchronized (lock) {
      Moment now = moment;
      if (now.state.strokes.isEmpty()) {
        throw new IllegalArgumentException("nothing is written: there is nothing to commit");
      }
      Moment kept = new Moment(now.state, now.restriction, new AtomicBoolean(), now.read);
      Taken taken = new Taken(kept, past, future, given, growing);
      past = new ArrayDeque<>();
      future = new ArrayDeque<>();
      given = new IdentityHashMap<>();
      cut = growing;
      growing = false;
      change(SessionState.EMPTY, now.restriction);
      return taken;
    }
  }

  /** Puts an expression back, before what was written since it was taken out. */
  private void putBack(Taken taken) {
    synchronized (lock) {
      SessionState first = taken.moment.state;
      boolean edited = !past.isEmpty() || !future.isEmpty();
      Deque<SessionState> newer = behind(past, first);
      past = new ArrayDeque<>(taken.past);
      for (Iterator<SessionState> states = newer.descendingIterator(); states.hasNext(); ) past.push(states.next());
      future = edited ? behind(future, first) : taken.future;
      given.putAll(taken.given);
      growing = edited ? growing : taken.growing;
      cut = false;
      change(moment.state.behind(first), moment.restriction);
    }
  }

  private static Deque<SessionState> behind(Deque<SessionState> states, SessionState first) {
    Deque<SessionState> all = new ArrayDeque<>();
    for (SessionState state : states) all.add(state.behind(first));
    return all;
  }

  /** The strokes that a candidate was read from. */
  private List<SessionState.Stroke> strokesRead(Recognizer.Candidate candidate) {
    List<SessionState.Stroke> strokes = given.get(candidate);
    String named = candidate == null ? "null" : candidate.latex;
    if (strokes == null) {
      throw new IllegalArgumentException(named + " is no candidate of this session: ask for candidates first");
    }
    if (!SessionState.numbers(moment.state.strokes).containsAll(SessionState.numbers(strokes))) {
      throw new IllegalArgumentException(named + " was read from strokes that are gone: ask for candidates again");
    }
    return strokes;
  }

  // --- reading

  /** Reads what is written, again where something is edited meanwhile. */
  private <T> T untilCurrent(Function<Moment, T> read) {
    while (true) {
      Moment now = moment;
      try {
        return read.apply(now);
      } catch (RuntimeException error) { // of a reading that nobody wants any more
        if (!now.over.get()) throw error;
      }
    }
  }

  /** What is read of a moment, null where something is edited meanwhile. */
  private Candidates unlessOver(Moment now, boolean greedy, int n) {
    try {
      return read(now, n, greedy);
    } catch (RuntimeException error) {
      if (!now.over.get()) throw error;
      return null;
    }
  }

  /** Reads a moment's state and notes what is handed out. Throws Stopped where something is edited meanwhile. */
  private Candidates read(Moment now, int n, boolean greedy) {
    Found found = found(now, n, greedy);
    return give(now, found.readings.subList(0, Math.min(n, found.readings.size())), found.released);
  }

  private Candidates give(Moment now, List<Recognizer.Candidate> readings, boolean released) {
    synchronized (lock) {
      Stopped.check(now.over::get);
      for (Recognizer.Candidate candidate : readings) given.put(candidate, now.state.strokes);
      return new Candidates(readings, released, false, now != moment);
    }
  }

  /** Reads a moment's state, once. */
  private Found found(Moment now, int n, boolean greedy) {
    synchronized (recognizer) {
      int width = width(now, greedy);
      Found found = now.read.get(width);
      if (found == null || found.asked < n) {
        Stopped.check(now.over::get);
        found = decode(now, n, width);
        now.read.put(width, found);
      }
      return found;
    }
  }

  /** How many hypotheses a reading takes: where one is refused only a beam has others than longer ones. */
  private int width(Moment now, boolean greedy) {
    return greedy && now.state.refusedHere().isEmpty() ? 1 : recognizer.maxCandidates();
  }

  private Found decode(Moment now, int n, int width) {
    SessionState state = now.state;
    if (state.strokes.isEmpty()) return new Found(n, Collections.emptyList(), state.released);
    Recognizer.Ink ink = encode(state);
    List<List<Integer>> refused = state.refusedHere();
    Recognizer.Candidate acceptedForAll = now.acceptedForAll();
    if (state.accepted != null && now.allows(state.accepted)) {
      Pin pin = pin(state);
      // Where greedy search loses the pin, a beam may still hold it.
      for (int tried : new LinkedHashSet<>(Arrays.asList(width, recognizer.maxCandidates()))) {
        Constraint rules = recognizer.rules(now.restriction, pin, refused);
        List<Recognizer.Candidate> held = recognizer.decode(ink, n, tried, rules, now.over::get);
        if (!held.isEmpty()) return new Found(n, first(acceptedForAll, held, n), state.released);
      }
      if (acceptedForAll != null) return new Found(n, Collections.singletonList(acceptedForAll), state.released);
    }
    Constraint rules = recognizer.rules(now.restriction, null, refused);
    List<Recognizer.Candidate> found = recognizer.decode(ink, n, width, rules, now.over::get);
    if (found.isEmpty()) throw new NoReadingException();
    return new Found(n, found, state.released || state.accepted != null);
  }

  /** The reading that an expression is handed over as: here its strokes and its tokens come together. */
  private Recognizer.Candidate committed(Moment taken) {
    Recognizer.Candidate acceptedForAll = taken.acceptedForAll();
    return acceptedForAll == null ? found(taken, 1, false).readings.get(0) : acceptedForAll;
  }

  private Recognizer.Ink encode(SessionState state) {
    if (!state.strokes.equals(encodedStrokes)) {
      List<Recognizer.Stroke> computed = new ArrayList<>();
      for (SessionState.Stroke stroke : state.strokes) {
        if (stroke.computed == null) stroke.computed = recognizer.stroke(stroke.points);
        computed.add(stroke.computed);
      }
      encoded = recognizer.encode(computed);
      encodedStrokes = state.strokes;
    }
    return encoded;
  }

  private Pin pin(SessionState state) {
    Map<Long, Integer> tokenOf = new HashMap<>();
    for (int stroke = 0; stroke < state.acceptedStrokes.size(); stroke++) {
      tokenOf.put(state.acceptedStrokes.get(stroke).number, state.accepted.strokeTokens[stroke]);
    }
    int[] strokeTokens = state.strokes.stream().mapToInt(stroke -> tokenOf.getOrDefault(stroke.number, -1)).toArray();
    return recognizer.pin(state.accepted, strokeTokens);
  }

  private Candidates alternatives(Moment now, int tokenIndex, Recognizer.Candidate candidate) {
    if (candidate != null) {
      synchronized (lock) {
        if (!strokesRead(candidate).equals(now.state.strokes)) {
          throw new IllegalArgumentException(
              "the candidate is no reading of what is written now: ask for candidates again");
        }
      }
    }
    List<Recognizer.Candidate> read = candidate == null ? read(now, 1, false).readings : Collections.singletonList(candidate);
    int length = read.isEmpty() ? 0 : read.get(0).ids.length;
    if (tokenIndex < 0 || tokenIndex >= length) {
      throw new IllegalArgumentException("no token " + tokenIndex + ": the reading has " + length);
    }
    List<Recognizer.Candidate> found;
    synchronized (recognizer) {
      Stopped.check(now.over::get);
      Recognizer.Ink ink = encode(now.state);
      found = recognizer.replaced(ink, read.get(0), tokenIndex, now.restriction, now.state.refusedHere(), now.over::get);
    }
    return give(now, found, false);
  }

  /** Puts what is accepted for just these strokes before all else that would hold it. */
  private static List<Recognizer.Candidate> first(
      Recognizer.Candidate acceptedForAll, List<Recognizer.Candidate> found, int n) {
    if (acceptedForAll == null) return found;
    List<Recognizer.Candidate> all = new ArrayList<>();
    all.add(acceptedForAll);
    for (Recognizer.Candidate other : found) if (!Arrays.equals(other.ids, acceptedForAll.ids)) all.add(other);
    return all.subList(0, Math.min(n, all.size()));
  }

  private static double[][] copy(double[][] points) {
    double[][] copy = new double[points.length][];
    for (int i = 0; i < copy.length; i++) copy[i] = points[i].clone();
    return copy;
  }
}
