"""The work directory of a run, on this machine or in object storage (`gs://bucket/run`).

Checkpoints and parameters are written to the work directory itself. Logs grow line by line, but object storage cannot
append. A run with a remote work directory therefore writes logs to a local folder, and `publish` copies changed files.
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
from tegashiki.file_names import utf8_fault
from tegashiki.safe_files import explain_write_errors
from tegashiki.training.file_lock import locked


class LiteralPath(type(epath.Path())):  # type: ignore[misc]  # epath's class for local files
    """A local path whose own name is never interpreted as a pattern.

    The `glob` of epath interprets brackets, stars and question marks in the name of the folder itself. Orbax calls it,
    finds nothing in a folder named `run[1]`, and writes checkpoints without arrays. Paths derived from a literal path
    are literal too.
    """

    def glob(self, pattern: str) -> Iterator["LiteralPath"]:
        """Yield the paths in this folder that match the pattern."""
        for found in glob.iglob(os.path.join(glob.escape(os.fspath(self)), pattern)):  # noqa: PTH118, PTH207
            yield self._new(found)


def is_remote(path: str | Path | epath.Path) -> bool:
    """Return whether a path is an address in object storage."""
    return "://" in str(path)


def locate(path: str | Path | epath.Path) -> epath.Path:
    """Return the absolute path of a file or folder, local or remote.

    Raises:
        UserError: The path is an address other than gs://.
    """
    if not is_remote(path):
        return LiteralPath(Path(path).absolute())
    if not str(path).startswith("gs://"):
        raise UserError(f"{path} is not an address that tegashiki reads; only gs:// is. Download it and give the file")
    return epath.Path(path)


def children(folder: epath.Path) -> list[epath.Path]:
    """Return the contents of a folder, local or remote; an empty list if there is no such folder.

    `glob` is not used, since in object storage it would interpret the name of the folder itself as a pattern.
    """
    return list(folder.iterdir()) if folder.is_dir() else []


def check_name(path: epath.Path) -> None:
    """Check that Orbax can save checkpoints in a work directory of this name; for some names it silently loses them.

    Raises:
        UserError: The name has characters that Orbax or tensorstore interpret, or that tensorstore cannot find.
    """
    if reason := name_fault(path):
        raise UserError(f"{path}: no checkpoint can be saved there ({reason}); give another --workdir")


def name_fault(path: epath.Path) -> str:
    """Return why Orbax and tensorstore cannot save or restore a checkpoint under this name; "" if they can."""
    name = os.fspath(path)
    if is_remote(name):
        pattern = sorted(set(name) & set("*?["))
        return f"Orbax interprets {' '.join(pattern)} in an address as a pattern" if pattern else ""
    if os.sep == "/" and "\\" in name:
        return "tensorstore interprets a backslash as a separator of folders"
    return utf8_fault(name)


class Workdir:
    """The work directory of a run.

    Attributes:
        path: The work directory itself, for checkpoints.
        local: A local folder for logs and pictures; the work directory itself if it is local.
    """

    def __init__(self, path: str | Path) -> None:
        """Open or create the work directory. The log of a remote one is fetched, so that a resumed run continues it.

        Raises:
            WriteError: The folder cannot be created, or the storage is unknown or cannot be reached.
            UserError: No checkpoint can be saved under this name.
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
        """Lock a local work directory, because two runs would mix their logs and checkpoints.

        Raises:
            UserError: Another run uses the work directory.
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
                busy = f"{self.path} is used by another run; wait until it ends, or give another --workdir"
                raise UserError(busy) from None
            except OSError as error:  # some network file systems have no locks
                print(f"{self.path} cannot be locked ({error.strerror}): start no second run there", file=sys.stderr)
            yield

    def publish(self) -> None:
        """Copy the local files that changed since the last call to a remote work directory.

        Raises:
            WriteError: The storage cannot be written.
        """
        if self._remote:
            with explain_write_errors(self.path, Exception):  # each kind of storage has its own exceptions
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
