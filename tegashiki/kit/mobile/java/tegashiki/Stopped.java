package tegashiki;

import java.util.function.BooleanSupplier;

/** A search was told to stop before it was done. No error: it was asked for. */
final class Stopped extends RuntimeException {
  private static final long serialVersionUID = 1;

  private Stopped() {
    super("stopped", null, false, false);
  }

  /** Throws where it is time to stop. */
  static void check(BooleanSupplier stop) {
    if (stop.getAsBoolean()) throw new Stopped();
  }
}
