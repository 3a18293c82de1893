"""Read the metadata of a model file: JSON in a metadata buffer of the .tflite.

A .tflite is a FlatBuffer. Its root table lists named metadata, each of which points to a buffer. The functions here
parse this part of the format without a schema library (https://flatbuffers.dev/internals, TFLite's schema.fbs). Readers
in other languages do the same.
"""

import json
import mmap
import struct
from pathlib import Path
from typing import Any

from tegashiki.recognizer.candidate import RecognizerError

NAME = "tegashiki"  # of the metadata
# Increased when older readers can no longer read a file correctly. An optional field, such as `calibration`, can be
# added without a new format: older readers ignore it, and newer readers do not require it.
# 1: the first format. 2: `decode_*` also returns `hidden`, and the metadata has `hidden` for a writer's memory.
FORMAT = 2
IDENTIFIER = b"TFL3"  # at byte 4 of every .tflite
MAX_TEXT = 16 * 2**20  # bytes of metadata; a vocabulary of a few hundred tokens takes about 10 kB
MAX_ENTRIES = 1000  # metadata entries of a file, including those of other tools

# Indices of the fields in the tables of schema.fbs.
_MODEL_BUFFERS, _MODEL_METADATA = 4, 6
_METADATA_NAME, _METADATA_BUFFER = 0, 1
_BUFFER_DATA = 0


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Read the metadata of a model file. `tegashiki/export/model_metadata.py` documents its keys.

    Raises:
        RecognizerError: The file is not a .tflite, was not written by `tegashiki export`, is damaged, or has a newer
            format.
    """
    path = Path(path)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            text = find_metadata(content)
        metadata = None if text is None else json.loads(text)
    except OSError as error:
        raise RecognizerError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, struct.error, IndexError, RecursionError) as error:
        raise RecognizerError(f"{path} is damaged, or not a model file") from error
    if not isinstance(metadata, dict) or not isinstance(metadata.get("format"), int):
        raise RecognizerError(f"{path} was not written by `tegashiki export`: it has no {NAME!r} metadata")
    calibration = metadata.get("calibration")
    if isinstance(calibration, dict) and "novelty" in calibration:  # the name in files of 0.1.0
        calibration["symbol_cost"] = calibration.pop("novelty")
    if metadata["format"] > FORMAT:
        raise RecognizerError(
            f"{path} has format {metadata['format']}, this version of tegashiki reads up to {FORMAT}: update tegashiki"
        )
    return metadata


def find_metadata(content: bytes | mmap.mmap) -> bytes | None:
    """Return the bytes of our metadata in a .tflite, or None if it has none.

    Raises:
        ValueError: The content is not a .tflite.
        struct.error, IndexError: The content is damaged.
    """
    if content[4:8] != IDENTIFIER:
        raise ValueError("not a .tflite")
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
    """Return the content of a string or byte vector, or None if it has more than `limit` bytes."""
    start = _indirect(content, place)
    size = _uint(content, start)
    return bytes(content[start + 4 : start + 4 + size]) if size <= limit else None


def _uint(content: bytes | mmap.mmap, place: int) -> int:
    return struct.unpack_from("<I", content, place)[0]


def _indirect(content: bytes | mmap.mmap, place: int) -> int:
    return place + _uint(content, place)


def _field(content: bytes | mmap.mmap, table: int, index: int) -> int:
    """Return the offset of a table's field, or 0 if the table omits it."""
    vtable = table - struct.unpack_from("<i", content, table)[0]
    if 4 + 2 * index >= struct.unpack_from("<H", content, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", content, vtable + 4 + 2 * index)[0]
    return table + offset if offset else 0


def _count(content: bytes | mmap.mmap, vector: int) -> int:
    """Return the number of tables in a vector of tables, 0 for an omitted field."""
    return _uint(content, _indirect(content, vector)) if vector else 0


def _element(content: bytes | mmap.mmap, vector: int, index: int) -> int:
    """Return the offset of one table in a vector; raise IndexError if the vector is shorter."""
    if index >= _count(content, vector):
        raise IndexError(f"element {index} of {_count(content, vector)}")
    return _indirect(content, _indirect(content, vector) + 4 + 4 * index)
