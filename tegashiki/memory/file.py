"""Read and write the file of a memory: JSON with one formula a line. docs/memory.md specifies the format."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.ink import MAX_POINTS, MAX_STROKES
from tegashiki.latex.normalize import normalize
from tegashiki.memory.formula import MAX_STEP, Formula, Keys

KIND = "tegashiki writer memory"
FORMAT = 1  # increased when older readers can no longer read a file correctly
MAX_BYTES = 64 * 2**20
MAX_FORMULAS = 100_000
MAX_WIDTH = 16_384  # components of a key


class MemoryFileError(UserError, ValueError):
    """A file that is not a memory, is damaged, or cannot be read."""


def write_formulas(formulas: Sequence[Formula]) -> str:
    """Return the text of a memory's file."""
    restrictions = list(dict.fromkeys(formula.allowed for formula in formulas if formula.allowed is not None))
    head = {"kind": KIND, "format": FORMAT, "restrictions": [sorted(allowed) for allowed in restrictions]}
    lines = ",\n".join(_dump(_entry(formula, restrictions)) for formula in formulas)
    return f'{_dump(head)[:-1]},\n"formulas":[\n{lines}\n]}}\n'


def _entry(formula: Formula, restrictions: list[frozenset[str]]) -> dict[str, Any]:
    strokes = [np.diff(stroke, axis=0, prepend=np.zeros((1, 2), stroke.dtype)) for stroke in formula.strokes]
    entry: dict[str, Any] = {
        "latex": formula.latex,
        "learnt": formula.learnt,
        "strokes": [stroke.ravel().tolist() for stroke in strokes],
    }
    if formula.allowed is not None:
        entry["restriction"] = restrictions.index(formula.allowed)
    if formula.keys is not None:
        vectors = formula.keys.vectors_ND
        entry["keys"] = {
            "model": formula.keys.model,
            "missed": formula.keys.missed,
            "width": vectors.shape[1],
            "vectors": base64.b64encode(vectors.tobytes()).decode(),
        }
    return entry


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_formulas(path: Path) -> list[Formula]:
    """Read a memory's file.

    Raises:
        MemoryFileError: The file is damaged, not a memory, of a newer format, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise MemoryFileError(f"the memory {path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise MemoryFileError(f"the memory {path} has more than {MAX_BYTES} bytes, the limit")
    try:
        about = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MemoryFileError(f"{path} is damaged, or not a writer's memory") from error
    if not isinstance(about, dict) or about.get("kind") != KIND or type(about.get("format")) is not int:
        raise MemoryFileError(f"{path} is not a writer's memory: it lacks the kind {KIND!r}")
    if about["format"] > FORMAT:
        raise MemoryFileError(
            f"{path} has format {about['format']}, this version of tegashiki reads up to {FORMAT}: update tegashiki"
        )
    return _formulas(path, about)


def _formulas(path: Path, about: dict[str, Any]) -> list[Formula]:
    place = ""
    try:
        restrictions = [frozenset(map(_text, tokens)) for tokens in _list(about["restrictions"], MAX_FORMULAS)]
        formulas = []
        for number, entry in enumerate(_list(about["formulas"], MAX_FORMULAS)):
            place = f": formula {number}"
            formulas.append(_formula(entry, restrictions))
        return formulas
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise MemoryFileError(f"{path} is damaged{place}: {str(error).splitlines()[0][:200]}") from error


def _formula(entry: dict[str, Any], restrictions: list[frozenset[str]]) -> Formula:
    tokens = normalize(_text(entry["latex"]))
    strokes = tuple(map(_stroke, _list(entry["strokes"], MAX_STROKES)))
    if not tokens or not strokes or sum(map(len, strokes)) > MAX_POINTS:
        raise ValueError(f"expected LaTeX and strokes, with at most {MAX_POINTS} points")
    allowed = restrictions[_whole(entry["restriction"], 0, len(restrictions) - 1)] if "restriction" in entry else None
    keys = _keys(entry["keys"], len(tokens) + 1) if "keys" in entry else None
    return Formula(strokes, tokens, _whole(entry["learnt"], 0, 2**53), allowed, keys)


def _stroke(numbers: Any) -> np.ndarray:
    xs, ys = (list(accumulate(_whole(each, -MAX_STEP, MAX_STEP) for each in numbers[axis::2])) for axis in (0, 1))
    if not xs or len(xs) != len(ys) or not 0 <= min(xs + ys) <= max(xs + ys) <= MAX_STEP:
        raise ValueError("a stroke is not a list of x and y on the grid")
    return np.array([xs, ys], np.int32).T.copy()


def _keys(entry: dict[str, Any], count: int) -> Keys:
    width = _whole(entry["width"], 1, MAX_WIDTH)
    vectors = np.frombuffer(base64.b64decode(_text(entry["vectors"]), validate=True), np.int8)
    if len(vectors) not in (0, count * width):
        raise ValueError(f"{len(vectors)} numbers are not {count} keys of {width}")
    return Keys(_text(entry["model"]), vectors.reshape(-1, width), _whole(entry["missed"], 0, count))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]} is not a string")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(f"{ascii(value)[:40]} is no valid text: it has half of a character")
    return value


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise TypeError(f"{str(value)[:40]} is not a list of at most {most} entries")
    return value


def _whole(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{str(value)[:40]} is not an integer from {low} to {high}")
    return value
