"""Zip archives, read member by member and never unpacked: their names, what they may hold and how much of it."""

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
_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")  # of a zip, of one without members, of a part of one
_ENCRYPTED, _UTF8 = 0x1, 0x800  # flags of a member
_WINDOWS = 0  # the system that made a member: its tools may put \ between folders
# ValueError: names that are not the UTF-8 that they are said to be, places that are none.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, OverflowError, ValueError)
_BROKEN = "it is damaged, or a part of one"


def is_zip(path: Path) -> bool:
    """Whether a file begins like a zip, or is called one. InkError for a file that cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _BEGINNINGS or path.suffix.lower() == ".zip"
    except OSError as error:
        raise InkError(f"cannot be read ({error.strerror})", source=str(path)) from None


def walk_zip(path: Path, use: Callable[[str, Callable[[int], bytes]], T]) -> Iterator[T]:
    """Yield what `use` makes of each file in a zip, given its name and a function that reads at most so many bytes.

    Folders and links are passed over. A member that cannot be read, as an encrypted one, is an InkError of that
    function: the others can be.

    Raises: InkError for a zip whose list of members is damaged, or has members that share their bytes.
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
    except NotImplementedError as error:  # of a newer version of the format
        raise InkError(f"cannot be read as a zip ({error}): pack it again", source=str(path)) from None
    except OSError as error:
        if error.strerror and error.errno != errno.EINVAL:  # of the system; EINVAL: a place before the first byte
            raise InkError(f"cannot be read ({error.strerror})", source=str(path)) from None
        raise InkError(f"cannot be read as a zip ({error}): {_BROKEN}", source=str(path)) from None
    except _DAMAGE as error:
        raise InkError(f"cannot be read as a zip ({error}): {_BROKEN}", source=str(path)) from None


def member_name(member: zipfile.ZipInfo) -> str:
    """The name of a member as it was meant: with / between folders, in UTF-8 where its bytes are that."""
    name = member.filename
    if not member.flag_bits & _UTF8:  # then Python takes code page 437, but tools write what their system has
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.filename
    return name.replace("\\", "/") if member.create_system == _WINDOWS else name


def _check_places(members: list[zipfile.ZipInfo], path: Path) -> None:
    """Refuse members that share their bytes: so a small file unpacks to any size."""
    placed = sorted(members, key=lambda member: member.header_offset)
    for member, behind in itertools.pairwise(placed):
        if member.header_offset + member.compress_size > behind.header_offset:
            raise InkError(
                f"{member.filename} and {behind.filename} share their bytes, as in a zip bomb: pack it again",
                source=str(path),
            )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    if member.flag_bits & _ENCRYPTED:
        raise InkError("is encrypted: unpack the archive with its password first", source=name)
    if member.file_size > limit:  # before a byte of it is unpacked into memory
        raise InkError(f"{member.file_size} bytes, the limit is {limit}", source=name)
    try:
        with archive.open(member) as file:
            data = file.read(limit + 1)  # the size that it says need not be true
    except NotImplementedError as error:
        raise InkError(f"cannot be unpacked ({error}): pack the archive again", source=name) from None
    except _DAMAGE as error:
        raise InkError(f"cannot be unpacked ({error})", source=name) from None
    if len(data) > limit:
        raise InkError(f"more than {limit} bytes, the limit", source=name)
    return data
