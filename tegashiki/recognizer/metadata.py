"""What a model file says of itself: JSON in a metadata buffer of the .tflite, found without any schema library.

A .tflite is a FlatBuffer; its root table lists named metadata, each pointing to a buffer. This is all of the format
that a reader needs, here and in other languages (https://flatbuffers.dev/internals, tflite's schema.fbs).
"""

import json
import mmap
import struct
from pathlib import Path
from typing import Any

from tegashiki.recognizer.candidate import RecognizerError

NAME = "tegashiki"  # of the metadata
# Raised when a file is no longer read rightly by older readers. A field that they can do without, such as
# `calibration`, may come without that; where it is not there, readers do without it.
# 1: the first. 2: `decode_*` also returns `hidden`, and `hidden` says what a writer's memory needs to know of it.
FORMAT = 2
IDENTIFIER = b"TFL3"  # at byte 4 of every .tflite
MAX_TEXT = 16 * 2**20  # bytes of metadata; a vocabulary of some hundred tokens takes ten thousand
MAX_ENTRIES = 1000  # metadata of a file, ours and others'

# Places of the fields in the tables of schema.fbs.
_MODEL_BUFFERS, _MODEL_METADATA = 4, 6
_METADATA_NAME, _METADATA_BUFFER = 0, 1
_BUFFER_DATA = 0


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Read a model file's metadata: keys as `tegashiki/export/model_metadata.py` writes them.

    Raises:
      RecognizerError: not a .tflite, not one that `tegashiki export` wrote, damaged, or of a newer format.
    """
    path = Path(path)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            text = find_metadata(content)
        metadata = None if text is None else json.loads(text)
    except OSError as error:
        raise RecognizerError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, struct.error, IndexError, RecursionError) as error:
        raise RecognizerError(f"{path} is damaged, or no model file at all") from error
    if not isinstance(metadata, dict) or not isinstance(metadata.get("format"), int):
        raise RecognizerError(f"{path} was not written by `tegashiki export`: it has no {NAME!r} metadata")
    calibration = metadata.get("calibration")
    if isinstance(calibration, dict) and "novelty" in calibration:  # what files of 0.1.0 call it
        calibration["symbol_cost"] = calibration.pop("novelty")
    if metadata["format"] > FORMAT:
        raise RecognizerError(
            f"{path} has format {metadata['format']}, this version of tegashiki reads up to {FORMAT}: update tegashiki"
        )
    return metadata


def find_metadata(content: bytes | mmap.mmap) -> bytes | None:
    """Return the bytes of our metadata in a .tflite, or None; struct.error or ValueError where it is none."""
    if content[4:8] != IDENTIFIER:
        raise ValueError("no .tflite")
    model = _indirect(content, 0)
    entries = _field(content, model, _MODEL_METADATA)
    for number in range(min(_count(content, entries), MAX_ENTRIES)):
        entry = _element(content, entries, number)
        if _bytes(content, _field(content, entry, _METADATA_NAME), len(NAME)) == NAME.encode():
            index = _uint(content, _field(content, entry, _METADATA_BUFFER))
            buffer = _element(content, _field(content, model, _MODEL_BUFFERS), index)
            return _bytes(content, _field(content, buffer, _BUFFER_DATA), MAX_TEXT)
    return None


def _bytes(content: bytes | mmap.mmap, place: int, limit: int) -> bytes | None:
    """Return a string's or byte vector's content; None where it has more than `limit` bytes."""
    start = _indirect(content, place)
    size = _uint(content, start)
    return bytes(content[start + 4 : start + 4 + size]) if size <= limit else None


def _uint(content: bytes | mmap.mmap, place: int) -> int:
    return struct.unpack_from("<I", content, place)[0]


def _indirect(content: bytes | mmap.mmap, place: int) -> int:
    return place + _uint(content, place)


def _field(content: bytes | mmap.mmap, table: int, index: int) -> int:
    """Place of a table's field, 0 where the table leaves it out."""
    vtable = table - struct.unpack_from("<i", content, table)[0]
    if 4 + 2 * index >= struct.unpack_from("<H", content, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", content, vtable + 4 + 2 * index)[0]
    return table + offset if offset else 0


def _count(content: bytes | mmap.mmap, vector: int) -> int:
    """How many tables a vector of tables has; none where the field is left out."""
    return _uint(content, _indirect(content, vector)) if vector else 0


def _element(content: bytes | mmap.mmap, vector: int, index: int) -> int:
    """Place of one table of a vector; IndexError where it has no such."""
    if index >= _count(content, vector):
        raise IndexError(f"element {index} of {_count(content, vector)}")
    return _indirect(content, _indirect(content, vector) + 4 + 4 * index)
