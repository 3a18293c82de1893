"""From raw strokes to the arrays that a model takes: the specification that a phone re-implements.

Each stroke alone, in float64 (`frame_stroke`):

1. Drop every point that equals the point before it.
2. centre = the middle of the bounding box; size = max(width, height) of the box.
3. q = (p - centre) / size, or p - centre where size is 0.
4. Simplify q by RDP with epsilon 0.02 (simplify.py).
5. 32 points evenly spaced along the simplified line, its two ends included; a single point gives 32 zeros.

All strokes together, whenever one is added (`normalize_boxes`): positions and sizes in units of the median
stroke size (`unit_size`), relative to the leftmost centre and the median height. Nothing else of a stroke depends on
the others, so while somebody writes the stem sees each stroke once.
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
MAX_BOX = 1e6  # median stroke sizes; beyond any page, keeps float32 finite for absurd ink

_FRACTIONS = np.linspace(0.0, 1.0, POINTS_PER_STROKE)


@dataclass(frozen=True, eq=False)
class Strokes:
    """An ink as a model takes it, S strokes of P = POINTS_PER_STROKE points.

    points_SP2: float32, each stroke in its own frame, coordinates within [-0.5, 0.5].
    boxes_S3: float32, centre x, centre y and size, in units of the median stroke size.
    """

    points_SP2: np.ndarray
    boxes_S3: np.ndarray

    def __len__(self) -> int:
        return len(self.boxes_S3)


def preprocess(ink_or_strokes: Ink | Sequence[np.ndarray]) -> Strokes:
    """The arrays of an ink, or of its strokes, each (points, 2) in raw units; no strokes give empty arrays."""
    strokes = ink_or_strokes.strokes if isinstance(ink_or_strokes, Ink) else ink_or_strokes
    framed = [frame_stroke(stroke) for stroke in strokes]
    points = np.array([points for points, _ in framed], dtype=np.float32).reshape(-1, POINTS_PER_STROKE, 2)
    return Strokes(points, normalize_boxes(np.array([box for _, box in framed]).reshape(-1, 3)))


def frame_stroke(stroke_N2: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """One stroke in its own frame; depends on this stroke alone.

    Args: stroke_N2: (N, 2) finite numbers in raw units, N >= 1.
    Returns: points_P2 float32 within [-0.5, 0.5], and box_3 float64 (centre x, centre y, size) in raw
        units, size being max(width, height), 0 for a dot.
    """
    simplified, box = simplify_stroke(stroke_N2)
    return space_evenly(simplified), box


def place_points(points_SP2: np.ndarray, boxes_S3: np.ndarray) -> np.ndarray:
    """Undo frames: the strokes' points where they lie, (S, P, 2), in the unit of the boxes."""
    return points_SP2 * boxes_S3[:, None, 2:] + boxes_S3[:, None, :2]


def space_evenly(line_M2: np.ndarray) -> np.ndarray:
    """Step 5: points_P2 float32 along a line (M, 2) in a stroke's own frame, M >= 1; a single point gives zeros."""
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
    """Steps 1 to 4: the points that RDP keeps, (M, 2) float64 in the stroke's own frame, and its raw box_3."""
    unit, box = unit_stroke(stroke_N2)
    return unit[rdp_mask(unit, RDP_EPSILON)], box


def unit_stroke(stroke_N2: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Steps 1 to 3: what RDP sees, (M, 2) float64 within [-0.5, 0.5], and the raw box_3."""
    stroke = np.asarray(stroke_N2, dtype=np.float64)
    if len(stroke) > 1:
        moved = (stroke[1:] != stroke[:-1]).any(axis=1)
        if not moved.all():
            stroke = np.concatenate((stroke[:1], stroke[1:][moved]))
    low, high = stroke.min(axis=0), stroke.max(axis=0)
    centre, size = (low + high) / 2, float((high - low).max())
    unit = (stroke - centre) / (size or 1.0)
    # Far from the origin the centre is rounded: a stroke of a few last bits would leave its frame.
    return unit.clip(-0.5, 0.5), np.array([centre[0], centre[1], size])


def normalize_boxes(boxes_S3: npt.ArrayLike) -> np.ndarray:
    """Boxes of one ink in its own unit: ((centre x - x) / unit, (centre y - y) / unit, size / unit).

    unit is that of `unit_size`; x the least centre x; y the median centre y. Without strokes, (0, 3).

    Args: boxes_S3: (S, 3) raw boxes of `frame_stroke`. Returns: (S, 3) float32, magnitudes up to MAX_BOX.
    """
    boxes = np.asarray(boxes_S3, dtype=np.float64)
    if not len(boxes):
        return np.zeros((0, 3), dtype=np.float32)
    unit = unit_size(boxes)
    origin = np.array([boxes[:, 0].min(), np.median(boxes[:, 1]), 0.0])
    with np.errstate(over="ignore"):
        return ((boxes - origin) / unit).clip(-MAX_BOX, MAX_BOX).astype(np.float32)


def unit_size(boxes_S3: npt.ArrayLike) -> float:
    """The unit of an ink, which grows with the ink, so that a reading does not depend on the unit of the file.

    It is the median of the stroke sizes, where a dot counts as 0. Where that is 0, it is the largest size. Where all
    strokes are dots, it is the larger side of the box around them, divided by one less than their number: the distance
    between neighbours where they lie evenly in a row or a column. Where they all lie at one place (one dot alone), it
    is 1.0, which then divides nothing but zeros.

    Args:
        boxes_S3: raw boxes (centre x, centre y, size) of `frame_stroke`, S >= 1.
    """
    boxes = np.asarray(boxes_S3, dtype=np.float64)
    size = float(np.median(boxes[:, 2])) or float(np.max(boxes[:, 2]))
    if size:
        return size
    side = float(np.ptp(boxes[:, :2], axis=0).max())
    return side / max(1, len(boxes) - 1) or 1.0
