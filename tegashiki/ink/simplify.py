"""The Ramer-Douglas-Peucker simplification of a stroke: exactly the points that `rdp` keeps, a hundred times faster.

`rdp.rdp(points, epsilon, algo="iter", return_mask=True)` of the package rdp 0.8 is the definition: the
distance is that of a point to the LINE through the segment's ends (to the point, where the ends are one),
the first of equally distant points wins, and a point is kept where its distance is above epsilon. The
distances are computed with rdp's own operations in rdp's own order, so that ties fall alike to the last bit.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

_SHORT = 48  # inner points up to which a plain loop is faster than numpy's calls
_SAFE = (1e-70, 1e70)  # magnitudes whose squares of products neither overflow nor vanish


def rdp_mask(points_P2: npt.ArrayLike, epsilon: float) -> np.ndarray:
    """Which points RDP keeps.

    Args: points_P2: (P, 2) numbers, P >= 0, taken as float64. epsilon: >= 0, in the points' unit.
    Returns: (P,) bool; the first and the last point are always kept.
    Raises: ValueError for another shape, and for a negative or NaN epsilon (rdp never returns there).
    """
    points = np.asarray(points_P2, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points have the shape {points.shape}, expected (points, 2)")
    if not epsilon >= 0:
        raise ValueError(f"epsilon is {epsilon}, expected a number >= 0")
    count = len(points)
    mask = np.zeros(count, dtype=bool)
    if not count:
        return mask
    mask[0] = mask[-1] = True
    xs, ys = points[:, 0].tolist(), points[:, 1].tolist()
    stack = [(0, count - 1)]
    with np.errstate(all="ignore"):  # huge coordinates overflow here as they do in rdp
        while stack:
            first, last = stack.pop()
            if last - first < 2:
                continue
            distance, index = _farthest(points, xs, ys, first, last)
            if distance > epsilon:
                mask[index] = True
                stack.append((first, index))
                stack.append((index, last))
    return mask


def _farthest(points: np.ndarray, xs: list[float], ys: list[float], first: int, last: int) -> tuple[float, int]:
    """The distance and index of the inner point farthest from the line through `first` and `last`."""
    chord = points[last] - points[first]
    length = sqrt(chord.dot(chord))  # not x*x + y*y: numpy's dot may round once where that rounds twice
    if last - first > _SHORT or not _SAFE[0] < length < _SAFE[1]:
        return _farthest_by_numpy(points, first, last)
    x0, y0 = xs[first], ys[first]
    dx, dy = xs[last] - x0, ys[last] - y0
    widest, farthest, index = 0.0, 0.0, first
    for i in range(first + 1, last):
        area = abs(dx * (y0 - ys[i]) - dy * (x0 - xs[i]))
        if area > widest:  # spares most divisions; two areas may still be one distance, when the first wins
            widest, distance = area, area / length
            if distance > farthest:
                farthest, index = distance, i
    if farthest and not _SAFE[0] < farthest < _SAFE[1]:
        return _farthest_by_numpy(points, first, last)
    return farthest, index


def _farthest_by_numpy(points: np.ndarray, first: int, last: int) -> tuple[float, int]:
    start, end, inner = points[first], points[last], points[first + 1 : last]
    offsets = start - inner
    if np.array_equal(start, end):
        distances = np.sqrt([offset.dot(offset) for offset in offsets])
    else:
        chord = end - start
        cross = chord[0] * offsets[:, 1] - chord[1] * offsets[:, 0]
        distances = np.sqrt(cross * cross) / np.sqrt(chord.dot(chord))  # so does rdp take the norm of a number
    distances = np.where(np.isnan(distances), 0.0, distances)  # rdp's ">" never chooses NaN
    index = int(np.argmax(distances))  # the first of equals, as in rdp
    return float(distances[index]), first + 1 + index
