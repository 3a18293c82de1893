r"""Recognise a scratch-out or a strike: a stroke that takes away ink instead of adding to it.

    indices = struck(strokes, stroke)  # of the strokes that the new one takes away; none if it is ink

Both gestures are a zigzag over ink: **sweeps** to and fro along one direction, each nearly straight.

- A *scratch-out* has five sweeps or more. It takes the strokes that lie under it, and those that it crosses again and
  again.
- A *strike* is a line drawn there, back and there again: three sweeps or more, close together, that all cross ink. It
  takes the strokes that it crosses twice.

A single line through a symbol is no gesture, because it cannot be told from the second stroke of x, t, 7, + or \neq.
The settings were chosen on CROHME's training inks by `benchmarks/accuracy/gestures.py`; docs/gestures.md has figures.
The same is done by `web/src/recognizer/gestures.ts` and `Gestures.java`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tegashiki.ink.simplify import rdp_mask

DIRECTIONS = 12  # directions that sweeps are looked for along, in half a turn: every 15 degrees
TURN = 0.35  # way back, of the extent, that ends a sweep: less is tremor, and sloppy sweeps differ in length
THIN = 0.12  # extent along a direction, of the diagonal, below which the stroke is a line across it and only trembles
SMOOTH = 0.01  # of the diagonal; lengths are measured after a simplification, because a mouse moves from pixel to pixel
STRAIGHT = 0.92  # least length of the sweeps over that of the stroke: letters such as k, d and m are more curved
SCRATCH_SWEEPS = 5  # B and \beta in one stroke have four sweeps, and start with the line that they cross
STRIKE_SWEEPS = 3  # a line is also retraced to and fro, by accident or to make it thicker
FLAT = 0.25  # greatest extent of a strike across its sweeps, over that along them
STRUCK_TWICE = 2  # sweeps of a strike that cross each stroke it takes
COVERED = 0.35  # least part of a stroke under a scratch-out that takes it
CROSSED = 0.5  # least part of the sweeps that cross a stroke between their ends, which takes it too
WHOLE = 0.9  # part of a stroke from which on it lies under a scratch-out as a whole
# Sweeps that cross what a scratch-out takes: so many if it has the fewest sweeps, if it has more, and if a stroke lies
# under it as a whole, such as a minus between sweeps that are parallel to it.
LEAST_CROSSING, CROSSING, CROSSING_WHOLE = 4, 3, 1
MARGIN = 1.15  # the area of a scratch-out is that much larger than its hull: people do not reach every end
STROKE_SAMPLES = 32  # points that stand for a stroke
SWEEP_SAMPLES = 8  # points that stand for a sweep
MOST_SWEEPS = 64  # later sweeps are not looked at: they bound the time that a scribble costs


@dataclass(frozen=True, eq=False)
class _Zigzag:
    """A stroke as a zigzag.

    Attributes:
        sweeps: The sweeps, each float64 (SWEEP_SAMPLES, 2).
        straightness: The length of the sweeps over that of the stroke.
        flat: Whether the sweeps are close together.
    """

    sweeps: list[np.ndarray]
    straightness: float
    flat: bool


def struck(strokes: Sequence[np.ndarray], stroke: np.ndarray) -> tuple[int, ...]:
    """Return the strokes that a new stroke takes away.

    Args:
        strokes: The strokes already written, float64 (N, 2) each, in any unit.
        stroke: The new stroke, float64 (N, 2) in the same unit.

    Returns:
        Ascending indices into `strokes`; none if the new stroke is ink.
    """
    middle = (stroke.min(axis=0) + stroke.max(axis=0)) / 2
    area = middle + MARGIN * (stroke - middle)
    low, high = area.min(axis=0), area.max(axis=0)
    near = [
        index
        for index, other in enumerate(strokes)
        if (other.max(axis=0) >= low).all() and (other.min(axis=0) <= high).all()
    ]
    zigzag = _zigzag(stroke) if near else None
    if zigzag is None or zigzag.straightness < STRAIGHT:
        return ()
    samples = {index: _sampled(strokes[index], STROKE_SAMPLES) for index in near}
    crossings = {index: _crossings(zigzag.sweeps, samples[index]) for index in near}
    if len(zigzag.sweeps) >= SCRATCH_SWEEPS:
        return _scratched(zigzag, _hull(area), samples, crossings)
    return _stricken(zigzag, crossings)


def _scratched(
    zigzag: _Zigzag, area: np.ndarray, samples: dict[int, np.ndarray], crossings: dict[int, np.ndarray]
) -> tuple[int, ...]:
    """Return what a zigzag takes away as a scratch-out, whose area is a convex polygon."""
    sweeps = len(zigzag.sweeps)
    taken, crossing, whole = [], np.zeros(sweeps, bool), False
    for index, crossed in crossings.items():
        covered = _share_inside(area, samples[index])
        between_ends = np.count_nonzero(crossed[:, 1:-1].any(axis=1))
        if covered >= COVERED or between_ends >= CROSSED * sweeps:
            taken.append(index)
            crossing |= crossed.any(axis=1)
            whole |= covered >= WHOLE
    least = CROSSING_WHOLE if whole else LEAST_CROSSING if sweeps == SCRATCH_SWEEPS else CROSSING
    return tuple(taken) if np.count_nonzero(crossing) >= least else ()


def _stricken(zigzag: _Zigzag, crossings: dict[int, np.ndarray]) -> tuple[int, ...]:
    """Return what a zigzag takes away as a strike."""
    if not zigzag.flat or len(zigzag.sweeps) < STRIKE_SWEEPS:
        return ()
    taken, crossing = [], np.zeros(len(zigzag.sweeps), bool)
    for index, crossed in crossings.items():
        crosses = crossed.any(axis=1)
        if np.count_nonzero(crosses) >= STRUCK_TWICE:
            taken.append(index)
            crossing |= crosses
    return tuple(taken) if np.count_nonzero(crossing) >= STRIKE_SWEEPS else ()


def _zigzag(stroke: np.ndarray) -> _Zigzag | None:
    """Return a stroke as a zigzag along the direction with the most sweeps, None if it never turns."""
    diagonal = math.hypot(*(stroke.max(axis=0) - stroke.min(axis=0)))
    extents, turns, best = [], [0], 0
    for number in range(DIRECTIONS):
        angle = math.pi * number / DIRECTIONS
        along = stroke[:, 0] * math.cos(angle) + stroke[:, 1] * math.sin(angle)
        extents.append(float(along.max() - along.min()))
        if extents[number] <= THIN * diagonal:
            continue
        found = _turns(along.tolist(), TURN * extents[number])
        longer = len(found) == len(turns) and extents[number] > extents[best] * (
            1 + 1e-9
        )  # ties: alike on all machines
        if len(found) > len(turns) or longer:
            turns, best = found, number
    if len(turns) - 1 < STRIKE_SWEEPS:
        return None
    ends = stroke[turns]
    path = np.hypot(*np.diff(stroke[rdp_mask(stroke, SMOOTH * diagonal)], axis=0).T).sum()
    straightness = float(np.hypot(*np.diff(ends, axis=0).T).sum() / path)
    pairs = list(itertools.pairwise(turns))[:MOST_SWEEPS]
    sweeps = [_sampled(stroke[start : end + 1], SWEEP_SAMPLES) for start, end in pairs]
    across = extents[(best + DIRECTIONS // 2) % DIRECTIONS]
    return _Zigzag(sweeps, straightness, across <= FLAT * extents[best])


def _turns(along: list[float], least: float) -> list[int]:
    """Return the indices between which numbers rise or fall by at least `least`, in turn."""
    turns: list[int] = []
    lowest = highest = 0
    rising = True
    for index, value in enumerate(along):
        lowest = index if value < along[lowest] else lowest
        highest = index if value > along[highest] else highest
        turned = along[highest] - value >= least if rising else value - along[lowest] >= least
        if not turns and along[highest] - along[lowest] >= least:
            rising = highest > lowest
            turns.append(lowest if rising else highest)
        elif turns and turned:
            turns.append(highest if rising else lowest)
            rising = not rising
        else:
            continue
        lowest = highest = index
    if turns:
        turns.append(highest if rising else lowest)
    return turns


def _sampled(points: np.ndarray, count: int) -> np.ndarray:
    """Return points at equal distances along a line."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = lengths[-1] * np.arange(count) / (count - 1)
    return np.stack([np.interp(at, lengths, points[:, axis]) for axis in (0, 1)], axis=1)


def _crossings(sweeps: Sequence[np.ndarray], line: np.ndarray) -> np.ndarray:
    """Return which segments of the sweeps cross a line: bool (sweeps, SWEEP_SAMPLES - 1)."""
    ends = np.stack(sweeps)
    start, step = ends[:, :-1, None], np.diff(ends, axis=1)[:, :, None]
    other, other_step = line[:-1], np.diff(line, axis=0)
    apart = other - start
    area = step[..., 0] * other_step[..., 1] - step[..., 1] * other_step[..., 0]
    on_sweep = (apart[..., 0] * other_step[..., 1] - apart[..., 1] * other_step[..., 0]) * np.sign(area)
    on_line = (apart[..., 0] * step[..., 1] - apart[..., 1] * step[..., 0]) * np.sign(area)
    within = (on_sweep >= 0) & (on_sweep <= abs(area)) & (on_line >= 0) & (on_line <= abs(area))
    return np.any(within & (area != 0), axis=2)


def _hull(points: np.ndarray) -> np.ndarray:
    """Return the corners of the convex hull of points, which are not all on a line, in one sense of rotation."""
    ordered = points[np.lexsort((points[:, 1], points[:, 0]))]
    corners: list[np.ndarray] = []
    for half in (ordered, ordered[::-1]):
        first = len(corners)
        for x, y in half.tolist():
            while len(corners) - first > 1 and _area(corners[-2], corners[-1], (x, y)) <= 0:
                corners.pop()
            corners.append(np.array((x, y)))
        corners.pop()  # it begins the other half
    return np.array(corners)


def _area(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray, c: Sequence[float]) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _share_inside(area: np.ndarray, points: np.ndarray) -> float:
    """Return the share of points inside a convex polygon."""
    side = np.roll(area, -1, axis=0) - area
    apart = points[:, None] - area
    return float(np.mean((side[:, 0] * apart[..., 1] - side[:, 1] * apart[..., 0] >= 0).all(axis=1)))
