"""One recording of handwriting: its strokes and what its file says about them.

Raw coordinates may have any scale and origin; x grows to the right and y DOWN. Time is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tegashiki.errors import UserError

MAX_STROKES = 2048  # strokes of one ink
MAX_POINTS = 200_000  # points of one ink
MAX_STROKE_POINTS = 10_000  # points of one stroke: 40 s at 240 Hz; keeps the worst case of RDP near 1 s
MAX_COORDINATE = 1e12  # magnitude; above it float64 has few digits left for the shape of a stroke


class InkError(UserError, ValueError):
    """Ink that cannot be read or is not ink.

    `source` is the file, `place` where in it, `reason` what is wrong and what would be right.
    """

    def __init__(self, reason: str, *, place: str = "", source: str = ""):
        self.reason, self.place, self.source = reason, place, source
        super().__init__(": ".join(part for part in (source, place, reason) if part))

    def __reduce__(self) -> tuple[Callable[..., InkError], tuple[str, str, str]]:
        return _rebuild_error, (self.reason, self.place, self.source)


def _rebuild_error(reason: str, place: str, source: str) -> InkError:
    return InkError(reason, place=place, source=source)


@dataclass(frozen=True)
class SymbolGroup:
    """The strokes that draw one symbol.

    label: the symbol as its file names it; strokes: ascending indices into `Ink.strokes`; href: the id of
    the MathML node that it draws ("" if none).
    """

    label: str
    strokes: tuple[int, ...]
    href: str = ""


@dataclass(frozen=True)
class MathNode:
    """One MathML element of an ink's truth.

    strokes: ascending indices of the strokes that draw this node's own mark (of an mfrac: its bar), not
    its children's.
    """

    tag: str
    text: str = ""
    id: str = ""
    strokes: tuple[int, ...] = ()
    children: tuple[MathNode, ...] = ()

    def walk(self) -> Iterator[MathNode]:
        """This node and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, eq=False)
class Ink:
    """One recording.

    strokes: pen-down to pen-up each, (points, 2) float64, read-only, finite, at least one point; any
    array-like is taken. label: the truth as its file writes it. source: path of the file. symbols, truth:
    the segmentation, where known. annotations: whatever else the file tells, such as normalizedLabel.

    Raises InkError for a stroke of another shape or not finite, for a symbol or node that names a stroke
    that is not there, and above MAX_STROKES, MAX_POINTS, MAX_STROKE_POINTS or MAX_COORDINATE.
    """

    strokes: tuple[np.ndarray, ...]
    label: str = ""
    writer: str = ""
    source: str = ""
    symbols: tuple[SymbolGroup, ...] = ()
    truth: MathNode | None = None
    annotations: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.strokes)
        if count > MAX_STROKES:
            raise InkError(f"{count} strokes, the limit is {MAX_STROKES}: split the ink", source=self.source)
        strokes = tuple(checked_stroke(points, index, self.source) for index, points in enumerate(self.strokes))
        points = sum(map(len, strokes))
        if points > MAX_POINTS:
            raise InkError(f"{points} points, the limit is {MAX_POINTS}: thin or split the ink", source=self.source)
        object.__setattr__(self, "strokes", strokes)
        object.__setattr__(self, "symbols", tuple(self.symbols))
        for group in (*self.symbols, *(self.truth.walk() if self.truth else ())):
            missing = [index for index in group.strokes if not 0 <= index < count]
            if missing:
                raise InkError(f"names stroke {missing[0]} of {count}", place=str(group)[:80], source=self.source)


def checked_stroke(points: Any, index: int, source: str = "") -> np.ndarray:
    """One stroke's points as an ink holds them; InkError, which names it by its index, where they are no stroke."""
    place = f"stroke {index}"
    try:
        stroke = np.array(points, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InkError(f"not a list of [x, y] numbers ({error})", place=place, source=source) from None
    if stroke.ndim != 2 or stroke.shape[1] != 2 or not len(stroke):
        raise InkError(
            f"has the shape {stroke.shape}, expected (points, 2) and at least one point", place=place, source=source
        )
    if len(stroke) > MAX_STROKE_POINTS:
        reason = f"{len(stroke)} points, the limit is {MAX_STROKE_POINTS}: thin or split the stroke"
        raise InkError(reason, place=place, source=source)
    if not np.abs(stroke).max() <= MAX_COORDINATE:  # "not" catches NaN too
        point = int(np.argmin((np.abs(stroke) <= MAX_COORDINATE).all(axis=1)))
        reason = f"the coordinates {stroke[point].tolist()} are not finite or above {MAX_COORDINATE:g}"
        raise InkError(reason, place=f"{place}, point {point}", source=source)
    stroke.flags.writeable = False
    return stroke
