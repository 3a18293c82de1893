package tegashiki;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The memory of a writer: a limited number of inks with their LaTeX, oldest first. Any thread may use it.
 *
 * <pre>{@code
 * WriterMemory memory = WriterMemory.open(file, recognizer); // empty if there is no such file
 * recognizer.remember(memory); // from now on, commit teaches it and writes the file
 * memory.forget("\\frac{a}{b}");
 * memory.save();
 * }</pre>
 *
 * <p>docs/memory.md of the project describes the file, and how a memory changes the readings.
 */
public final class WriterMemory {
  /** The file that {@link #save()} writes, or null. */
  public final File file;

  private final Recognizer recognizer;
  private final int mostTokens;
  private final Object saving = new Object(); // held while a file is written, so that the last one has everything
  private List<Formula> formulas = Collections.emptyList(); // never changed, only replaced
  private int changes;

  /** Makes an empty memory without a file. It can also be used with other recognizers. */
  public WriterMemory(Recognizer recognizer) {
    this(null, recognizer, recognizer.memoryConstants.mostTokens);
  }

  WriterMemory(File file, Recognizer recognizer, int mostTokens) {
    this.file = file;
    this.recognizer = recognizer;
    this.mostTokens = mostTokens;
  }

  /**
   * Reads a memory from its file. It is empty if the file does not exist.
   *
   * @throws MemoryFileException if the file is not a memory, is damaged, or has a newer format.
   * @throws IOException if the file cannot be read.
   */
  public static WriterMemory open(File file, Recognizer recognizer) throws IOException {
    WriterMemory memory = new WriterMemory(file, recognizer, recognizer.memoryConstants.mostTokens);
    if (file.exists()) memory.replace(memory.format().read(file));
    return memory;
  }

  /** Writes the file that the memory was opened from. Throws IllegalArgumentException if there is none. */
  public void save() throws IOException {
    if (file == null) throw new IllegalArgumentException("this memory has no file: say where to save it");
    save(file);
  }

  /** Writes a file. An older one is replaced in one step, or stays unchanged if there is an error. */
  public void save(File target) throws IOException {
    synchronized (saving) {
      MemoryFile.write(target, formulas());
    }
  }

  /** The formulas in the order in which they were learnt, read-only. */
  public synchronized List<Formula> formulas() {
    return formulas;
  }

  /** The number of tokens of all formulas, including end tokens. */
  public int tokens() {
    return total(formulas());
  }

  // --- changes

  /** Remembers an ink with its LaTeX, learnt now while every token could be written; see the other `learn`. */
  public Formula learn(List<double[][]> strokes, String latex) {
    return learn(strokes, latex, null, System.currentTimeMillis() / 1000);
  }

  /**
   * Remembers an ink with its LaTeX. A formula with the same strokes is replaced.
   *
   * @param strokes at least one stroke, each at least one point {x, y}, in any unit.
   * @param latex canonical LaTeX, as a reading has it: {@code x^{2}} instead of {@code x^2}.
   * @param allowed the tokens that could be written when the formula was accepted, or null for all. The formula then
   *     counts only as a choice among these tokens.
   * @param learnt the time of learning in seconds since 1970.
   * @throws IllegalArgumentException if a stroke is invalid, there is none, the LaTeX is empty or not canonical, or it
   *     has more tokens than the memory can hold.
   */
  public Formula learn(List<double[][]> strokes, String latex, Collection<String> allowed, long learnt) {
    for (double[][] stroke : strokes) recognizer.checkStroke(stroke);
    List<String> tokens = Vocabulary.split(latex);
    if (tokens.isEmpty()) throw new IllegalArgumentException("the LaTeX is empty: give the LaTeX of the ink");
    if (recognizer.knows(tokens) && !recognizer.grammar.accepts(recognizer.vocabulary.encode(tokens))) {
      throw new IllegalArgumentException(
          "the LaTeX '" + latex + "' is not canonical: write it like a reading, as in x^{2}");
    }
    if (strokes.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no ink to learn '" + Vocabulary.join(tokens) + "' from: give strokes");
    }
    Formula formula = new Formula(Grid.place(strokes, recognizer.memoryConstants), tokens, learnt, allowed);
    if (formula.size() > mostTokens) {
      throw new IllegalArgumentException(
          formula.size() + " tokens are more than the " + mostTokens + " that this memory holds: learn it in parts");
    }
    synchronized (this) {
      List<Formula> all = without(formulas, formula);
      all.add(formula);
      replace(all);
    }
    return formula;
  }

  /** Removes the formula with an index, from 0. Throws IllegalArgumentException if there is none. */
  public synchronized void forget(int index) {
    if (index < 0 || index >= formulas.size()) throw missing(String.valueOf(index));
    forget(formulas.get(index));
  }

  /**
   * Removes all formulas with this canonical LaTeX.
   *
   * @return how many were removed.
   * @throws IllegalArgumentException if there is none.
   */
  public synchronized int forget(String latex) {
    List<String> tokens = Vocabulary.split(latex);
    List<Formula> kept = new ArrayList<>(formulas);
    kept.removeIf(formula -> formula.tokens.equals(tokens));
    int count = formulas.size() - kept.size();
    if (count == 0) throw missing("'" + latex + "'");
    replace(kept);
    return count;
  }

  /** Removes a formula. Throws IllegalArgumentException if the memory does not have it. */
  public synchronized void forget(Formula formula) {
    List<Formula> kept = new ArrayList<>(formulas);
    if (!kept.remove(formula)) throw missing("'" + formula.latex + "'");
    replace(kept);
  }

  /** Removes all formulas. */
  public synchronized void clear() {
    replace(Collections.emptyList());
  }

  /**
   * Adds the formulas of another memory, ordered by age. For the same strokes, the label learnt last is kept.
   *
   * @return the increase in the number of formulas.
   */
  public int merge(WriterMemory other) {
    List<Formula> others = other.formulas(); // before this memory's lock: two merges must not wait for each other
    synchronized (this) {
      int before = formulas.size();
      List<Formula> sorted = new ArrayList<>(formulas);
      sorted.addAll(others);
      sorted.sort(Comparator.comparingLong(formula -> formula.learnt));
      List<Formula> merged = new ArrayList<>();
      for (Formula formula : sorted) {
        merged = without(merged, formula);
        merged.add(formula);
      }
      replace(merged);
      return formulas.size() - before;
    }
  }

  private IllegalArgumentException missing(String which) {
    return new IllegalArgumentException(
        "no formula " + which + ": the memory has " + formulas.size() + ", numbered from 0");
  }

  private static List<Formula> without(List<Formula> formulas, Formula ink) {
    List<Formula> others = new ArrayList<>(formulas);
    others.removeIf(ink::sameInk);
    return others;
  }

  /** Replaces the formulas, dropping some if they have too many tokens. */
  synchronized void replace(List<Formula> all) {
    formulas = Collections.unmodifiableList(makeRoom(all));
    changes++;
  }

  /** Drops the oldest redundant formula of the older half, or else the oldest one, until the others fit. */
  private List<Formula> makeRoom(List<Formula> all) {
    List<Formula> kept = new ArrayList<>(all);
    for (int total = total(kept); total > mostTokens; ) {
      int gone = 0;
      int half = (kept.size() + 1) / 2;
      while (gone < half && !kept.get(gone).isRedundant()) gone++;
      total -= kept.remove(gone < half ? gone : 0).size();
    }
    return kept;
  }

  private static int total(List<Formula> formulas) {
    return formulas.stream().mapToInt(Formula::size).sum();
  }

  /** The number of changes of the formulas. */
  synchronized int changes() {
    return changes;
  }

  MemoryFile format() {
    return new MemoryFile(recognizer.memoryConstants, recognizer.constants.maxPoints);
  }
}
