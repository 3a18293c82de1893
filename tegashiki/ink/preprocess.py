"""Convert raw strokes to the arrays that a model takes. Runtimes in other languages implement this specification.

Each stroke is processed alone, in float64 (`frame_stroke`):

1. Drop every point that equals the point before it.
2. centre = the middle of the bounding box; size = max(width, height) of the box.
3. q = (p - centre) / size, or p - centre if size is 0.
4. Simplify q by RDP with epsilon 0.02 (simplify.py).
5. Take 32 points evenly spaced along the simplified line, including its two ends; a single point gives 32 zeros.

Then all strokes are processed together, again after each new stroke (`normalize_boxes`): positions and sizes in units
of the median stroke size (`unit_size`), relative to the leftmost centre and the median height. Only these depend on the
other strokes, so the stem of a model has to process each stroke only once during writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tegashiki.ink.ink import Ink
from tegashiki.ink.simplify import rdp_mask

POINTS_PER_STROKE = 32
RDP_EPSILON = 0.02  # in units of the stroke's size; keeps 8.3 points of a CROHME stroke on average
MAX_BOX = 1e6  # median stroke sizes; larger than any page, keeps float32 finite for absurd ink

_FRACTIONS = np.linspace(0.0, 1.0, POINTS_PER_STROKE)


@dataclass(frozen=True, eq=False)
class Strokes:
    """The input of a model for one ink: S strokes of P = POINTS_PER_STROKE points.

    Attributes:
        points_SP2: float32 (S, P, 2), each stroke in its own frame, coordinates within [-0.5, 0.5].
        boxes_S3: float32 (S, 3), centre x, centre y and size of each stroke, in units of the median stroke size.
    """

    points_SP2: np.ndarray
    boxes_S3: np.ndarray

    def __len__(self) -> int:
        return len(self.boxes_S3)


def preprocess(ink_or_strokes: Ink | Sequence[np.ndarray]) -> Strokes:
    """Return the arrays of an ink.

    Args:
        ink_or_strokes: The ink, or its strokes, each (points, 2) in raw units. No strokes give empty arrays.
    """
    strokes = ink_or_strokes.strokes if isinstance(ink_or_strokes, Ink) else ink_or_strokes
    framed = [frame_stroke(stroke) for stroke in strokes]
    points = np.array([points for points, _ in framed], dtype=np.float32).reshape(-1, POINTS_PER_STROKE, 2)
    return Strokes(points, normalize_boxes(np.array([box for _, box in framed]).reshape(-1, 3)))


def frame_stroke(stroke_N2: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Convert one stroke to its own frame, independently of other strokes.

    Args:
        stroke_N2: (N, 2) finite numbers in raw units, N >= 1.

    Returns:
        points_P2, float32 within [-0.5, 0.5], and box_3, float64 (centre x, centre y, size) in raw units. The size is
        max(width, height), 0 for a dot.
    """
    simplified, box = simplify_stroke(stroke_N2)
    return space_evenly(simplified), box


def place_points(points_SP2: np.ndarray, boxes_S3: np.ndarray) -> np.ndarray:
    """Return the points of framed strokes at their places on the page, (S, P, 2), in the unit of the boxes."""
    return points_SP2 * boxes_S3[:, None, 2:] + boxes_S3[:, None, :2]


def space_evenly(line_M2: np.ndarray) -> np.ndarray:
    """Perform step 5: return P evenly spaced points along a line.

    Args:
        line_M2: (M, 2) in the stroke's own frame, M >= 1.

    Returns:
        points_P2, float32 (P, 2); zeros for a single point.
    """
    points = np.zeros((POINTS_PER_STROKE, 2), dtype=np.float32)
    if len(line_M2) == 1:
        return points
    steps = line_M2[1:] - line_M2[:-1]
    along = np.zeros(len(line_M2))
    np.cumsum(np.sqrt(steps[:, 0] * steps[:, 0] + steps[:, 1] * steps[:, 1]), out=along[1:])
    where = along[-1] * _FRACTIONS
    points[:, 0] = np.interp(where, along, line_M2[:, 0])
    points[:, 1] = np.interp(where, along, line_M2[:, 1])
    return points


def simplify_stroke(stroke_N2: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Perform steps 1 to 4.

    Args:
        stroke_N2: (N, 2) finite numbers in raw units, N >= 1.

    Returns:
        The points that RDP keeps, (M, 2) float64 in the stroke's own frame, and box_3 as in `frame_stroke`.
    """
    unit, box = unit_stroke(stroke_N2)
    return unit[rdp_mask(unit, RDP_EPSILON)], box


def unit_stroke(stroke_N2: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Perform steps 1 to 3.

    Args:
        stroke_N2: (N, 2) finite numbers in raw units, N >= 1.

    Returns:
        The points that RDP simplifies, (M, 2) float64 within [-0.5, 0.5], and box_3 as in `frame_stroke`.
    """
    stroke = np.asarray(stroke_N2, dtype=np.float64)
    if len(stroke) > 1:
        moved = (stroke[1:] != stroke[:-1]).any(axis=1)
        if not moved.all():
            stroke = np.concatenate((stroke[:1], stroke[1:][moved]))
    low, high = stroke.min(axis=0), stroke.max(axis=0)
    centre, size = (low + high) / 2, float((high - low).max())
    unit = (stroke - centre) / (size or 1.0)
    # Far from the origin the centre is rounded: without clipping, a very small stroke there would leave its frame.
    return unit.clip(-0.5, 0.5), np.array([centre[0], centre[1], size])


def normalize_boxes(boxes_S3: npt.ArrayLike) -> np.ndarray:
    """Convert the boxes of one ink to its own unit: ((centre x - x) / unit, (centre y - y) / unit, size / unit).

    The unit is that of `unit_size`, x the smallest centre x and y the median centre y.

    Args:
        boxes_S3: (S, 3) raw boxes of `frame_stroke`, S >= 0.

    Returns:
        float32 (S, 3), magnitudes up to MAX_BOX.
    """
    boxes = np.asarray(boxes_S3, dtype=np.float64)
    if not len(boxes):
        return np.zeros((0, 3), dtype=np.float32)
    unit = unit_size(boxes)
    origin = np.array([boxes[:, 0].min(), np.median(boxes[:, 1]), 0.0])
    with np.errstate(over="ignore"):
        return ((boxes - origin) / unit).clip(-MAX_BOX, MAX_BOX).astype(np.float32)


def unit_size(boxes_S3: npt.ArrayLike) -> float:
    """Return the unit of an ink. It scales with the ink, so that a reading does not depend on the unit of the file.

    The unit is the median of the stroke sizes, where a dot counts as 0. If the median is 0, it is the largest size. If
    all strokes are dots, it is the larger side of the box around them divided by their number minus one, which is the
    distance between neighbours in an evenly spaced row or column. If all dots are at one place, it is 1.0, which then
    divides only zeros.

    Args:
        boxes_S3: (S, 3) raw boxes (centre x, centre y, size) of `frame_stroke`, S >= 1.
    """
    boxes = np.asarray(boxes_S3, dtype=np.float64)
    size = float(np.median(boxes[:, 2])) or float(np.max(boxes[:, 2]))
    if size:
        return size
    side = float(np.ptp(boxes[:, :2], axis=0).max())
    return side / max(1, len(boxes) - 1) or 1.0
