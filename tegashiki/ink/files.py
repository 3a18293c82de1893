"""Inks on disk: one file, a folder of them, a zip or a tar, compressed or not; and one ink on standard input."""

from __future__ import annotations

import lzma
import os
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from tegashiki.ink import zips
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import MAX_BYTES, read_inkml, read_limited
from tegashiki.ink.json_ink import read_json

_READERS: dict[str, Callable[..., Ink]] = {".inkml": read_inkml, ".json": read_json}
T = TypeVar("T")
Content = Callable[[int], bytes]  # reads a file; InkError for one of more bytes than it is given
_DAMAGE = (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError)
EXPECTED = "expected .inkml, .json, a folder, a zip or a (compressed) tar"
STANDARD_INPUT = "-"  # the name of the ink that is read from there
UNREADABLE = "*.inkml"  # what a folder that cannot be read is said to hold: one ink that cannot be read


def read_ink(path: str | Path) -> Ink:
    """Read one ink file, by its suffix: .inkml or .json (in any case).

    Raises: InkError for another suffix, and as the readers do.
    """
    return _reader(str(path))(Path(path))


def iterate_inks(path: str | Path, wanted: Callable[[str], bool] | None = None) -> Iterator[tuple[str, Ink | InkError]]:
    """Yield each ink of a file, a folder (and the folders in it, sorted), a zip or a (compressed) tar (in its order).

    An archive is read member by member, never unpacked. Links in a folder are followed. Hidden files, files of other
    suffixes, and links in an archive are passed over, as are, unread, inks whose name is not `wanted`.

    Yields: (name, ink), the name being the path within the folder or archive, or that of the file, and
        `Ink.source` too; for an ink that cannot be read its InkError in place of the ink, as for the inks,
        `*.inkml`, of a folder within that cannot be read.
    Raises: InkError for a path that is neither a file nor a folder, and for a damaged archive, once the damage is
        reached.
    """

    def read(name: str, content: Content) -> tuple[str, Ink | InkError] | None:
        return (name, _try(content, name)) if is_ink(name) and (wanted is None or wanted(name)) else None

    return filter(None, _walk(Path(path), read))


def list_files(path: str | Path) -> list[str]:
    """Return the names of all files, inks or not, by which `iterate_inks` names them; it raises what that raises.

    Of hidden folders it goes through those of an archive alone.
    """
    return list(_walk(Path(path), lambda name, _: name))


def read_file(path: str | Path, name: str, limit: int) -> bytes:
    """Return what the first file of that name in a folder or archive holds.

    Raises: InkError as `iterate_inks`, where there is none, and for one of more than `limit` bytes.
    """
    for content in _walk(Path(path), lambda other, content: content(limit) if other == name else None):
        if content is not None:
            return content
    raise InkError(f"holds no {name}", source=str(path))


def read_standard_input() -> Ink:
    """Read the one ink that is on standard input, InkML or JSON: the first character tells.

    Raises: InkError for none, for more than MAX_BYTES, and as the readers do.
    """
    if sys.stdin is None:
        raise InkError("there is no standard input", source=STANDARD_INPUT)
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InkError(f"more than {MAX_BYTES} bytes, the limit", source=STANDARD_INPUT)
    if not data:
        raise InkError("standard input is empty: expected InkML or JSON", source=STANDARD_INPUT)
    first = data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]  # behind the marks of an encoding, and blanks
    if first == b"<":
        return read_inkml(data, STANDARD_INPUT)
    if first in (b"{", b"["):
        return read_json(data, STANDARD_INPUT)
    raise InkError("standard input is neither InkML nor JSON: give an archive as a file", source=STANDARD_INPUT)


def _walk(path: Path, use: Callable[[str, Content], T]) -> Iterator[T]:
    """Yield what `use` makes of each file, given its name and a function that reads at most so many bytes of it."""
    if path.is_dir():
        for file, reason in sorted(_files(path)):
            name = file.relative_to(path).as_posix()
            yield use(name, partial(_refuse, name, reason) if reason else partial(read_limited, file, name))
    elif not path.exists():
        raise InkError("no such file or folder", source=str(path))
    elif not path.is_file():  # a pipe or a device, which need not end
        raise InkError("neither a file nor a folder: save the ink in a file", source=str(path))
    elif path.suffix.lower() in _READERS:
        yield use(path.name, partial(read_limited, path, path.name))
    elif zips.is_zip(path):
        yield from zips.walk_zip(path, use)
    else:
        yield from _walk_tar(path, use)


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file in a folder and in the folders in it, and why it cannot be read where that is known already.

    Links to folders are followed last and no folder is entered twice: so each keeps its own name, and circles end.
    """
    seen: set[tuple[int, int]] = set()
    errors: list[OSError] = []
    roots = [folder]
    for root in roots:  # more are found on the way
        for here, folders, names in os.walk(root, onerror=errors.append):
            status = Path(here).stat()
            if (status.st_dev, status.st_ino) in seen:
                folders.clear()
                continue
            seen.add((status.st_dev, status.st_ino))
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            roots += filter(os.path.islink, (Path(here, name) for name in folders))
            for name in names:
                path = Path(here, name)
                if os.access(path, os.F_OK):
                    yield path, "" if path.is_file() else "a pipe or a device, no file"
                else:  # a link; without a suffix it may be one to what was a folder
                    yield (path, "") if path.suffix else (path / UNREADABLE, "the link leads nowhere")
    for error in errors:
        yield Path(error.filename, UNREADABLE), f"the folder cannot be read ({error.strerror})"


def _refuse(name: str, reason: str, _: int) -> bytes:
    raise InkError(reason, source=name)


def _walk_tar(path: Path, use: Callable[[str, Content], T]) -> Iterator[T]:
    try:
        with path.open("rb") as file:
            if not any(file.read(tarfile.BLOCKSIZE)):  # which tarfile would look for the end of, as an .xz
                raise tarfile.ReadError("its first 512 bytes hold nothing")
        with tarfile.open(path) as tar:
            for member in tar:
                if member.isfile():
                    yield use(member.name, partial(_read_member, tar, member))
                tar.members = []  # type: ignore[attr-defined]  # else it keeps a record of all it has passed
            tar.fileobj.seek(tar.offset)
            if any(tar.fileobj.read(tarfile.BLOCKSIZE)):
                raise tarfile.ReadError("a damaged header")  # which tarfile itself takes for the end
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.strerror:  # of the system: nothing says that the tar is damaged
            raise InkError(f"cannot be read ({error.strerror})", source=str(path)) from None
        what = str(error).split("\n")[0].rstrip(":")
        raise InkError(f"cannot be read as a tar ({what}); {EXPECTED}", source=str(path)) from None


def _read_member(tar: tarfile.TarFile, member: tarfile.TarInfo, limit: int) -> bytes:
    if member.size > limit:  # before a byte of it is unpacked into memory
        raise InkError(f"{member.size} bytes, the limit is {limit}", source=member.name)
    file = tar.extractfile(member)
    assert file is not None  # it is a regular file
    return file.read()


def is_ink(name: str) -> bool:
    """Whether a file of this name, with folders, is taken for ink: by its suffix, and unless it is hidden."""
    path = PurePosixPath(name)
    return path.suffix.lower() in _READERS and not any(part.startswith(".") and part != "." for part in path.parts)


def _reader(name: str) -> Callable[..., Ink]:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in _READERS:
        raise InkError(f"the suffix is {suffix!r}, expected {' or '.join(_READERS)}", source=name)
    return _READERS[suffix]


def _try(content: Content, name: str) -> Ink | InkError:
    try:
        return _reader(name)(content(MAX_BYTES), name)
    except InkError as error:
        return error
