"""Put strokes into the order and direction in which people write formulas.

Lines are written from the top, a formula from left to right, a fraction as numerator, bar, denominator, a root sign
before what is under it, and a sum sign before its limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

START = 0.7  # weight of x over y: a stroke starts at the end with the lower sum
LEFT, RIGHT, BOTTOM = 2.0, 0.45, -0.4  # weights of a stroke's edges over its top: the order of strokes that touch
FLAT = 0.35  # height over width of a bar at most
STACKED = 0.6  # share of the narrower part that lies above or below the other
LINE_GAP = 0.45  # symbol heights; smaller gaps part a limit or a dot from its symbol
FRACTION_GAP = 1.3  # symbol heights between a bar and its numerator or denominator at most
MINUS_GAP = 0.8  # the same for a bar shorter than LONG_BAR, which may be a minus sign
LONG_STROKE = 1.5  # median stroke sizes; a bar so long is a part of its own even where it touches others
LONG_BAR = 1.2  # symbol heights
LIMIT, TALL = 0.6, 1.4  # a limit is lower than this share of its sign, which is taller than this many symbols


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of a formula.

    Attributes:
        box: Left, top, right and bottom in pixels.
        strokes: Indices of its strokes in the order of writing.
        flat: Whether it is a single stroke shaped like a bar.
        roof: Whether its upper edge spans at least half its width, as that of a root sign.
    """

    box: tuple[float, float, float, float]
    strokes: tuple[int, ...]
    flat: bool = False
    roof: bool = False


def direct(stroke_N2: np.ndarray) -> np.ndarray:
    """Turn a stroke so that it starts at its upper left end; a loop starts at its top and runs against the clock."""
    if len(stroke_N2) < 3 or np.abs(stroke_N2[0] - stroke_N2[-1]).max() > 1.5:
        right, down = (stroke_N2[-1] - stroke_N2[0]).tolist()
        return stroke_N2 if START * right + down >= 0 else stroke_N2[::-1]
    loop = stroke_N2[:-1]
    loop = np.roll(loop, -int(loop[:, 1].argmin()), axis=0)
    loop = np.concatenate([loop, loop[:1]])
    x, y = loop[:, 0], loop[:, 1]
    with_clock = float(np.cumsum(x[:-1] * y[1:] - x[1:] * y[:-1])[-1]) > 0  # y grows downwards
    return loop[::-1] if with_clock else loop


def order_lines(strokes: Sequence[np.ndarray], components: Sequence[int], width: float) -> list[list[int]]:
    """Return the lines of writing from the top, each the indices of its strokes in the order of writing.

    Args:
        strokes: The strokes, (points, 2) each, in pixels.
        components: For each stroke the number of the connected piece of ink that it belongs to.
        width: Width of the pen in pixels.
    """
    parts = _parts(strokes, components, width)
    return [[stroke for part in _in_order(line) for stroke in part.strokes] for line in _lines(parts)]


def _parts(strokes: Sequence[np.ndarray], components: Sequence[int], width: float) -> list[Part]:
    """Return one part for each connected piece of ink, and one for each long bar even where it touches others."""
    if not strokes:
        return []
    corners = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in strokes])
    sides = corners[:, 2:] - corners[:, :2] + width
    size = float(np.median(sides.max(axis=1)))
    flat = [_is_bar(stroke, side, size) for stroke, side in zip(strokes, sides.tolist(), strict=True)]
    members: dict[int, list[int]] = {}
    places = [LEFT * left + top + RIGHT * right + BOTTOM * bottom for left, top, right, bottom in corners.tolist()]
    for stroke in sorted(range(len(strokes)), key=places.__getitem__):
        alone = flat[stroke] and sides[stroke, 0] > LONG_STROKE * size
        members.setdefault(-stroke - 1 if alone else components[stroke], []).append(stroke)
    parts = []
    for group in members.values():
        low, high = corners[group, :2].min(axis=0), corners[group, 2:].max(axis=0)
        points = np.concatenate([strokes[stroke] for stroke in group])
        upper = points[points[:, 1] <= low[1] + 0.35 * (high[1] - low[1]), 0]
        roof = bool(np.ptp(upper) >= 0.5 * (high[0] - low[0])) and high[0] - low[0] > 4 * width
        box = (*(low - width / 2).tolist(), *(high + width / 2).tolist())
        parts.append(Part(box, tuple(group), len(group) == 1 and flat[group[0]], roof))
    return parts


def _is_bar(stroke_N2: np.ndarray, sides: Sequence[float], size: float) -> bool:
    """Return whether a stroke is flat and straight; a wide root sign is only flat."""
    if sides[1] > FLAT * sides[0]:
        return False
    from_start = stroke_N2 - stroke_N2[0]
    right, down = from_start[-1].tolist()
    bulge = np.abs(from_start[:, 0] * down - from_start[:, 1] * right) / max(sqrt(right * right + down * down), 1e-9)
    return bool(bulge.max() <= min(0.2 * sides[0], 0.4 * size))


def symbol_height(parts: Sequence[Part]) -> float:
    """Return the median height of the parts that are neither bars nor dots, or of all if there are no others."""
    tall = [part.box[3] - part.box[1] for part in parts if not part.flat]
    tall = [height for height in tall if height > 0.3 * max(tall)] or [part.box[2] - part.box[0] for part in parts]
    return float(np.median(tall))


def _lines(parts: list[Part]) -> list[list[Part]]:
    """Split parts at the empty rows between lines of writing."""
    if not parts:
        return []
    height = symbol_height(parts)
    ties = [*_fraction_ties(parts, height), *_limit_ties(parts, height)]
    lines: list[list[Part]] = []
    bottom = -np.inf
    for part in sorted(parts, key=lambda part: part.box[1]):
        top = part.box[1]
        tied = any(low <= bottom and top <= high for low, high in ties)
        if not lines or (top - bottom > LINE_GAP * height and not tied):
            lines.append([])
        lines[-1].append(part)
        bottom = max(bottom, part.box[3])
    return lines


def _fraction_ties(parts: list[Part], height: float) -> list[tuple[float, float]]:
    """Return the rows from the nearest part above to the nearest part below each bar that has both."""
    ties = []
    for bar in (part for part in parts if part.flat):
        reach = FRACTION_GAP * height if bar.box[2] - bar.box[0] > LONG_BAR * height else MINUS_GAP * height
        above, below = _nearest(bar, parts)
        if above is not None and below is not None and max(bar.box[1] - above, below - bar.box[3]) < reach:
            ties.append((above, below))
    return ties


def _limit_ties(parts: list[Part], height: float) -> list[tuple[float, float]]:
    """Return the rows between a tall sign, such as a sum, or a letter, and the limits or the dot above or below it."""
    ties = []
    for sign in (part for part in parts if not part.flat):
        tall = sign.box[3] - sign.box[1]
        above, below = _nearest(sign, [part for part in parts if part.box[3] - part.box[1] < LIMIT * tall])
        if above is not None and sign.box[1] - above < height:
            ties.append((above, sign.box[1]))
        if below is not None and below - sign.box[3] < height and tall > TALL * height:
            ties.append((sign.box[3], below))
    return ties


def _nearest(part: Part, parts: list[Part]) -> tuple[float | None, float | None]:
    """Return the lower edge of the nearest part above and the upper edge of the nearest one below, None if none."""
    left, top, right, bottom = part.box
    near = [other for other in parts if other is not part and left <= (other.box[0] + other.box[2]) / 2 <= right]
    above = [other.box[3] for other in near if other.box[3] <= (top + bottom) / 2]
    below = [other.box[1] for other in near if other.box[1] >= (top + bottom) / 2]
    return max(above, default=None), min(below, default=None)


def _in_order(parts: list[Part]) -> list[Part]:
    """Return the parts of one line in the order of writing."""
    parts = _join_fractions(parts)
    parts = _join_roots(parts)
    groups: list[list[Part]] = []
    for part in sorted(parts, key=lambda part: part.box[0]):
        if groups and any(_stacked(part, other) for other in groups[-1]):
            groups[-1].append(part)
        else:
            groups.append([part])
    return [part for group in groups for part in _stack_order(group)]


def _join_fractions(parts: list[Part]) -> list[Part]:
    """Join each bar that has parts above and below, the widest first, with these parts."""
    height = symbol_height(parts) if parts else 0.0
    for bar in sorted((part for part in parts if part.flat), key=lambda part: part.box[0] - part.box[2]):
        if bar not in parts:
            continue  # in a wider fraction
        above = _chain(bar, parts, height, above=True)
        below = _chain(bar, parts, height, above=False)
        if not above or not below:
            continue
        inside = {id(part) for part in (bar, *above, *below)}
        ordered = [*_in_order(above), bar, *_in_order(below)]
        parts = [part for part in parts if id(part) not in inside] + [_joined(ordered)]
    return parts


def _chain(bar: Part, parts: list[Part], height: float, above: bool) -> list[Part]:
    """Return the parts above or below a bar, as far as no empty space of a line's gap lies between."""
    left, top, right, bottom = bar.box
    pad = 0.25 * height
    found: list[Part] = []
    edge = top if above else bottom
    there = [part for part in parts if part is not bar and left - pad <= (part.box[0] + part.box[2]) / 2 <= right + pad]
    middle = (top + bottom) / 2
    there = [part for part in there if (part.box[1] + part.box[3] < 2 * middle) == above]
    for part in sorted(there, key=lambda part: -part.box[3] if above else part.box[1]):
        gap = edge - part.box[3] if above else part.box[1] - edge
        if gap > FRACTION_GAP * height:
            break
        found.append(part)
        edge = min(edge, part.box[1]) if above else max(edge, part.box[3])
    return found


def _join_roots(parts: list[Part]) -> list[Part]:
    """Join each root sign with the parts under its roof."""
    for root in sorted((part for part in parts if part.roof), key=lambda part: part.box[0] - part.box[2]):
        if root not in parts:
            continue
        left, top, right, bottom = root.box
        inside = [
            part
            for part in parts
            if part is not root
            and left < (part.box[0] + part.box[2]) / 2 < right
            and top < (part.box[1] + part.box[3]) / 2 < bottom
        ]
        if inside:
            kept = {id(part) for part in (root, *inside)}
            parts = [part for part in parts if id(part) not in kept] + [_joined([root, *_in_order(inside)])]
    return parts


def _joined(parts: Sequence[Part]) -> Part:
    boxes = np.array([part.box for part in parts])
    box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    return Part(box, tuple(stroke for part in parts for stroke in part.strokes))


def _stacked(one: Part, other: Part) -> bool:
    """Return whether one part stands above the other."""
    overlap = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    narrower = min(one.box[2] - one.box[0], other.box[2] - other.box[0])
    apart = one.box[1] >= other.box[3] or other.box[1] >= one.box[3]
    return apart and overlap >= STACKED * narrower


def _stack_order(parts: list[Part]) -> list[Part]:
    """Order parts that stand above one another: bars from the top, else the tallest's row, those below, those above."""
    if len(parts) == 1:
        return parts
    rows: list[list[Part]] = []
    bottom = -np.inf
    for part in sorted(parts, key=lambda part: part.box[1]):
        if part.box[1] >= bottom:
            rows.append([])
        rows[-1].append(part)
        bottom = max(bottom, part.box[3])
    tallest = max(range(len(rows)), key=lambda row: max(part.box[3] - part.box[1] for part in rows[row]))
    if not all(part.flat for part in parts):
        rows = [rows[tallest], *rows[tallest + 1 :], *rows[:tallest]]
    return [part for row in rows for part in sorted(row, key=lambda part: part.box[0])]
