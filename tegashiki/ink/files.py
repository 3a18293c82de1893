"""Read inks from a file, a folder, a zip archive or a (compressed) tar archive, and one ink from standard input."""

from __future__ import annotations

import lzma
import os
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from tegashiki.ink import zips
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import MAX_BYTES, read_inkml, read_limited
from tegashiki.ink.json_ink import read_json

T = TypeVar("T")


@dataclass(frozen=True)
class Reader:
    """How files of a kind are read.

    Attributes:
        read: Returns the ink of a file from its path or bytes, and its name for errors. Raises InkError.
        limit: Maximum size of a file in bytes.
    """

    read: Callable[..., Ink]
    limit: int = MAX_BYTES


Readers = Mapping[str, Reader]  # suffix in lower case -> reader
INK_READERS: Readers = {".inkml": Reader(read_inkml), ".json": Reader(read_json)}
Content = Callable[[int], bytes]  # reads a file of at most so many bytes; raises InkError for a larger one
_DAMAGE = (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError)
EXPECTED = "expected .inkml, .json, a folder, a zip or a (compressed) tar"
STANDARD_INPUT = "-"  # the name of the ink on standard input
UNREADABLE = "*.inkml"  # stands for the inks of a folder that cannot be read


def read_ink(path: str | Path) -> Ink:
    """Read one ink file.

    Args:
        path: The file. Its suffix, `.inkml` or `.json` in any case, decides how it is read.

    Raises:
        InkError: The suffix is another one, or the file cannot be read.
    """
    return _reader(str(path), INK_READERS).read(Path(path))


def iterate_inks(
    path: str | Path, wanted: Callable[[str], bool] | None = None, readers: Readers = INK_READERS
) -> Iterator[tuple[str, Ink | InkError]]:
    """Yield the inks of a file, a folder and its subfolders (sorted), a zip or a (compressed) tar (in its order).

    An archive is read member by member and never unpacked to disk. Links in a folder are followed. Hidden files, files
    with other suffixes and links in an archive are skipped.

    Args:
        path: The file, folder or archive.
        wanted: Tells by its name whether an ink is wanted; other inks are skipped without being read. None for all.
        readers: The kinds of files that are inks.

    Yields:
        (name, ink). The name is the file name, or the path within the folder or archive, and is also the
        `Ink.source`. An ink that cannot be read is an InkError instead, as is `*.inkml` for a subfolder that cannot
        be read.

    Raises:
        InkError: The path is neither a file nor a folder, or an archive is damaged. The latter is raised when the
            damage is reached.
    """

    def read(name: str, content: Content) -> tuple[str, Ink | InkError] | None:
        asked = is_ink(name, readers) and (wanted is None or wanted(name))
        return (name, _try(content, name, readers)) if asked else None

    return filter(None, _walk(Path(path), read, readers))


def list_files(path: str | Path) -> list[str]:
    """Return the names of all files, also those that are not inks, as `iterate_inks` names them.

    Files in hidden folders are listed only for an archive.

    Raises:
        InkError: As `iterate_inks`.
    """
    return list(_walk(Path(path), lambda name, _: name))


def read_file(path: str | Path, name: str, limit: int) -> bytes:
    """Return the bytes of the first file with a given name in a folder or archive.

    Args:
        path: The folder or archive.
        name: The name of the file, as `list_files` returns it.
        limit: Maximum size in bytes.

    Raises:
        InkError: As `iterate_inks`; also if there is no such file, or it is larger than `limit`.
    """
    for content in _walk(Path(path), lambda other, content: content(limit) if other == name else None):
        if content is not None:
            return content
    raise InkError(f"holds no {name}", source=str(path))


def read_standard_input() -> Ink:
    """Read one ink, InkML or JSON, from standard input; its first character tells which.

    Raises:
        InkError: Standard input is missing, empty, larger than MAX_BYTES, or cannot be read as ink.
    """
    if sys.stdin is None:
        raise InkError("there is no standard input", source=STANDARD_INPUT)
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InkError(f"more than {MAX_BYTES} bytes, the limit", source=STANDARD_INPUT)
    if not data:
        raise InkError("standard input is empty: expected InkML or JSON", source=STANDARD_INPUT)
    first = data.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]  # after byte order marks and white space
    if first == b"<":
        return read_inkml(data, STANDARD_INPUT)
    if first in (b"{", b"["):
        return read_json(data, STANDARD_INPUT)
    raise InkError("standard input is neither InkML nor JSON: give an archive as a file", source=STANDARD_INPUT)


def _walk(path: Path, use: Callable[[str, Content], T], readers: Readers = INK_READERS) -> Iterator[T]:
    """Yield the result of `use` for each file, called with the file's name and a function that reads the file."""
    if path.is_dir():
        for file, reason in sorted(_files(path)):
            name = file.relative_to(path).as_posix()
            yield use(name, partial(_refuse, name, reason) if reason else partial(read_limited, file, name))
    elif not path.exists():
        raise InkError("no such file or folder", source=str(path))
    elif not path.is_file():  # a pipe or a device may never end
        raise InkError("neither a file nor a folder: save the ink in a file", source=str(path))
    elif path.suffix.lower() in readers:
        yield use(path.name, partial(read_limited, path, path.name))
    elif zips.is_zip(path):
        yield from zips.walk_zip(path, use)
    else:
        yield from _walk_tar(path, use)


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file in a folder and its subfolders, with the reason why it cannot be read, or "".

    Links to folders are followed last and no folder is entered twice. So each folder keeps its own name, and circular
    links end.
    """
    seen: set[tuple[int, int]] = set()
    errors: list[OSError] = []
    roots = [folder]
    for root in roots:  # grows during the loop
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
                    yield path, "" if path.is_file() else "a pipe or a device, not a file"
                else:  # a broken link; without a suffix it may have led to a folder
                    yield (path, "") if path.suffix else (path / UNREADABLE, "the link is broken")
    for error in errors:
        yield Path(error.filename, UNREADABLE), f"the folder cannot be read ({error.strerror})"


def _refuse(name: str, reason: str, _: int) -> bytes:
    raise InkError(reason, source=name)


def _walk_tar(path: Path, use: Callable[[str, Content], T]) -> Iterator[T]:
    try:
        with path.open("rb") as file:
            if not any(file.read(tarfile.BLOCKSIZE)):  # tarfile would try it as .xz and read all zeros to their end
                raise tarfile.ReadError("its first 512 bytes are zeros")
        with tarfile.open(path) as tar:
            for member in tar:
                if member.isfile():
                    yield use(member.name, partial(_read_member, tar, member))
                tar.members = []  # type: ignore[attr-defined]  # otherwise tarfile keeps every member in memory
            tar.fileobj.seek(tar.offset)
            if any(tar.fileobj.read(tarfile.BLOCKSIZE)):
                raise tarfile.ReadError("a damaged header")  # tarfile itself mistakes it for the end
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.strerror:  # a system error, which does not mean a damaged tar
            raise InkError(f"cannot be read ({error.strerror})", source=str(path)) from None
        what = str(error).split("\n")[0].rstrip(":")
        raise InkError(f"cannot be read as a tar ({what}); {EXPECTED}", source=str(path)) from None


def _read_member(tar: tarfile.TarFile, member: tarfile.TarInfo, limit: int) -> bytes:
    if member.size > limit:  # checked before anything is unpacked into memory
        raise InkError(f"{member.size} bytes, the limit is {limit}", source=member.name)
    file = tar.extractfile(member)
    assert file is not None  # it is a regular file
    return file.read()


def is_ink(name: str, readers: Readers = INK_READERS) -> bool:
    """Return whether a file name, including its folders, has the suffix of a kind of ink and is not hidden."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") and part not in (".", "..") for part in path.parts)
    return path.suffix.lower() in readers and not hidden


def _reader(name: str, readers: Readers) -> Reader:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in readers:
        raise InkError(f"the suffix is {suffix!r}, expected {' or '.join(readers)}", source=name)
    return readers[suffix]


def _try(content: Content, name: str, readers: Readers) -> Ink | InkError:
    reader = _reader(name, readers)
    try:
        return reader.read(content(reader.limit), name)
    except InkError as error:
        return error
