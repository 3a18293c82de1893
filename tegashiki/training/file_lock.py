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
except ModuleNotFoundError:  # all other systems
    msvcrt = None


@contextlib.contextmanager
def locked(file: IO) -> Iterator[None]:
    """Hold the lock of a file. The system also releases it when the process ends, even if it is killed.

    Args:
        file: An open file.

    Raises:
        BlockingIOError: Another process holds the lock.
        OSError: The file system or Python does not support locks.
    """
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield  # closing the file releases the lock
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
    """Lock the first byte, which does not have to exist: Windows locks ranges of bytes instead of files."""
    file.seek(0)
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except PermissionError as error:
        raise BlockingIOError(error.errno, "another process holds the lock") from error
