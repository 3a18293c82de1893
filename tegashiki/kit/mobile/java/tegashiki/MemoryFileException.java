package tegashiki;

import java.io.IOException;

/** A file that is not a memory, is damaged, or has a newer format. */
public final class MemoryFileException extends IOException {
  private static final long serialVersionUID = 1;

  MemoryFileException(String message) {
    super(message);
  }
}
