"""Read and write files safely.

Files and folders are written beside their path and then renamed, so that a path never holds half of a file. A full
disk and other write errors are reported in one line. Text files are read line by line and may be compressed.
"""

import contextlib
import lzma
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tegashiki.errors import UserError

# Messages of Linux. tensorstore reports them inside much longer messages of its own.
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")
_OTHERS = ("Read-only file system", "Permission denied", "Input/output error", "Stale file handle")
SYSTEM = re.compile("|".join(_FULL + _OTHERS))


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; at the end the temporary file replaces `path`.

    If writing fails, the temporary file is removed and an existing file at `path` stays. If `path` is a symbolic link,
    the link stays and its target is replaced. Devices and pipes are written directly.

    Args:
        path: The file to write.

    Yields:
        The path to write to.

    Raises:
        OSError: Writing failed; the error names `path` instead of the temporary file.
    """
    with _name_path_in_errors(path):
        if _is_special_file(path):
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
    """Check before any work that `atomic_write` can write `path` without overwriting another file of the command.

    Args:
        option: Name of the command-line option in the error message.
        path: The file that the option names.
        *others: Other files of the same command; None is ignored.

    Raises:
        UserError: `path` cannot be written, or is one of the other files.
    """
    check_distinct(option, path, *others)
    if _is_special_file(path):
        writable = not path.is_dir() and os.access(path, os.W_OK)
    else:
        folder = _target(path).parent
        writable = folder.is_dir() and os.access(folder, os.W_OK)
    if not writable:
        raise UserError(f"{option} {path} cannot be written: give a file in a folder that exists")


def check_distinct(option: str, path: Path, *others: str | Path | None) -> None:
    """Check that `path` is none of the other files, also not by way of a symbolic link.

    Args:
        option: Name of the command-line option in the error message.
        path: The file that the option names.
        *others: Other files of the same command; None is ignored.

    Raises:
        UserError: `path` is one of the other files.
    """
    if any(_target(path) == _target(each) for each in others if each):
        raise UserError(
            f"{option} {path} is another file of this command, which would be overwritten: give another name"
        )


def _target(path: str | Path) -> Path:
    """Return `path` with all symbolic links resolved."""
    return Path(os.path.realpath(path))


def _is_special_file(path: Path) -> bool:
    """Return whether `path` exists and is not a regular file, so that it cannot be replaced by one."""
    return path.exists() and not path.is_file()


@contextlib.contextmanager
def _name_path_in_errors(path: Path) -> Iterator[None]:
    """Make an OSError name `path`; the error of a full disk names no file, others name the temporary one."""
    try:
        yield
    except OSError as error:
        own = error.filename is None or Path(error.filename).name.startswith(f".{_target(path).name}.")
        if error.errno is None or not own:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder path beside `path`; at the end the new folder replaces `path`.

    If an error occurs, the new folder is removed and the old one stays. If the process is killed between the two
    renames at the end, `path` is missing until `restore_folder` is called.

    Args:
        path: The folder to write.

    Yields:
        The path of the new folder, which the caller creates.
    """
    new, old = _temporary_folders(path)
    try:
        yield new
        path.rename(old)
        new.rename(path)
    finally:
        restore_folder(path)


def restore_folder(path: Path) -> None:
    """Clean up after `atomic_folder`: restore the old folder if `path` is missing, and remove temporary folders."""
    new, old = _temporary_folders(path)
    if old.exists() and not path.exists():
        old.rename(path)
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)


def _temporary_folders(path: Path) -> tuple[Path, Path]:
    """Return the paths of the new folder and of the old one between the two renames."""
    return path.with_name(f".{path.name}.new"), path.with_name(f".{path.name}.old")


def iterate_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 text file, which is decompressed if its name ends in `.xz`.

    Raises:
        UserError: The file is damaged, truncated or not text. The error is raised when that place is reached.
    """
    packed = path.suffix == ".xz"
    opened = lzma.open if packed else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            yield from lines
    except (EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        wanted = "UTF-8 text compressed with xz" if packed else "UTF-8 text"
        raise UserError(f"{path} cannot be read ({error}): expected {wanted}") from None


class WriteError(UserError):
    """A run cannot write to its work directory."""


@contextlib.contextmanager
def explain_write_errors(path: Path, *kinds: type[Exception]) -> Iterator[None]:
    """Convert an OSError, or an exception of one of the `kinds`, into a WriteError about `path`.

    Raises:
        WriteError: Writing failed; the message gives the cause and how to continue.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not isinstance(error, (OSError, *kinds)):
            raise
        reason = _system_reason(error)
        remedy = "free some space" if reason in _FULL else "fix that or choose another place"
        raise WriteError(
            f"{path} cannot be written: {reason}. What was saved before is kept: {remedy}, then run the same command "
            "again to continue"
        ) from error


def _system_reason(error: BaseException) -> str:
    """Return the operating system's message from a chain of exceptions, or else the first line of the error."""
    deepest = error
    while not getattr(deepest, "strerror", None) and (deepest.__cause__ or deepest.__context__) is not None:
        deepest = deepest.__cause__ or deepest.__context__  # type: ignore[assignment]
    found = SYSTEM.search(f"{getattr(deepest, 'strerror', None) or ''} {error} {deepest}")
    if found:
        return found.group()
    said = getattr(deepest, "strerror", None) or next(iter(str(error).splitlines()), "") or type(error).__name__
    return said if len(said) <= 300 else f"{said[:100]} ... {said[-200:]}"
