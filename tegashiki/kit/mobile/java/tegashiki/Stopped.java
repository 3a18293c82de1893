package tegashiki;

import java.util.function.BooleanSupplier;

/** Thrown when a search is stopped on request before it is finished. */
final class Stopped extends RuntimeException {
  private static final long serialVersionUID = 1;

  private Stopped() {
    super("stopped", null, false, false);
  }

  /** Throws Stopped if `stop` returns true. */
  static void check(BooleanSupplier stop) {
    if (stop.getAsBoolean()) throw new Stopped();
  }
}
