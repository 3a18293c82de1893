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
 * Reads expressions while they are being written, one after another, each from its first stroke to {@link #commit}.
 *
 * <pre>{@code
 * Session session = new Session(recognizer);
 * session.addStroke(points); // on the thread that handles the pen
 * session.stream(5, found -> show(found.readings)); // on another thread: first one reading, then five
 * }</pre>
 *
 * <p>Any thread may call any method. Edits return immediately and supersede a reading that another thread waits for,
 * which ends before its next step. Only extending the last stroke does not supersede readings; otherwise nothing could be
 * read while the pen moves. Such a reading is marked as {@link Candidates#outdated}.
 *
 * <p>docs/runtime.md of the project describes the state machine and the contract of every method. A mistake of the caller
 * raises IllegalArgumentException, and the session then stays unchanged.
 */
public final class Session {
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final Recognizer recognizer;
  private final Object lock = new Object(); // guards the fields below; held only briefly, never while decoding
  private volatile Moment moment = new Moment(SessionState.EMPTY, null);
  private Deque<SessionState> past = new ArrayDeque<>(); // newest first
  private Deque<SessionState> future = new ArrayDeque<>(); // next first
  private boolean growing; // whether the last edit added or extended the last stroke
  private boolean cut; // whether commit took a stroke that was growing, without an edit since then
  /** The returned candidates and their strokes. */
  private Map<Recognizer.Candidate, List<SessionState.Stroke>> given = new IdentityHashMap<>();
  private List<SessionState.Stroke> encodedStrokes; // guarded by the recognizer's lock, like the field below
  private Recognizer.Ink encoded;

  /** Distinct readings of the strokes, likeliest first. Empty if there are no strokes. */
  public static final class Candidates {
    /** The readings, read-only. */
    public final List<Recognizer.Candidate> readings;

    /** True if no reading could contain the accepted one. These were then read without it. */
    public final boolean pinReleased;

    /** True if better readings follow. */
    public final boolean partial;

    /** True if the last stroke has grown since the reading began. */
    public final boolean outdated;

    Candidates(List<Recognizer.Candidate> readings, boolean pinReleased, boolean partial, boolean outdated) {
      this.readings = Collections.unmodifiableList(readings);
      this.pinReleased = pinReleased;
      this.partial = partial;
      this.outdated = outdated;
    }
  }

  /** The session's state between two edits, with its restriction and its readings. */
  private static final class Moment {
    final SessionState state;
    final boolean[] restriction; // (V), or null for all
    final AtomicBoolean over; // set by the next edit, except for extending the last stroke
    final Map<Integer, Found> read; // by the beam's width, guarded by the recognizer's lock

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

    /** The accepted reading, if it covers all strokes and the restriction allows it, else null. */
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

  /** The parts of a session that commit takes out, and puts back if reading fails. */
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

  /** Returns copies of the strokes. */
  public List<double[][]> strokes() {
    List<double[][]> strokes = new ArrayList<>();
    for (SessionState.Stroke stroke : moment.state.strokes) strokes.add(copy(stroke.points));
    return strokes;
  }

  /** The accepted reading, until another is accepted, it is rejected, or one of its strokes is erased. Else null. */
  public Recognizer.Candidate accepted() {
    return moment.state.accepted;
  }

  /** The accepted reading, if it covers all strokes and obeys the restriction, else null. */
  public Recognizer.Candidate acceptedForAll() {
    return moment.acceptedForAll();
  }

  /** Whether there is an edit to undo. */
  public boolean canUndo() {
    synchronized (lock) {
      return !past.isEmpty();
    }
  }

  /** Whether there is an edit to redo. */
  public boolean canRedo() {
    synchronized (lock) {
      return !future.isEmpty();
    }
  }

  /**
   * Adds a stroke.
   *
   * @param points at least one point {x, y}. y grows downwards, and all strokes have the same unit.
   * @throws IllegalArgumentException if the stroke is invalid, or there are more strokes or points than the limits.
   */
  public void addStroke(double[][] points) {
    addStrokes(Collections.singletonList(points));
  }

  /** Adds several strokes as one edit; see {@link #addStroke}. An empty list is not an edit. */
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
   * Replaces all strokes as one edit, for example with those of a file. Also discards accepted and rejected readings. It
   * is not an edit if there are no strokes before and after.
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
   * Appends points to the last stroke while the pen moves.
   *
   * <p>{@link #undo} removes the stroke as a whole, or only these points if there was another edit after the stroke was
   * added. If {@link #commit} took the stroke while it was growing, the points begin a stroke of the next expression.
   *
   * @throws IllegalArgumentException if there is no stroke, or there are no points or too many.
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
   * Lets the last stroke take away others if it is a scratch-out or a strike. Call this when the pen is lifted.
   *
   * <p>The gesture and the strokes vanish together, in place of the edit that added the stroke: {@link #undo} brings the
   * strokes back, without the gesture. An accepted reading of one of them is released. After any other edit than adding or
   * extending a single stroke, nothing happens.
   *
   * @return the indices that the strokes had; none if the last stroke is ink.
   */
  public List<Integer> applyGesture() {
    synchronized (lock) {
      if (!growing) return Collections.emptyList();
      List<SessionState.Stroke> strokes = moment.state.strokes;
      List<double[][]> written = new ArrayList<>();
      for (SessionState.Stroke stroke : strokes) written.add(stroke.points);
      List<Integer> taken = recognizer.gestures.struck(written.subList(0, written.size() - 1), written.get(written.size() - 1));
      if (taken.isEmpty()) return taken;
      Set<SessionState.Stroke> gone = new HashSet<>();
      for (int index : taken) gone.add(strokes.get(index));
      gone.add(strokes.get(strokes.size() - 1));
      growing = false;
      change(moment.state.without(gone), moment.restriction);
      return taken;
    }
  }

  /**
   * Erases strokes as one edit, given by their indices in {@link #strokes}. If the accepted reading has one of them, it is
   * released. A call without indices is not an edit.
   *
   * @throws IllegalArgumentException if an index is out of range.
   */
  public void erase(int... strokeIndices) {
    synchronized (lock) {
      Set<SessionState.Stroke> gone = named(strokeIndices);
      if (!gone.isEmpty()) edit(moment.state.without(gone));
    }
  }

  /**
   * Moves strokes as one edit, given by their indices in {@link #strokes}. An accepted reading of some of them and of
   * others is released. A call without indices or without a distance is not an edit.
   *
   * @param dx how far to the right.
   * @param dy how far down.
   * @throws IllegalArgumentException if an index is out of range, or a stroke would come to lie outside the coordinates
   *     allowed.
   */
  public void moveStrokes(int[] strokeIndices, double dx, double dy) {
    synchronized (lock) {
      Set<SessionState.Stroke> moving = named(strokeIndices);
      for (SessionState.Stroke stroke : moving) recognizer.checkStroke(stroke.moved(dx, dy).points);
      if (!moving.isEmpty() && (dx != 0 || dy != 0)) edit(moment.state.moved(moving, dx, dy));
    }
  }

  /** Erases everything as one edit. It is not an edit if there are no strokes. */
  public void clear() {
    replaceStrokes(Collections.emptyList());
  }

  /** Undoes the last edit (adding, erasing, clearing, accepting or rejecting). Returns false if there is none. */
  public boolean undo() {
    synchronized (lock) {
      return step(past, future);
    }
  }

  /** Redoes the last undone edit. Returns false if there is none, or if there was another edit since. */
  public boolean redo() {
    synchronized (lock) {
      return step(future, past);
    }
  }

  // --- readings

  /**
   * Reads the current strokes. If there is an edit meanwhile, reads again after it.
   *
   * @param n number of readings, from 1 to the model's widest beam. Fewer are returned only if the rules allow fewer.
   * @throws IllegalArgumentException if n is out of range.
   * @throws NoReadingException if the restriction allows no reading.
   */
  public Candidates candidates(int n) {
    recognizer.checkCandidates(n);
    return untilCurrent(now -> read(now, n, false));
  }

  /**
   * Reads the current strokes in two steps: first one greedy reading (partial), then n readings.
   *
   * <p>Ends early, without the last step, if there is an edit meanwhile. The greedy reading is left out after a rejection,
   * where it would not be faster.
   *
   * @param show receives the readings. It is called on this thread, without a lock.
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
   * Lists alternatives for a token: complete readings that differ only in this token, likeliest first. They can be
   * accepted and rejected like other readings.
   *
   * @param tokenIndex index in the candidate's tokens.
   * @param candidate a candidate that this session returned for the current strokes, or null for the first one.
   * @throws IllegalArgumentException if the token or the candidate does not exist, or an edit removes the candidate's
   *     strokes meanwhile.
   */
  public Candidates alternatives(int tokenIndex, Recognizer.Candidate candidate) {
    return untilCurrent(now -> alternatives(now, tokenIndex, candidate));
  }

  /**
   * Restricts the tokens of readings. Braces and the end of a table are always allowed. Tokens that open a group are
   * excluded if the restriction does not allow to close it.
   *
   * @param tokens the allowed tokens, or null for all tokens.
   * @throws IllegalArgumentException if a token is not in the vocabulary, or there are no tokens.
   */
  public void restrict(Collection<String> tokens) {
    boolean[] kept = tokens == null ? null : recognizer.grammar.restriction(tokens);
    synchronized (lock) {
      change(moment.state, kept);
    }
  }

  /** Restricts tokens by the name of a preset, such as "calculator". Throws IllegalArgumentException if it is unknown. */
  public void restrict(String preset) {
    boolean[] kept = preset == null ? null : recognizer.grammar.restriction(preset);
    synchronized (lock) {
      change(moment.state, kept);
    }
  }

  // --- decisions

  /**
   * Accepts a reading. Later readings contain its tokens in their order, as far as the ink and the restriction allow.
   *
   * @throws IllegalArgumentException if the candidate is not from this session, or its strokes are gone.
   */
  public void accept(Recognizer.Candidate candidate) {
    synchronized (lock) {
      SessionState state = moment.state;
      edit(new SessionState(state.strokes, candidate, strokesRead(candidate), state.refused, false));
    }
  }

  /** Rejects a reading, so that it is not returned again for the same strokes. Throws as {@link #accept}. */
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
   * Finishes the expression. Returns the reading that was accepted for all of its strokes, else the likeliest reading.
   *
   * <p>If the recognizer has a memory, it learns this reading ({@link Recognizer#remember}).
   *
   * <p>The expression consists of the strokes at the time of the call. The session is empty from then on: later strokes
   * belong to the next expression, even while this one is still being read. Edits of the finished expression cannot be
   * undone.
   *
   * @throws IllegalArgumentException if there are no strokes.
   * @throws NoReadingException as {@link #candidates}. The expression is then restored, before any later strokes.
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

  // --- edits; the caller holds the lock

  /** Throws IllegalArgumentException if an index is not that of one of `count` strokes. */
  static void checkIndices(int[] strokeIndices, int count) {
    for (int index : strokeIndices) {
      if (index < 0 || index >= count) {
        throw new IllegalArgumentException("no stroke " + index + ": there are " + count + ", counted from 0");
      }
    }
  }

  private Set<SessionState.Stroke> named(int[] strokeIndices) {
    List<SessionState.Stroke> strokes = moment.state.strokes;
    Set<SessionState.Stroke> named = new HashSet<>();
    checkIndices(strokeIndices, strokes.size());
    for (int index : strokeIndices) named.add(strokes.get(index));
    return named;
  }

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

  /** Takes the expression out and begins the next one, whose edits do not supersede readings of this one. */
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

  /** Puts an expression back, before the strokes written since it was taken out. */
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

  /** Reads the current strokes. If there is an edit meanwhile, reads again. */
  private <T> T untilCurrent(Function<Moment, T> read) {
    while (true) {
      Moment now = moment;
      try {
        return read.apply(now);
      } catch (RuntimeException error) { // ignored if an edit superseded the reading
        if (!now.over.get()) throw error;
      }
    }
  }

  /** Reads a moment's state, or returns null if there is an edit meanwhile. */
  private Candidates unlessOver(Moment now, boolean greedy, int n) {
    try {
      return read(now, n, greedy);
    } catch (RuntimeException error) {
      if (!now.over.get()) throw error;
      return null;
    }
  }

  /** Reads a moment's state and remembers the candidates. Throws Stopped if there is an edit meanwhile. */
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

  /** Reads a moment's state, or returns its earlier reading. */
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

  /** The beam width of a reading. After a rejection greedy search could only return longer readings. */
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
      // Where greedy search loses the pin, a beam may keep it.
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

  /** Returns the reading of a committed expression, and teaches it to the recognizer's memory. */
  private Recognizer.Candidate committed(Moment taken) {
    Recognizer.Candidate acceptedForAll = taken.acceptedForAll();
    Recognizer.Candidate reading = acceptedForAll == null ? found(taken, 1, false).readings.get(0) : acceptedForAll;
    List<double[][]> strokes = new ArrayList<>();
    for (SessionState.Stroke stroke : taken.state.strokes) strokes.add(stroke.points);
    recognizer.learn(strokes, reading, taken.restriction);
    return reading;
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

  /** Puts the reading that is accepted for exactly these strokes first. */
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
