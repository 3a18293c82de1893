"""Files and folders written in one move, so that a path never holds half of one."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the path of an unfinished file beside `path`, which takes its place at the end.

    Where writing fails the unfinished file goes and an older one at `path` stays.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give the path of a new folder beside `path`, which takes its place at the end.

    Where making it fails the new folder goes and the old one stays as it was. A process killed between the two moves of
    the end leaves nothing at `path`, until `put_back`.
    """
    new, old = _beside(path)
    try:
        yield new
        path.rename(old)
        new.rename(path)
    finally:
        put_back(path)


def put_back(path: Path) -> None:
    """End what `replacing_folder` began: the old folder returns if `path` is missing, else what is left over goes."""
    new, old = _beside(path)
    if old.exists() and not path.exists():
        old.rename(path)
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)


def _beside(path: Path) -> tuple[Path, Path]:
    """Where a folder's new one is made, and where the old one is between the two moves."""
    return path.with_name(f"new_{path.name}"), path.with_name(f"old_{path.name}")
