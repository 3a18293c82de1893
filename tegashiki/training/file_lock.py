"""An exclusive lock on an open file, on Linux, macOS and Windows."""

import contextlib
import errno
from collections.abc import Iterator
from typing import IO, Any

fcntl: Any
msvcrt: Any
try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None
try:
    import msvcrt
except ModuleNotFoundError:  # everywhere else
    msvcrt = None


@contextlib.contextmanager
def locked(file: IO) -> Iterator[None]:
    """Hold the lock of a file; it also ends with the process, however that ends.

    Raises:
      BlockingIOError: another process holds it.
      OSError: this file system, or this Python, has no locks.
    """
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield  # closing the file ends it
    elif msvcrt is not None:
        _lock_first_byte(file)
        try:
            yield
        finally:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        raise OSError(errno.ENOLCK, "this Python has no file locks")


def _lock_first_byte(file: IO) -> None:
    """Lock the first byte, which need not be there: Windows locks bytes, not files."""
    file.seek(0)
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except PermissionError as error:
        raise BlockingIOError(error.errno, "another process holds the lock") from error
