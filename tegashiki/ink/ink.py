"""One recording of handwriting: its strokes and the information that its file has about them.

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
MAX_COORDINATE = 1e12  # magnitude; above it, float64 has few digits left for the shape of a stroke


class InkError(UserError, ValueError):
    """Ink that cannot be read, or data that is not ink.

    Attributes:
        source: The file.
        place: The place in the file, such as a line or a stroke.
        reason: What is wrong and what is expected.
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

    Attributes:
        label: The symbol as the file writes it.
        strokes: Ascending indices into `Ink.strokes`.
        href: The id of the MathML node that the symbol draws, "" for none.
    """

    label: str
    strokes: tuple[int, ...]
    href: str = ""


@dataclass(frozen=True)
class MathNode:
    """One MathML element of an ink's truth.

    Attributes:
        tag: The name of the element, without its namespace.
        text: The text of the element, without surrounding blanks.
        id: The id of the element, "" for none.
        strokes: Ascending indices of the strokes that draw the element itself, such as the bar of an mfrac, without
            those of its children.
        children: The child elements.
    """

    tag: str
    text: str = ""
    id: str = ""
    strokes: tuple[int, ...] = ()
    children: tuple[MathNode, ...] = ()

    def walk(self) -> Iterator[MathNode]:
        """Yield this node and its descendants in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, eq=False)
class Ink:
    """One recording.

    Attributes:
        strokes: The strokes, each from pen-down to pen-up: (points, 2) float64, read-only, finite, with at least one
            point. Any array-like is accepted.
        label: The truth as the file writes it.
        writer: The writer as the file names them.
        source: The path of the file.
        symbols: The segmentation into symbols, where known.
        truth: The truth as MathML, where known.
        annotations: Further annotations of the file by type, such as normalizedLabel.

    Raises:
        InkError: A stroke has another shape or is not finite, a symbol or node names a stroke that does not exist, or
            the ink exceeds MAX_STROKES, MAX_POINTS, MAX_STROKE_POINTS or MAX_COORDINATE.
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
                reason = f"names stroke {missing[0]}, but the ink has {count}"
                raise InkError(reason, place=str(group)[:80], source=self.source)


def checked_stroke(points: Any, index: int, source: str = "") -> np.ndarray:
    """Return the points of one stroke as a read-only float64 array (points, 2).

    Args:
        points: The points, any array-like.
        index: The index of the stroke, for the error.
        source: The file, for the error.

    Raises:
        InkError: The points have another shape, are not finite or exceed a limit.
    """
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
