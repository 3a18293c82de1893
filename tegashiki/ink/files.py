"""Inks on disk: one file, a folder of them or a tar, compressed or not."""

from __future__ import annotations

import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import MAX_BYTES, read_inkml
from tegashiki.ink.json_ink import read_json

_READERS: dict[str, Callable[..., Ink]] = {".inkml": read_inkml, ".json": read_json}
_DAMAGE = (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError)


def read_ink(path: str | Path) -> Ink:
    """Read one ink file, by its suffix: .inkml or .json (in any case).

    Raises: InkError for another suffix, and as the readers do.
    """
    return _reader(str(path))(Path(path))


def iterate_inks(path: str | Path) -> Iterator[tuple[str, Ink | InkError]]:
    """Yield each ink of a file, a folder (and the folders in it, sorted) or a (compressed) tar (in its order).

    A tar is read member by member, never unpacked. Hidden files, files of other suffixes, and links in a tar are
    passed over.

    Yields: (name, ink), the name being the path within the folder or tar, or that of the file, and
        `Ink.source` too; for an ink that cannot be read its InkError in place of the ink.
    Raises: InkError for a path that does not exist and for a damaged tar, once the damage is reached.
    """
    path = Path(path)
    if path.is_dir():
        yield from _of_folder(path)
    elif not path.exists():
        raise InkError("no such file or folder", source=str(path))
    elif path.suffix.lower() in _READERS:
        yield path.name, _try(_reader(path.name), path, path.name)
    else:
        yield from _of_tar(path)


def _of_folder(folder: Path) -> Iterator[tuple[str, Ink | InkError]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _is_ink(name) and path.is_file():
            yield name, _try(_reader(name), path, name)


def _of_tar(path: Path) -> Iterator[tuple[str, Ink | InkError]]:
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                if member.isfile() and _is_ink(member.name):
                    yield member.name, _of_member(tar, member)
                tar.members = []  # type: ignore[attr-defined]  # else it keeps a record of all it has passed
            tar.fileobj.seek(tar.offset)
            if any(tar.fileobj.read(tarfile.BLOCKSIZE)):
                raise tarfile.ReadError("a damaged header")  # which tarfile itself takes for the end
    except _DAMAGE as error:
        wanted = "expected .inkml, .json, a folder or a (compressed) tar"
        what = str(error).split("\n")[0].rstrip(":")
        raise InkError(f"cannot be read as a tar ({what}); {wanted}", source=str(path)) from None


def _of_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Ink | InkError:
    if member.size > MAX_BYTES:  # before a byte of it is unpacked into memory
        return InkError(f"{member.size} bytes, the limit is {MAX_BYTES}", source=member.name)
    file = tar.extractfile(member)
    assert file is not None  # it is a regular file
    return _try(_reader(member.name), file.read(), member.name)


def _is_ink(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in _READERS and not any(part.startswith(".") and part != "." for part in path.parts)


def _reader(name: str) -> Callable[..., Ink]:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in _READERS:
        raise InkError(f"the suffix is {suffix!r}, expected {' or '.join(_READERS)}", source=name)
    return _READERS[suffix]


def _try(reader: Callable[..., Ink], path_or_bytes: Path | bytes, name: str) -> Ink | InkError:
    try:
        return reader(path_or_bytes, name)
    except InkError as error:
        return error
