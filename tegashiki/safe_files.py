"""Reading and writing files safely.

Files and folders are written in one move, so that a path never holds half of one. A full disk and other failures to
write are reported in one line. Text is read line by line, unpacked where it is compressed.
"""

import contextlib
import lzma
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tegashiki.errors import UserError

# What Linux says; tensorstore hides it within a page of its own words.
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")
_OTHERS = ("Read-only file system", "Permission denied", "Input/output error", "Stale file handle")
SYSTEM = re.compile("|".join(_FULL + _OTHERS))


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give the path of an unfinished file beside `path`, which takes its place at the end.

    Where writing fails the unfinished file goes, an older one at `path` stays, and the OSError names `path`. A link
    stays a link to what is replaced; what is no file, a device or a pipe, is written as it stands.
    """
    with _naming(path):
        if _stands(path):
            yield path
            return
        target = _target(path)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            yield unfinished
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)


def check_output(option: str, path: Path, *others: str | Path | None) -> None:
    """Raise UserError where `atomic_write` could not write `path`, or would lose one of the others, before any work."""
    check_distinct(option, path, *others)
    if _stands(path):
        writable = not path.is_dir() and os.access(path, os.W_OK)
    else:
        folder = _target(path).parent
        writable = folder.is_dir() and os.access(folder, os.W_OK)
    if not writable:
        raise UserError(f"{option} {path} cannot be written: give a file in a folder that exists")


def check_distinct(option: str, path: Path, *others: str | Path | None) -> None:
    """Raise UserError where `path`, given for `option`, is one of the others, whatever that is called."""
    if any(_target(path) == _target(each) for each in others if each):
        raise UserError(f"{option} {path} is another file of this command, which would be lost: give another name")


def _target(path: str | Path) -> Path:
    """Return what `path` is behind all links."""
    return Path(os.path.realpath(path))


def _stands(path: Path) -> bool:
    """Return whether at `path` is something that no file can take the place of."""
    return path.exists() and not path.is_file()


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let an OSError name `path`: that of a full disk names no file, others the unfinished one."""
    try:
        yield
    except OSError as error:
        own = error.filename is None or Path(error.filename).name.startswith(f".{_target(path).name}.")
        if error.errno is None or not own:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give the path of a new folder beside `path`, which takes its place at the end.

    Where making it fails the new folder goes and the old one stays as it was. A process killed between the two moves of
    the end leaves nothing at `path`, until `restore_folder`.
    """
    new, old = _beside(path)
    try:
        yield new
        path.rename(old)
        new.rename(path)
    finally:
        restore_folder(path)


def restore_folder(path: Path) -> None:
    """End what `atomic_folder` began: the old folder returns if `path` is missing, else what is left over goes."""
    new, old = _beside(path)
    if old.exists() and not path.exists():
        old.rename(path)
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)


def _beside(path: Path) -> tuple[Path, Path]:
    """Where a folder's new one is made, and where the old one is between the two moves."""
    return path.with_name(f".{path.name}.new"), path.with_name(f".{path.name}.old")


def iterate_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 text file, unpacked where its name ends in .xz.

    Raises: UserError for a file that is damaged, cut short or no text, once that is reached.
    """
    packed = path.suffix == ".xz"
    opened = lzma.open if packed else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            yield from lines
    except (EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        wanted = "UTF-8 text packed by xz" if packed else "UTF-8 text"
        raise UserError(f"{path} cannot be read ({error}): expected {wanted}") from None


class WriteError(UserError):
    """A run cannot write to its work directory."""


@contextlib.contextmanager
def explain_write_errors(path: Path, *kinds: type[Exception]) -> Iterator[None]:
    """Turn what goes wrong while writing to `path` into a WriteError; OSError, and `kinds` beside it."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not isinstance(error, (OSError, *kinds)):
            raise
        reason = _system_reason(error)
        mended = "make room" if reason in _FULL else "mend that, or name another place"
        raise WriteError(
            f"{path} cannot be written: {reason}. What was saved before is kept: {mended}, then give the same command "
            "again to go on from there"
        ) from error


def _system_reason(error: BaseException) -> str:
    """Return what the system said, however deep within what others said about it."""
    deepest = error
    while not getattr(deepest, "strerror", None) and (deepest.__cause__ or deepest.__context__) is not None:
        deepest = deepest.__cause__ or deepest.__context__  # type: ignore[assignment]
    found = SYSTEM.search(f"{getattr(deepest, 'strerror', None) or ''} {error} {deepest}")
    if found:
        return found.group()
    said = getattr(deepest, "strerror", None) or next(iter(str(error).splitlines()), "") or type(error).__name__
    return said if len(said) <= 300 else f"{said[:100]} ... {said[-200:]}"
