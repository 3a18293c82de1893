"""What cannot be written, said in a line: a disk that is full or gone, a limit, a folder that is read-only."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tegashiki.errors import UserError

# What Linux says; tensorstore hides it within a page of its own words.
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")
_OTHERS = ("Read-only file system", "Permission denied", "Input/output error", "Stale file handle")
SYSTEM = re.compile("|".join(_FULL + _OTHERS))


class WriteError(UserError):
    """A run cannot write to its work directory."""


@contextmanager
def explain_write_errors(path: Path, *kinds: type[Exception]) -> Iterator[None]:
    """Turn what goes wrong while writing to `path` into a WriteError; OSError, and `kinds` beside it."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not isinstance(error, (OSError, *kinds)):
            raise
        reason = _reason(error)
        mended = "make room" if reason in _FULL else "mend that, or name another place"
        raise WriteError(
            f"{path} cannot be written: {reason}. What was saved before is kept: {mended}, then give the same command "
            "again to go on from there"
        ) from error


def _reason(error: BaseException) -> str:
    """Return what the system said, however deep within what others said about it."""
    deepest = error
    while not getattr(deepest, "strerror", None) and (deepest.__cause__ or deepest.__context__) is not None:
        deepest = deepest.__cause__ or deepest.__context__  # type: ignore[assignment]
    found = SYSTEM.search(f"{getattr(deepest, 'strerror', None) or ''} {error} {deepest}")
    if found:
        return found.group()
    said = getattr(deepest, "strerror", None) or next(iter(str(error).splitlines()), "") or type(error).__name__
    return said if len(said) <= 300 else f"{said[:100]} ... {said[-200:]}"
