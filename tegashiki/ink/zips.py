"""Read zip archives member by member, without unpacking them to disk, and check names, sizes and overlaps."""

from __future__ import annotations

import errno
import itertools
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from tegashiki.ink.ink import InkError

T = TypeVar("T")
_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")  # a zip, one without members, a part of a split zip
_ENCRYPTED, _UTF8 = 0x1, 0x800  # flags of a member
_WINDOWS = 0  # value of `create_system` for Windows, whose tools may put \ between folders
# ValueError is raised for names that are flagged as UTF-8 and are not, and for invalid offsets.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, OverflowError, ValueError)
_BROKEN = "it is damaged or incomplete"


def is_zip(path: Path) -> bool:
    """Return whether a file begins like a zip or has the suffix `.zip`.

    Raises:
        InkError: The file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(4) in _BEGINNINGS or path.suffix.lower() == ".zip"
    except OSError as error:
        raise InkError(f"cannot be read ({error.strerror})", source=str(path)) from None


def walk_zip(path: Path, use: Callable[[str, Callable[[int], bytes]], T]) -> Iterator[T]:
    """Yield the result of `use` for each file in a zip; folders and links are skipped.

    Args:
        path: The zip archive.
        use: Called with the name of a member and a function that reads it. The function takes the maximum size in
            bytes and raises InkError for a member that is larger or cannot be read, such as an encrypted one, so that
            the other members can still be read.

    Yields:
        The results of `use`.

    Raises:
        InkError: The list of members is damaged, or members overlap.
    """
    with _opened(path) as archive:
        members = archive.infolist()
        _check_places(members, path)
        for member in members:
            name = member_name(member)
            if name and not name.endswith("/") and not stat.S_ISLNK(member.external_attr >> 16):
                yield use(name, partial(_read_member, archive, member, name))


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except NotImplementedError as error:  # a newer version of the format
        raise InkError(f"cannot be read as a zip ({error}): pack it again", source=str(path)) from None
    except OSError as error:
        # A system error, except EINVAL: a damaged zip with an offset before the first byte.
        if error.strerror and error.errno != errno.EINVAL:
            raise InkError(f"cannot be read ({error.strerror})", source=str(path)) from None
        raise InkError(f"cannot be read as a zip ({error}): {_BROKEN}", source=str(path)) from None
    except _DAMAGE as error:
        raise InkError(f"cannot be read as a zip ({error}): {_BROKEN}", source=str(path)) from None


def member_name(member: zipfile.ZipInfo) -> str:
    """Return the intended name of a member: with / between folders, decoded as UTF-8 if its bytes are valid UTF-8."""
    name = member.filename
    if not member.flag_bits & _UTF8:  # Python decodes such names as code page 437, but many tools write UTF-8
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.filename
    return name.replace("\\", "/") if member.create_system == _WINDOWS else name


def _check_places(members: list[zipfile.ZipInfo], path: Path) -> None:
    """Refuse overlapping members, by which a small file can unpack to any size (a zip bomb)."""
    placed = sorted(members, key=lambda member: member.header_offset)
    for member, following in itertools.pairwise(placed):
        if member.header_offset + member.compress_size > following.header_offset:
            raise InkError(
                f"{member.filename} and {following.filename} overlap, as in a zip bomb: pack it again",
                source=str(path),
            )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    if member.flag_bits & _ENCRYPTED:
        raise InkError("is encrypted: unpack the archive with its password first", source=name)
    if member.file_size > limit:  # checked before anything is unpacked into memory
        raise InkError(f"{member.file_size} bytes, the limit is {limit}", source=name)
    try:
        with archive.open(member) as file:
            data = file.read(limit + 1)  # the declared size may be wrong
    except NotImplementedError as error:
        raise InkError(f"cannot be unpacked ({error}): pack the archive again", source=name) from None
    except _DAMAGE as error:
        raise InkError(f"cannot be unpacked ({error})", source=name) from None
    if len(data) > limit:
        raise InkError(f"more than {limit} bytes, the limit", source=name)
    return data
