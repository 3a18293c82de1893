package tegashiki;

/** No sequence obeys the rules of a reading, or none that the search came by. */
public final class NoReadingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NoReadingException() {
    super("no sequence obeys the grammar, the restriction and the length limit together: lift the restriction");
  }
}
