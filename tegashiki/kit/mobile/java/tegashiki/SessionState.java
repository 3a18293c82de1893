package tegashiki;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The immutable state of a session: its strokes and the writer's decisions. Undo steps are earlier states. */
final class SessionState {
  static final SessionState EMPTY = new SessionState(Collections.emptyList(), null, null, Collections.emptyList(), false);

  final List<Stroke> strokes;
  final Recognizer.Candidate accepted; // or null
  final List<Stroke> acceptedStrokes; // the strokes of the accepted reading
  final List<Refusal> refused;
  final boolean released;

  SessionState(
      List<Stroke> strokes,
      Recognizer.Candidate accepted,
      List<Stroke> acceptedStrokes,
      List<Refusal> refused,
      boolean released) {
    this.strokes = strokes;
    this.accepted = accepted;
    this.acceptedStrokes = acceptedStrokes;
    this.refused = refused;
    this.released = released;
  }

  SessionState with(List<Stroke> strokes) {
    return new SessionState(strokes, accepted, acceptedStrokes, refused, false);
  }

  /** Returns the state without some strokes. An accepted reading of them is released. */
  SessionState without(Set<Stroke> gone) {
    Set<Long> numbers = numbers(gone);
    boolean lost = accepted != null && acceptedStrokes.stream().anyMatch(stroke -> numbers.contains(stroke.number));
    List<Stroke> left = new ArrayList<>(strokes);
    left.removeAll(gone);
    return new SessionState(left, lost ? null : accepted, lost ? null : acceptedStrokes, refused, lost);
  }

  /** Returns the state with some strokes moved. An accepted reading of some of them and of others is released. */
  SessionState moved(Set<Stroke> moving, double dx, double dy) {
    List<Stroke> moved = new ArrayList<>();
    for (Stroke stroke : strokes) moved.add(moving.contains(stroke) ? stroke.moved(dx, dy) : stroke);
    Set<Long> numbers = numbers(moving);
    long together = accepted == null ? 0 : acceptedStrokes.stream().filter(one -> numbers.contains(one.number)).count();
    boolean torn = accepted != null && together > 0 && together < acceptedStrokes.size();
    return new SessionState(moved, torn ? null : accepted, torn ? null : acceptedStrokes, refused, torn);
  }

  /** Combines two states: the strokes and decisions of `first`, followed by those of this one. */
  SessionState behind(SessionState first) {
    SessionState decided = accepted == null ? first : this;
    List<Refusal> both = joined(first.refused, refused);
    return new SessionState(joined(first.strokes, strokes), decided.accepted, decided.acceptedStrokes, both, released);
  }

  /** The ids of readings that were rejected for exactly these strokes. */
  List<List<Integer>> refusedHere() {
    List<List<Integer>> here = new ArrayList<>();
    for (Refusal one : refused) if (one.strokes.equals(strokes)) here.add(one.ids);
    return here;
  }

  /** An immutable stroke. A stroke that grows or moves is replaced by a new one with the same number. */
  static final class Stroke {
    final long number; // unique for each stroke; stays the same when the stroke grows or moves
    final double[][] points;
    Recognizer.Stroke computed; // set by the first reading, guarded by the recognizer's lock

    Stroke(double[][] points, long number) {
      this.points = points;
      this.number = number;
    }

    Stroke moved(double dx, double dy) {
      double[][] moved = new double[points.length][];
      for (int i = 0; i < moved.length; i++) moved[i] = new double[] {points[i][0] + dx, points[i][1] + dy};
      return new Stroke(moved, number);
    }
  }

  /** The ids of a rejected reading and its strokes. */
  static final class Refusal {
    final List<Stroke> strokes;
    final List<Integer> ids;

    Refusal(List<Stroke> strokes, List<Integer> ids) {
      this.strokes = strokes;
      this.ids = ids;
    }
  }

  static Set<Long> numbers(Collection<Stroke> strokes) {
    Set<Long> numbers = new HashSet<>();
    for (Stroke stroke : strokes) numbers.add(stroke.number);
    return numbers;
  }

  static <T> List<T> joined(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
