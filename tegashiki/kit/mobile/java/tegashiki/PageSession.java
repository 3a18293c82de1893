package tegashiki;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Reads pages of several lines, one after the other, each from its first stroke to {@link #commit}: one session for each
 * line.
 *
 * <pre>{@code
 * PageSession page = new PageSession(recognizer, true);
 * page.addStroke(points); // on the thread that handles the pen: the stroke finds its line, or begins one
 * page.line().stream(5, found -> show(found.readings)); // on another thread: readings of the current line
 * }</pre>
 *
 * <p>A reading of a line is kept until the line changes, so a long page costs what its last line costs. Edits go through
 * this class and not through the sessions of its lines: only then can they be undone in their order. Any thread may call
 * any method.
 *
 * <p>docs/runtime.md of the project describes the contract of every method. A mistake of the caller raises
 * IllegalArgumentException, and the page then stays unchanged.
 */
public final class PageSession {
  private static final Layout EMPTY = new Layout(Collections.emptyList(), -1);

  private final Recognizer recognizer;
  private final Session empty; // the current line of an empty page
  private final Object lock = new Object(); // guards the fields below; held only briefly, never while decoding
  private volatile Layout layout = EMPTY;
  private boolean automatic;
  private boolean begins; // whether the next stroke begins a line
  private Consumer<Session> restriction = session -> {};
  private List<Session> edited = new ArrayList<>(); // by the edit that is being made
  private double[][] single; // the stroke that the last edit added, null if it added none or several
  private List<double[][]> written = Collections.emptyList(); // the strokes before it
  private Deque<Edit> past = new ArrayDeque<>(); // newest first
  private Deque<Edit> future = new ArrayDeque<>(); // next first

  /** The reading of a page. */
  public static final class Reading {
    /** All lines as one formula. */
    public final String latex;

    /** The reading of each line from the top, read-only. */
    public final List<Recognizer.Candidate> lines;

    Reading(List<Recognizer.Candidate> lines) {
      List<List<String>> tokens = new ArrayList<>();
      for (Recognizer.Candidate line : lines) tokens.add(line.tokens);
      latex = Rows.toLatex(tokens);
      this.lines = Collections.unmodifiableList(lines);
    }
  }

  /** The lines from the top, and the index of the one that was written last, -1 for none. */
  private static final class Layout {
    final List<Session> lines;
    final int current;

    Layout(List<Session> lines, int current) {
      this.lines = Collections.unmodifiableList(lines);
      this.current = current;
    }

    /** This layout below the lines of another one. */
    Layout below(Layout first) {
      List<Session> all = new ArrayList<>(first.lines);
      all.addAll(lines);
      return new Layout(all, current < 0 ? first.current : current + first.lines.size());
    }
  }

  /** An edit: the layouts before and after it, and the sessions that it edited, in this order. */
  private static final class Edit {
    final Layout before;
    final Layout after;
    final List<Session> edited;

    Edit(Layout before, Layout after, List<Session> edited) {
      this.before = before;
      this.after = after;
      this.edited = edited;
    }

    Edit below(Layout first) {
      return new Edit(before.below(first), after.below(first), edited);
    }
  }

  /**
   * Begins a page.
   *
   * @param automatic whether strokes begin lines by where they are; otherwise only {@link #beginLine} does.
   */
  public PageSession(Recognizer recognizer, boolean automatic) {
    this.recognizer = recognizer;
    this.automatic = automatic;
    empty = new Session(recognizer);
  }

  /** Sets whether strokes begin lines by where they are. */
  public void setAutomatic(boolean automatic) {
    synchronized (lock) {
      this.automatic = automatic;
    }
  }

  // --- what is there

  /** The sessions of the lines from the top. They can be read; only the page edits them. */
  public List<Session> lines() {
    return layout.lines;
  }

  /** The index of the line that was written or chosen last, -1 on an empty page. */
  public int current() {
    return layout.current;
  }

  /** The session of the current line, an empty one on an empty page. */
  public Session line() {
    Layout now = layout;
    return now.current < 0 ? empty : now.lines.get(now.current);
  }

  /** Returns copies of the strokes of all lines, line by line from the top. */
  public List<double[][]> strokes() {
    List<double[][]> strokes = new ArrayList<>();
    for (Session line : layout.lines) strokes.addAll(line.strokes());
    return strokes;
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

  // --- strokes

  /**
   * Adds a stroke that is complete: where it belongs is known only then.
   *
   * @param points at least one point {x, y}. y grows downwards, and all strokes have the same unit.
   * @throws IllegalArgumentException if the stroke is invalid, or its line has too many strokes.
   */
  public void addStroke(double[][] points) {
    addStrokes(Collections.singletonList(points));
  }

  /** Adds several strokes in the order of writing, as one edit; see {@link #addStroke}. An empty list is not an edit. */
  public void addStrokes(List<double[][]> strokes) {
    for (double[][] points : strokes) recognizer.checkStroke(points);
    if (strokes.isEmpty()) return;
    synchronized (lock) {
      List<double[][]> before = strokes();
      edit(() -> strokes.forEach(this::add));
      single = strokes.size() == 1 ? strokes.get(0) : null;
      written = before;
    }
  }

  /**
   * Replaces everything by strokes in the order of writing, such as those of a file, as one edit. It is not an edit if
   * there are no strokes before and after.
   *
   * @throws IllegalArgumentException as {@link #addStroke}.
   */
  public void replaceStrokes(List<double[][]> strokes) {
    for (double[][] points : strokes) recognizer.checkStroke(points);
    synchronized (lock) {
      if (strokes.isEmpty() && layout.lines.isEmpty()) return;
      edit(() -> {
        layout = EMPTY;
        strokes.forEach(this::add);
      });
    }
  }

  /**
   * Replaces everything by lines, from the top, each given by its strokes, as one edit. Empty lines are left out. It is
   * not an edit if there are no strokes before and after.
   *
   * @throws IllegalArgumentException as {@link #addStroke}.
   */
  public void replaceLines(List<List<double[][]>> lines) {
    for (List<double[][]> line : lines) for (double[][] points : line) recognizer.checkStroke(points);
    synchronized (lock) {
      if (lines.stream().allMatch(List::isEmpty) && layout.lines.isEmpty()) return;
      edit(() -> {
        List<Session> begun = new ArrayList<>();
        for (List<double[][]> line : lines) {
          if (line.isEmpty()) continue;
          Session session = begun();
          write(session, line);
          begun.add(session);
        }
        layout = new Layout(begun, begun.size() - 1);
      });
    }
  }

  /**
   * Erases strokes as one edit, given by their indices in {@link #strokes}. A line without strokes is gone. A call without
   * indices is not an edit.
   *
   * @throws IllegalArgumentException if an index is out of range.
   */
  public void erase(int... strokeIndices) {
    synchronized (lock) {
      Set<Integer> indices = checked(strokeIndices);
      if (!indices.isEmpty()) edit(() -> eraseAll(indices));
    }
  }

  /**
   * Lets the last stroke take away others, in whichever line, if it is a scratch-out or a strike. As of {@link
   * Session#applyGesture}. Returns the indices in {@link #strokes} that they had, none if the last stroke is ink.
   */
  public List<Integer> applyGesture() {
    synchronized (lock) {
      if (single == null) return Collections.emptyList();
      List<Integer> taken = recognizer.gestures.struck(written, single);
      if (taken.isEmpty()) return taken;
      undo();
      erase(taken.stream().mapToInt(Integer::intValue).toArray());
      return taken;
    }
  }

  /** Moves strokes as one edit. They stay in their lines. Throws as {@link Session#moveStrokes}. */
  public void moveStrokes(int[] strokeIndices, double dx, double dy) {
    synchronized (lock) {
      Set<Integer> indices = checked(strokeIndices);
      List<double[][]> strokes = strokes();
      for (int index : indices) {
        double[][] moved = strokes.get(index);
        for (double[] point : moved) {
          point[0] += dx;
          point[1] += dy;
        }
        recognizer.checkStroke(moved);
      }
      if (!indices.isEmpty() && (dx != 0 || dy != 0)) {
        edit(() -> inLines(indices, (line, here) -> line.moveStrokes(here, dx, dy)));
      }
    }
  }

  private Set<Integer> checked(int[] strokeIndices) {
    Session.checkIndices(strokeIndices, strokes().size());
    Set<Integer> indices = new HashSet<>();
    for (int index : strokeIndices) indices.add(index);
    return indices;
  }

  /** Erases everything as one edit. It is not an edit if there are no strokes. */
  public void clear() {
    synchronized (lock) {
      int[] all = new int[strokes().size()];
      for (int i = 0; i < all.length; i++) all[i] = i;
      erase(all);
    }
  }

  /** Lets the next stroke begin a new line below the current one. This is not an edit. */
  public void beginLine() {
    synchronized (lock) {
      begins = layout.current >= 0;
    }
  }

  /**
   * Makes a line the current one. This is not an edit.
   *
   * @throws IllegalArgumentException if there is no such line.
   */
  public void goTo(int line) {
    synchronized (lock) {
      List<Session> lines = layout.lines;
      if (line < 0 || line >= lines.size()) {
        throw new IllegalArgumentException("no line " + line + ": there are " + lines.size() + ", counted from 0");
      }
      layout = new Layout(lines, line);
      begins = false;
    }
  }

  /**
   * Makes the current line one with the line above it, as one edit.
   *
   * @throws IllegalArgumentException if there is no line above, or both have more strokes than the model reads.
   */
  public void joinLine() {
    synchronized (lock) {
      int current = layout.current;
      if (current < 1) throw new IllegalArgumentException("there is no line above the current one to join it to");
      edit(() -> join(current - 1, Collections.singletonList(current), Collections.emptyList()));
    }
  }

  /** Undoes the last edit, in whichever line it was. Returns false if there is none. */
  public boolean undo() {
    synchronized (lock) {
      Edit edit = past.poll();
      if (edit == null) return false;
      for (int i = edit.edited.size() - 1; i >= 0; i--) edit.edited.get(i).undo();
      future.push(edit);
      layout = edit.before;
      begins = false;
      single = null;
      return true;
    }
  }

  /** Redoes the last undone edit. Returns false if there is none, or if there was another edit since. */
  public boolean redo() {
    synchronized (lock) {
      Edit edit = future.poll();
      if (edit == null) return false;
      for (Session session : edit.edited) session.redo();
      past.push(edit);
      layout = edit.after;
      begins = false;
      single = null;
      return true;
    }
  }

  // --- decisions

  /** Accepts a reading of the current line. Throws as {@link Session#accept}. */
  public void accept(Recognizer.Candidate candidate) {
    decide(line -> line.accept(candidate));
  }

  /** Rejects a reading of the current line. Throws as {@link Session#reject}. */
  public void reject(Recognizer.Candidate candidate) {
    decide(line -> line.reject(candidate));
  }

  /** Restricts the tokens of all lines, those to come included. Throws as {@link Session#restrict(Collection)}. */
  public void restrict(Collection<String> tokens) {
    restrictAll(session -> session.restrict(tokens));
  }

  /** Restricts the tokens of all lines, those to come included, by the name of a preset. Throws if it is unknown. */
  public void restrict(String preset) {
    restrictAll(session -> session.restrict(preset));
  }

  private void restrictAll(Consumer<Session> restrict) {
    synchronized (lock) {
      restrict.accept(empty);
      restriction = restrict;
      Set<Session> lines = new HashSet<>(layout.lines);
      for (Deque<Edit> edits : Arrays.asList(past, future)) {
        for (Edit edit : edits) {
          lines.addAll(edit.before.lines);
          lines.addAll(edit.after.lines);
        }
      }
      lines.forEach(restrict);
    }
  }

  // --- readings

  /**
   * Returns the likeliest reading of every line, the accepted one where there is one, and their formula. Only lines that
   * have changed since their last reading are read.
   *
   * @throws NoReadingException if the restriction allows no reading of a line.
   */
  public Reading read() {
    return read(layout.lines);
  }

  /**
   * Finishes the page. Returns what {@link #read} returns, and lets the recognizer learn it. Edits cannot be undone then.
   *
   * <p>The page is empty from the call on: later strokes belong to the next page.
   *
   * @throws IllegalArgumentException if there are no strokes.
   * @throws NoReadingException as {@link #read}. The page is then restored, above any lines written meanwhile.
   */
  public Reading commit() {
    Layout taken;
    Deque<Edit> takenPast, takenFuture;
    synchronized (lock) {
      taken = layout;
      if (taken.lines.isEmpty()) throw new IllegalArgumentException("nothing is written: there is nothing to commit");
      takenPast = past;
      takenFuture = future;
      layout = EMPTY;
      begins = false;
      single = null;
      past = new ArrayDeque<>();
      future = new ArrayDeque<>();
    }
    boolean done = false;
    Reading reading;
    try {
      reading = read(taken.lines);
      done = true;
    } finally {
      if (!done) putBack(taken, takenPast, takenFuture);
    }
    for (Session line : taken.lines) line.commit();
    return reading;
  }

  private static Reading read(List<Session> lines) {
    List<Recognizer.Candidate> readings = new ArrayList<>();
    for (Session line : lines) {
      Recognizer.Candidate accepted = line.acceptedForAll();
      readings.add(accepted == null ? line.candidates(1).readings.get(0) : accepted);
    }
    return new Reading(readings);
  }

  // --- edits

  /** Makes an edit. If it throws, what it has done is undone, and the steps to redo are gone if it had begun. */
  private void edit(Runnable change) {
    synchronized (lock) {
      Layout before = layout;
      boolean began = begins, done = false;
      edited = new ArrayList<>();
      try {
        change.run();
        done = true;
      } finally {
        if (!done) {
          for (int i = edited.size() - 1; i >= 0; i--) edited.get(i).undo();
          if (!edited.isEmpty()) future.clear();
          layout = before;
          begins = began;
        }
      }
      past.push(new Edit(before, layout, edited));
      future.clear();
      begins = false;
      single = null;
    }
  }

  private void decide(Consumer<Session> decide) {
    edit(() -> {
      Session line = line();
      decide.accept(line);
      edited.add(line);
    });
  }

  /** Adds a stroke where it belongs. */
  private void add(double[][] points) {
    List<Session> lines = new ArrayList<>(layout.lines);
    Lines.Place place = place(points);
    begins = false;
    if (!place.joined.isEmpty()) {
      join(place.line, place.joined, Collections.singletonList(points));
      return;
    }
    List<double[][]> strokes = new ArrayList<>();
    if (place.moved > 0) strokes.addAll(cutOff(lines.get(place.line - 1), place.moved));
    strokes.add(points);
    if (place.isNew) lines.add(place.line, begun());
    write(lines.get(place.line), strokes);
    layout = new Layout(lines, place.line);
  }

  private Lines.Place place(double[][] points) {
    int current = layout.current;
    if (current < 0) return new Lines.Place(0, true);
    if (begins) return new Lines.Place(current + 1, true);
    if (!automatic) return new Lines.Place(current, false);
    List<List<Lines.Box>> boxes = new ArrayList<>();
    for (Session line : layout.lines) {
      List<Lines.Box> own = new ArrayList<>();
      for (double[][] stroke : line.strokes()) own.add(Lines.Box.of(stroke));
      boxes.add(own);
    }
    return recognizer.lines.place(boxes, Lines.Box.of(points), current);
  }

  /** Returns a session for a new line. */
  private Session begun() {
    Session session = new Session(recognizer);
    restriction.accept(session);
    return session;
  }

  private void write(Session session, List<double[][]> strokes) {
    session.addStrokes(strokes);
    edited.add(session);
  }

  /** Takes the last strokes out of a line and returns them. */
  private List<double[][]> cutOff(Session session, int count) {
    List<double[][]> strokes = session.strokes();
    int first = strokes.size() - count;
    int[] indices = new int[count];
    for (int i = 0; i < count; i++) indices[i] = first + i;
    session.erase(indices);
    edited.add(session);
    return strokes.subList(first, strokes.size());
  }

  /** Adds the strokes of other lines, and further ones, to a line. */
  private void join(int line, List<Integer> others, List<double[][]> strokes) {
    List<Session> lines = layout.lines, left = new ArrayList<>();
    List<double[][]> added = new ArrayList<>();
    for (int other : others) added.addAll(lines.get(other).strokes());
    added.addAll(strokes);
    write(lines.get(line), added);
    for (int i = 0; i < lines.size(); i++) if (!others.contains(i)) left.add(lines.get(i));
    layout = new Layout(left, line);
  }

  /** Edits the lines that have some of the strokes, each with the indices of its own. */
  private void inLines(Set<Integer> indices, BiConsumer<Session, int[]> edit) {
    int start = 0;
    for (Session line : layout.lines) {
      List<Integer> here = new ArrayList<>();
      int count = line.strokes().size();
      for (int stroke = 0; stroke < count; stroke++) if (indices.contains(start + stroke)) here.add(stroke);
      start += count;
      if (here.isEmpty()) continue;
      edit.accept(line, here.stream().mapToInt(Integer::intValue).toArray());
      edited.add(line);
    }
  }

  private void eraseAll(Set<Integer> indices) {
    inLines(indices, Session::erase);
    List<Session> left = new ArrayList<>();
    int before = 0;
    for (int i = 0; i < layout.lines.size(); i++) {
      Session line = layout.lines.get(i);
      if (line.strokes().isEmpty()) continue;
      left.add(line);
      if (i < layout.current) before++;
    }
    layout = new Layout(left, Math.min(before, left.size() - 1));
  }

  /** Puts a page back, above the lines that were written since it was taken out. */
  private void putBack(Layout first, Deque<Edit> takenPast, Deque<Edit> takenFuture) {
    synchronized (lock) {
      boolean changed = !past.isEmpty() || !future.isEmpty();
      Deque<Edit> all = new ArrayDeque<>(), next = new ArrayDeque<>();
      for (Edit edit : past) all.add(edit.below(first));
      all.addAll(takenPast);
      for (Edit edit : future) next.add(edit.below(first));
      past = all;
      future = changed ? next : takenFuture;
      layout = layout.below(first);
    }
  }
}
