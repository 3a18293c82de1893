"""Files and folders written in one move, so that a path never holds half of one."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from tegashiki.errors import UserError


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
