package tegashiki;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Runs the table of grammar.json, which has all rules of the grammar. README.md describes the table. */
public final class Grammar {
  private static final int FORMAT = 1;

  private final Vocabulary vocabulary;
  private final int maxDepth;
  private final int[] classes; // by id, -1 for a token that is never allowed
  private final Action[] actions;
  private final Map<List<Integer>, int[]> rows = new HashMap<>(); // by group, phase and word
  private final Map<List<Integer>, Rules> known = new HashMap<>(); // by group, phase, word, and 1 if the stack is full
  private final State start;
  private final Set<String> closers; // tokens that draw nothing and only close groups
  private final Map<String, Object> restrictions; // tokens of the presets, by name

  /** A position in a formula. */
  public static final class State {
    final int[] groups;
    final int phase;
    final int word;

    /** Smallest number of tokens before the end token may follow. */
    public final int closing;

    State(int[] groups, int phase, int word, int closing) {
      this.groups = groups;
      this.phase = phase;
      this.word = word;
      this.closing = closing;
    }
  }

  private static final class Action {
    final int[] groups;
    final int phase;
    final int word;
    final int change;
    final boolean visible;
    final boolean deepens;

    Action(List<Object> row) {
      groups = Json.integers(row.get(0));
      phase = Json.integer(row.get(1));
      word = Json.integer(row.get(2));
      change = Json.integer(row.get(3));
      visible = (Boolean) row.get(4);
      deepens = (Boolean) row.get(5);
    }
  }

  /** The rules of one kind of state, by token id. */
  private static final class Rules {
    final Action[] actions;
    final boolean[] allowed;
    final List<Integer> opening = new ArrayList<>(); // ids that increase the closing length
    int longestChange = Integer.MIN_VALUE;

    Rules(Action[] actions) {
      this.actions = actions;
      allowed = new boolean[actions.length];
      for (int id = 0; id < actions.length; id++) {
        allowed[id] = actions[id] != null;
        if (!allowed[id]) continue;
        longestChange = Math.max(longestChange, actions[id].change);
        if (actions[id].change > 0) opening.add(id);
      }
    }
  }

  /**
   * Makes a grammar over one vocabulary.
   *
   * @param table grammar.json as read by {@link Json}.
   * @throws IllegalArgumentException if the table has another format.
   */
  public Grammar(Map<String, Object> table, Vocabulary vocabulary) {
    int format = Json.integer(table.get("format"));
    if (format != FORMAT) throw new IllegalArgumentException("the grammar has format " + format + ", expected " + FORMAT);
    this.vocabulary = vocabulary;
    maxDepth = Json.integer(table.get("max_depth"));
    Map<String, Object> tokens = Json.map(table.get("tokens"));
    classes = new int[vocabulary.size()];
    for (int id = 0; id < classes.length; id++) {
      Object found = tokens.get(vocabulary.token(id));
      classes[id] = found == null ? -1 : Json.integer(found);
    }
    actions = Json.list(table.get("actions")).stream().map(row -> new Action(Json.list(row))).toArray(Action[]::new);
    for (Object each : Json.list(table.get("kinds"))) {
      List<Object> kind = Json.list(each);
      rows.put(key(Json.integer(kind.get(0)), Json.integer(kind.get(1)), Json.integer(kind.get(2))), Json.integers(kind.get(3)));
    }
    Map<String, Object> first = Json.map(table.get("start"));
    start = new State(Json.integers(first.get("groups")), 0, 0, Json.integer(first.get("closing_length")));
    closers = new HashSet<>(Json.strings(table.get("closers")));
    restrictions = Json.map(table.get("restrictions"));
  }

  /** Returns the state before the first token. */
  public State start() {
    return start;
  }

  /** Returns a read-only mask (V) of the ids that may follow. The end token may follow only a complete formula. */
  public boolean[] allowed(State state) {
    return rules(state).allowed;
  }

  /** Returns the largest closing length that the next token can lead to. */
  public int longestClosing(State state) {
    return state.closing + rules(state).longestChange;
  }

  /** Returns the allowed ids that increase the closing length. */
  public List<Integer> opening(State state) {
    return rules(state).opening;
  }

  /** Returns the closing length after an allowed id. */
  public int closingAfter(State state, int id) {
    return state.closing + action(state, id).change;
  }

  /** Returns the state after one more token. Throws IllegalArgumentException if the token may not follow. */
  public State advance(State state, int id) {
    Action action = action(state, id);
    int kept = state.groups.length - 1;
    int[] groups = Arrays.copyOf(state.groups, kept + action.groups.length);
    System.arraycopy(action.groups, 0, groups, kept, action.groups.length);
    return new State(groups, action.phase, action.word, state.closing + action.change);
  }

  /** Whether the grammar accepts a complete sequence of ids, given without the end token. */
  public boolean accepts(int[] ids) {
    State state = start;
    for (int id : ids) {
      if (!allowed(state)[id]) return false;
      state = advance(state, id);
    }
    return allowed(state)[Vocabulary.EOS];
  }

  /** Returns the mask (V) of these tokens, the special tokens and the tokens that close groups. */
  public boolean[] only(Collection<String> tokens) {
    Set<String> kept = new HashSet<>(tokens);
    boolean[] mask = new boolean[vocabulary.size()];
    for (int id = 0; id < mask.length; id++) {
      String token = vocabulary.token(id);
      mask[id] = id <= Vocabulary.EOS || kept.contains(token) || closers.contains(token);
    }
    return mask;
  }

  /** Returns the ids (V) that a restriction allows. Throws IllegalArgumentException for unknown tokens. */
  boolean[] restriction(Collection<String> tokens) {
    List<String> missing = new ArrayList<>();
    for (String token : new TreeSet<>(tokens)) if (!vocabulary.has(token)) missing.add("'" + token + "'");
    if (!missing.isEmpty()) {
      String some = missing.stream().limit(5).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          missing.size() + " tokens to restrict to are not in the vocabulary (" + some + "): leave them out");
    }
    if (tokens.isEmpty()) {
      throw new IllegalArgumentException(
          "none of the tokens to restrict to is in the vocabulary: name some, or lift the restriction");
    }
    return only(tokens);
  }

  /** Returns the ids (V) that a preset allows. The vocabulary may lack some of its tokens. */
  boolean[] restriction(String preset) {
    if (!restrictions.containsKey(preset)) {
      String names = restrictions.keySet().stream().sorted().collect(Collectors.joining(", "));
      throw new IllegalArgumentException("no restriction '" + preset + "': choose from " + names);
    }
    List<String> tokens = Json.strings(restrictions.get(preset));
    tokens.removeIf(token -> !vocabulary.has(token));
    return restriction(tokens);
  }

  /** Returns for each token whether a pen draws it. The grammar must accept the sequence. */
  public boolean[] visible(int[] ids) {
    boolean[] visible = new boolean[ids.length];
    State state = start;
    for (int i = 0; i < ids.length; i++) {
      visible[i] = action(state, ids[i]).visible;
      state = advance(state, ids[i]);
    }
    return visible;
  }

  /** Returns the mask (V) of the ids that a pen draws when they stand alone. */
  public boolean[] visibleAlone() {
    boolean[] visible = allowed(start).clone();
    for (int id = 0; id < visible.length; id++) visible[id] = visible[id] && action(start, id).visible;
    return visible;
  }

  private Action action(State state, int id) {
    Action action = rules(state).actions[id];
    if (action == null) throw new IllegalArgumentException(vocabulary.token(id) + " may not follow");
    return action;
  }

  private Rules rules(State state) {
    int group = state.groups[state.groups.length - 1];
    boolean full = state.groups.length >= maxDepth;
    List<Integer> kind = key(group, state.phase, state.word);
    return known.computeIfAbsent(key(group, state.phase, state.word, full ? 1 : 0), key -> rules(rows.get(kind), full));
  }

  private Rules rules(int[] row, boolean full) {
    Action[] byId = new Action[classes.length];
    for (int id = 0; id < byId.length; id++) {
      int index = classes[id] < 0 ? -1 : row[classes[id]];
      byId[id] = index < 0 || (full && actions[index].deepens) ? null : actions[index];
    }
    return new Rules(byId);
  }

  private static List<Integer> key(Integer... numbers) {
    return Arrays.asList(numbers);
  }
}
