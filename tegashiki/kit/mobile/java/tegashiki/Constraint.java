package tegashiki;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which token may come next: grammar, restricted vocabulary, the room that is left, what the writer has decided. */
public final class Constraint {
  /** Of a sequence, the end token included. */
  final int maxTokens;

  private final Grammar grammar;
  private final boolean[] restrict;
  private final Pin pin;
  private final Set<List<Integer>> refused;
  private final Set<List<Integer>> onTheWay = new HashSet<>();
  private final Map<Integer, Boolean> closable = new HashMap<>(); // by an id that opens something

  /** Where a hypothesis stands. */
  static final class State {
    final Grammar.State grammar;
    final int written; // pinned tokens that it holds
    final List<Integer> ids; // all of it, while it may still become a refused reading, else null

    State(Grammar.State grammar, int written, List<Integer> ids) {
      this.grammar = grammar;
      this.written = written;
      this.ids = ids;
    }
  }

  /** The grammar and nothing else. */
  public Constraint(int maxTokens, Grammar grammar) {
    this(maxTokens, grammar, null, null, Collections.emptyList());
  }

  /**
   * @param restrict (V), the ids that may be used, or null; what could not be closed with them is not opened.
   * @param pin what every result holds, or null.
   * @param refused sequences of ids that are no result.
   */
  public Constraint(
      int maxTokens, Grammar grammar, boolean[] restrict, Pin pin, Collection<List<Integer>> refused) {
    this.maxTokens = maxTokens;
    this.grammar = grammar;
    this.restrict = restrict;
    this.pin = pin;
    this.refused = new HashSet<>(refused);
    for (List<Integer> ids : refused) {
      for (int length = 0; length <= ids.size(); length++) onTheWay.add(ids.subList(0, length));
    }
  }

  State start() {
    return new State(grammar.start(), 0, refused.isEmpty() ? null : Collections.emptyList());
  }

  State advance(State state, int id) {
    List<Integer> ids = null;
    if (state.ids != null) {
      ids = new ArrayList<>(state.ids);
      ids.add(id);
    }
    int written = pin == null ? 0 : pin.advance(state.written, id);
    return new State(grammar.advance(state.grammar, id), written, onTheWay.contains(ids) ? ids : null);
  }

  /** Puts -infinity into the scores (V) of token number `position` where it may not come, the first being 0. */
  void narrow(double[] scores, State state, int position, float[] attention) {
    int room = maxTokens - position - 2; // behind the token, for what closes the formula
    boolean[] allowed = grammar.allowed(state.grammar);
    boolean tight = grammar.longestClosing(state.grammar) > room;
    for (int id = 0; id < scores.length; id++) {
      if (id == Vocabulary.EOS && allowed[id]) continue;
      boolean used = allowed[id] && (restrict == null || restrict[id]);
      boolean fits = used && (!tight || grammar.closingAfter(state.grammar, id) <= room);
      if (!fits) scores[id] = Double.NEGATIVE_INFINITY;
    }
    if (restrict != null) {
      for (int id : grammar.opening(state.grammar)) {
        if (restrict[id] && !canClose(state.grammar, id)) scores[id] = Double.NEGATIVE_INFINITY;
      }
    }
    if (state.ids != null && refused.contains(state.ids)) scores[Vocabulary.EOS] = Double.NEGATIVE_INFINITY;
    if (pin != null) pin.narrow(scores, state.written, attention);
  }

  /** Does the restriction leave a way to the end behind an id that opens something? One answer an id. */
  private boolean canClose(Grammar.State state, int id) {
    if (!closable.containsKey(id)) closable.put(id, reachesEnd(grammar.advance(state, id)));
    return closable.get(id);
  }

  /** Is the shortest way to the end left? They are alike but for the symbols in them. */
  private boolean reachesEnd(Grammar.State state) {
    if (state.closing == 0) return true;
    boolean[] allowed = grammar.allowed(state);
    for (int id = 0; id < allowed.length; id++) {
      if (!allowed[id] || !restrict[id] || grammar.closingAfter(state, id) >= state.closing) continue;
      return reachesEnd(grammar.advance(state, id));
    }
    return false;
  }
}
