"""Ramer-Douglas-Peucker simplification of a stroke: keeps exactly the points that `rdp` keeps, a hundred times faster.

The reference is `rdp.rdp(points, epsilon, algo="iter", return_mask=True)` of the package rdp 0.8. The distance of a
point is measured to the LINE through the ends of the segment (to the point, if both ends are equal). The first of
equally distant points is chosen, and it is kept if its distance is above epsilon. The distances are computed with the
same operations in the same order as in rdp, so that ties are decided equally to the last bit.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

_SHORT = 48  # number of inner points up to which a plain loop is faster than numpy
_SAFE = (1e-70, 1e70)  # range of magnitudes in which squares of products neither overflow nor underflow


def rdp_mask(points_P2: npt.ArrayLike, epsilon: float) -> np.ndarray:
    """Return the mask of the points that RDP keeps.

    Args:
        points_P2: (P, 2) numbers, P >= 0, converted to float64.
        epsilon: Maximum distance of the dropped points, >= 0, in the unit of the points.

    Returns:
        bool (P,); the first and the last point are always kept.

    Raises:
        ValueError: The points have another shape, or epsilon is negative or NaN (rdp does not terminate then).
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
    """Return the distance and index of the inner point that is farthest from the line through `first` and `last`."""
    chord = points[last] - points[first]
    length = sqrt(chord.dot(chord))  # not x*x + y*y, which rounds twice where numpy's dot may round once
    if last - first > _SHORT or not _SAFE[0] < length < _SAFE[1]:
        return _farthest_by_numpy(points, first, last)
    x0, y0 = xs[first], ys[first]
    dx, dy = xs[last] - x0, ys[last] - y0
    widest, farthest, index = 0.0, 0.0, first
    for i in range(first + 1, last):
        area = abs(dx * (y0 - ys[i]) - dy * (x0 - xs[i]))
        if area > widest:  # avoids most divisions; different areas may round to one distance, then the first wins
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
        distances = np.sqrt(cross * cross) / np.sqrt(chord.dot(chord))  # rdp computes |cross| as this square root
    distances = np.where(np.isnan(distances), 0.0, distances)  # rdp compares with ">" and so never chooses NaN
    index = int(np.argmax(distances))  # the first of equal distances, as in rdp
    return float(distances[index]), first + 1 + index
