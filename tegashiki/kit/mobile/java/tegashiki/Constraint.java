package tegashiki;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Decides which token may come next, by the grammar, the restriction, the length limit and the writer's decisions. */
public final class Constraint {
  /** Length limit of a sequence, including the end token. */
  final int maxTokens;

  private final Grammar grammar;
  private final boolean[] restrict;
  final Pin pin;
  private final Set<List<Integer>> refused;
  private final Set<List<Integer>> onTheWay = new HashSet<>();
  private final Map<Integer, Boolean> closable = new HashMap<>(); // for ids that open a group

  /** The state of a hypothesis. */
  static final class State {
    final Grammar.State grammar;
    final int written; // number of pinned tokens in the hypothesis
    final List<Integer> ids; // its ids while it is a prefix of a refused reading, else null

    State(Grammar.State grammar, int written, List<Integer> ids) {
      this.grammar = grammar;
      this.written = written;
      this.ids = ids;
    }
  }

  /** Makes a constraint by the grammar alone. */
  public Constraint(int maxTokens, Grammar grammar) {
    this(maxTokens, grammar, null, null, Collections.emptyList());
  }

  /**
   * Makes a constraint.
   *
   * @param restrict (V), the allowed ids, or null. Ids whose group could not be closed with them are excluded too.
   * @param pin the accepted reading that every result must contain, or null.
   * @param refused sequences of ids that must not be results.
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

  /** Sets the scores (V) of forbidden tokens to -infinity. `position` is the index of the token, 0 for the first. */
  void narrow(double[] scores, State state, int position, float[] attention) {
    int room = maxTokens - position - 2; // after the token, for the tokens that close the formula
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

  /** Whether the restriction allows to close the group that an id opens. The answer depends on the id only. */
  private boolean canClose(Grammar.State state, int id) {
    if (!closable.containsKey(id)) closable.put(id, reachesEnd(grammar.advance(state, id)));
    return closable.get(id);
  }

  /** Whether a shortest completion is allowed. All shortest completions differ only in their symbols. */
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
