"""Tell lines of writing apart while they are written: which line does a new stroke belong to, or does it begin one?

Only boxes of strokes are looked at. A stroke begins a line if it stands clearly below everything that is near it in the
nearest line, and back at the left. What stands under a bar, under a sign with limits or beside a bracket stays in its
line: a formula that is torn apart is worse than two lines that are read as one.

Lengths are in sizes of writing (`_size`). `benchmarks/accuracy/lines.py` measures the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

_T = TypeVar("_T")

# Tuned on CROHME's `train`: single formulas must stay whole, and pages of formulas by one writer must come apart.
NEAR = 1.5  # horizontal reach: the strokes of a line within it tell how far away the line is
STAY = 0.3  # a line that is being written is preferred to another that is nearer by less than this
GAP = 0.75  # vertical gap above a new line
FEW = 6  # a line of fewer strokes may be a sign whose limit follows
UNDER_FEW = 0.9  # gap below such a line, in heights of its tallest stroke
LEAST = 2  # a first line of fewer strokes does not end, because the size of the writing is not known yet
FLAT = 0.35  # height over width of a bar at most
LONG = 0.7  # length of a bar of a fraction at least
OVER_BAR = 1.5  # gap between such a bar and its numerator at most
UNDER_BAR = 3.0  # gap below a bar that has a numerator and no denominator
WIDE = 2.0  # a bar longer than this is seldom the first stroke of a line
OVER_WIDE = 1.2  # gap above such a bar if it begins a line
DEEP = 0.3  # a new line begins below all ink of the line above, or at most this far up
BACK = 0.5  # a new line begins within this share of the width of the line above, from the left
INDENT = 4.0  # or within this length
CLEAR = 2.0  # or anywhere below this gap
LATE = 4  # so many strokes may turn out to have begun the line of a stroke
MORE = 0.6  # the gap above them is wider by this
ABOVE = 3.0  # gap below a new line that is written above another
DOT = 0.25  # of the upper quartile of sizes; smaller strokes say nothing about the size of writing and begin no line
TALL = 2.0  # height over width of a bracket at least


@dataclass(frozen=True)
class Box:
    """The extent of one or several strokes; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def side(self) -> float:
        """The longer side."""
        return max(self.right - self.left, self.bottom - self.top)

    @property
    def flat(self) -> bool:
        """Whether it is shaped like a bar."""
        return self.bottom - self.top < FLAT * (self.right - self.left)


@dataclass(frozen=True)
class Place:
    """Where a stroke belongs.

    Attributes:
        line: Index of its line, counted from the top.
        new: Whether the line is a new one. The lines from this index on then move down by one.
        moved: How many of the last strokes of the line above go with it into the new line.
        joined: Further lines that the stroke makes one with its line, as a bracket does, ascending.
    """

    line: int
    new: bool = False
    moved: int = 0
    joined: tuple[int, ...] = ()


def box_of(points: np.ndarray) -> Box:
    """Return the box of a stroke (N, 2)."""
    return Box(*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


def place(lines: Sequence[Sequence[Box]], box: Box, current: int | None = None) -> Place:
    """Return the line that a new stroke belongs to.

    Args:
        lines: For each line from the top the boxes of its strokes in the order of writing, none empty.
        box: The new stroke.
        current: The line that was written last, if any.
    """
    if not lines:
        return Place(0, new=True)
    size = _size([*(other for line in lines for other in line), box])
    spanned = [index for index, line in enumerate(lines) if _spans(box, line, size)]
    if len(spanned) > 1:
        return Place(spanned[0], joined=tuple(range(spanned[0] + 1, spanned[-1] + 1)))
    gaps = [_gap(_near(line, box, size), box) for line in lines]
    costs = [gap - STAY * size * (index == current) for index, gap in enumerate(gaps)]
    nearest = max(index for index, cost in enumerate(costs) if cost == min(costs))
    line = lines[nearest]
    if _begins_below(line, box, size, 0.0, alone=len(lines) == 1):
        return Place(nearest + 1, new=True)
    between = nearest > 0 and gaps[nearest] > ABOVE * size
    if between and _begins_below(lines[nearest - 1], box, size, 0.0, alone=False):
        return Place(nearest, new=True)
    if nearest == 0 and len(line) >= FEW and all(other.top > box.bottom + ABOVE * size for other in line):
        return Place(0, new=True)
    moved = _began_late(line, box, size, alone=len(lines) == 1) if nearest == current else 0
    return Place(nearest + 1, new=True, moved=moved) if moved else Place(nearest)


def tell_apart(strokes: Sequence[np.ndarray]) -> list[list[int]]:
    """Return the lines of strokes in the order of writing, from the top, each as the indices of its strokes."""
    boxes = [box_of(stroke) for stroke in strokes]
    lines: list[list[int]] = []
    current: int | None = None
    for index, box in enumerate(boxes):
        current = put(lines, index, place([[boxes[each] for each in line] for line in lines], box, current))
    return lines


def put(lines: list[list[_T]], stroke: _T, where: Place) -> int:
    """Put a stroke, in whatever form, into lines of others. Return the index of its line."""
    if where.new:
        above = lines[where.line - 1] if where.moved else []
        lines.insert(where.line, above[len(above) - where.moved :])
        del above[len(above) - where.moved :]
    for other in reversed(where.joined):
        lines[where.line] += lines[other]
        del lines[other]
    lines[where.line].append(stroke)
    return where.line


def _size(boxes: Sequence[Box]) -> float:
    """Return the median of the longer sides without dots, 1 if there are only dots."""
    sides = sorted(box.side for box in boxes)
    sides = [side for side in sides if side >= DOT * sides[3 * len(sides) // 4]]
    return sides[len(sides) // 2] or 1.0


def _near(line: Sequence[Box], box: Box, size: float) -> list[Box]:
    """Return the strokes of a line that are horizontally near a stroke, at least the nearest."""
    apart = [max(0.0, other.left - box.right, box.left - other.right) for other in line]
    reach = min(apart) + NEAR * size
    return [other for other, distance in zip(line, apart, strict=True) if distance <= reach]


def _gap(near: Sequence[Box], box: Box) -> float:
    """Return the vertical gap between a stroke and the nearest of others, 0 if it stands beside one."""
    return min(max(0.0, other.top - box.bottom, box.top - other.bottom) for other in near)


def _spans(box: Box, line: Sequence[Box], size: float) -> bool:
    """Return whether a stroke is a bracket beside a line: tall, and from above to below the middle of what is near."""
    if box.bottom - box.top < TALL * max(box.right - box.left, size):
        return False
    near = _near(line, box, size)
    middle = (min(other.top for other in near) + max(other.bottom for other in near)) / 2
    return box.top < middle < box.bottom


def _begins_below(line: Sequence[Box], box: Box, size: float, more: float, *, alone: bool) -> bool:
    """Return whether a stroke, or several in one box, begins a line below another one, `more` sizes further down."""
    near = _near(line, box, size)
    if any(other.bottom > box.top for other in near) or box.side < DOT * size or (alone and len(line) < LEAST):
        return False
    left, right = min(other.left for other in line), max(other.right for other in line)
    if box.top < max(other.bottom for other in line) - DEEP * size or box.left >= right:
        return False
    wanted = GAP * size
    if len(line) < FEW:
        wanted = max(wanted, UNDER_FEW * max(other.bottom - other.top for other in line))
    if not more and box.flat and box.side > WIDE * size:
        wanted = max(wanted, OVER_WIDE * size)
    if _awaits_denominator(line, box, size):
        wanted = max(wanted, UNDER_BAR * size)
    if box.left - left > max(BACK * (right - left), INDENT * size):
        wanted = max(wanted, CLEAR * size)
    return _gap(near, box) - more * size > wanted


def _awaits_denominator(line: Sequence[Box], box: Box, size: float) -> bool:
    """Return whether a stroke stands under a bar that has a numerator and no denominator."""
    over = [other for other in line if other.left <= box.right and box.left <= other.right]
    bar = max(over, key=lambda other: other.bottom, default=None)
    if bar is None or not bar.flat or bar.side < LONG * size:
        return False
    there = [other for other in line if other is not bar and bar.left <= (other.left + other.right) / 2 <= bar.right]
    if any(other.top >= bar.top for other in there):
        return False
    return any(not other.flat and bar.top - OVER_BAR * size <= other.bottom <= bar.bottom for other in there)


def _began_late(line: Sequence[Box], box: Box, size: float, *, alone: bool) -> int:
    """Return how many of the last strokes of a line begin a new line together with a stroke, 0 if none do."""
    for count in range(1, min(LATE, len(line) - 1) + 1):
        box = _around(box, line[-count])
        if _begins_below(line[:-count], box, size, MORE, alone=alone):
            return count
    return 0


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )
