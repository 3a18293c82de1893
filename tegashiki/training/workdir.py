"""A run's work directory, on this machine or in object storage (`gs://bucket/run`).

Checkpoints and parameters are written where they belong. Logs grow line by line and object storage cannot append: a
remote run writes them to a local folder first, and `publish` copies what changed.
"""

import contextlib
import glob
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from etils import epath

from tegashiki.errors import UserError
from tegashiki.safe_files import explain_write_errors
from tegashiki.training.file_lock import locked


class LiteralPath(type(epath.Path())):  # type: ignore[misc]  # epath's class for this machine's files
    """A path of this machine whose own name is never a pattern.

    epath's `glob` takes brackets, stars and question marks of the folder itself for a pattern. Orbax calls it, finds
    nothing in a folder named `run[1]`, and writes checkpoints that hold no arrays. Paths made of this one are literal
    too.
    """

    def glob(self, pattern: str) -> Iterator["LiteralPath"]:
        """Yield what matches within this folder."""
        for found in glob.iglob(os.path.join(glob.escape(os.fspath(self)), pattern)):  # noqa: PTH118, PTH207
            yield self._new(found)


def is_remote(path: str | Path | epath.Path) -> bool:
    """Whether a path is an address in object storage."""
    return "://" in str(path)


def locate(path: str | Path | epath.Path) -> epath.Path:
    """Return the absolute path of a file or folder, local or remote; an address of another kind is a UserError."""
    if not is_remote(path):
        return LiteralPath(Path(path).absolute())
    if not str(path).startswith("gs://"):
        raise UserError(f"{path} is no address that tegashiki reads, which is gs://: download it and give the file")
    return epath.Path(path)


def children(folder: epath.Path) -> list[epath.Path]:
    """Return what a folder holds, local or remote; nothing where there is no such folder.

    In object storage `glob` would take the folder's own name for a pattern.
    """
    return list(folder.iterdir()) if folder.is_dir() else []


def check_name(path: epath.Path) -> None:
    """Refuse a work directory in which Orbax would lose checkpoints without a word.

    Raises:
      UserError: the name has a character that Orbax, or tensorstore below it, takes for something else.
    """
    name = os.fspath(path)
    reason = ""
    if is_remote(name):
        if pattern := set(name) & set("*?["):
            reason = f"{' '.join(sorted(pattern))} in an address is a pattern to Orbax"
    elif os.sep == "/" and "\\" in name:
        reason = "a backslash parts folders for tensorstore"
    elif not _is_utf8(name):
        reason = "its name is not UTF-8, which tensorstore takes every name for"
    if reason:
        raise UserError(f"{name}: no checkpoint can be saved there ({reason}); give another --workdir")


def _is_utf8(name: str) -> bool:
    """Whether the system knows a file by the UTF-8 bytes of its name."""
    try:
        return name.encode() == os.fsencode(name)
    except UnicodeEncodeError:
        return False


class Workdir:
    """Where a run's files go.

    path: the work directory itself, for checkpoints.
    local: a folder of this machine for logs and pictures; the work directory where that is local.
    """

    def __init__(self, path: str | Path) -> None:
        """Open or make it; a remote one's earlier log is fetched, so that a resumed run goes on in it.

        Raises:
          WriteError: it cannot be made, or the storage is not known or cannot be reached.
          UserError: its name cannot hold checkpoints.
        """
        self.path = locate(path)
        check_name(self.path)
        self._remote = is_remote(path)
        with explain_write_errors(self.path, ImportError, ValueError):
            self.path.mkdir(parents=True, exist_ok=True)
            self.local = Path(tempfile.mkdtemp(prefix="tegashiki-")) if self._remote else Path(path)
            log = self.path / "metrics.jsonl"
            if self._remote and log.exists():
                (self.local / log.name).write_bytes(log.read_bytes())
        self._published: dict[Path, tuple[int, int]] = {}

    @contextlib.contextmanager
    def exclusive_lock(self) -> Iterator[None]:
        """Keep other runs out of a work directory of this machine: two would mix their logs and checkpoints.

        Raises:
          UserError: another run is at work there.
        """
        if self._remote:
            yield
            return
        with contextlib.ExitStack() as ends:
            with explain_write_errors(self.path):
                lock = ends.enter_context((self.local / ".lock").open("a"))
            try:
                ends.enter_context(locked(lock))
            except BlockingIOError:
                busy = f"{self.path}: another run is at work there; wait for it, or give another --workdir"
                raise UserError(busy) from None
            except OSError as error:  # some network file systems have no locks
                print(f"{self.path} cannot be locked ({error.strerror}): start no second run there", file=sys.stderr)
            yield

    def publish(self) -> None:
        """Copy the local files that changed since the last time.

        Raises:
          WriteError: the storage does not take them.
        """
        if self._remote:
            with explain_write_errors(self.path, Exception):  # each storage has errors of its own
                self._copy()

    def _copy(self) -> None:
        for file in sorted(self.local.rglob("*")):
            status = file.stat()
            version = (status.st_mtime_ns, status.st_size)
            if file.is_file() and self._published.get(file) != version:
                target = self.path / file.relative_to(self.local).as_posix()
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
                self._published[file] = version
