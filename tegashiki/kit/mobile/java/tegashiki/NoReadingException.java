package tegashiki;

/** The search found no sequence that obeys the rules of a reading. */
public final class NoReadingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NoReadingException() {
    super("no sequence obeys the grammar, the restriction and the length limit together: lift the restriction");
  }
}
