"""Turn ink pixels into strokes in the order in which people write."""

import numpy as np
from scipy import ndimage

from tegashiki.ink.ink import MAX_STROKES, InkError
from tegashiki.pictures.strokes import find_strokes
from tegashiki.pictures.writing_order import direct, order_lines


def trace(mask: np.ndarray, width: float) -> list[list[np.ndarray]]:
    """Return the strokes that drew some ink, line by line.

    Args:
        mask: bool (height, width), the ink.
        width: Width of the pen in pixels.

    Returns:
        The lines of writing from the top, each the strokes in the order of writing, float64 (points, 2) with x and y in
        pixels.

    Raises:
        InkError: There are more than MAX_STROKES pieces of ink or strokes, as in noise.
    """
    _check(ndimage.label(mask, np.ones((3, 3)))[1])
    strokes, components = find_strokes(mask, width)
    _check(len(strokes))
    strokes = [direct(stroke) for stroke in strokes]
    return [[strokes[index] for index in line] for line in order_lines(strokes, components, width)]


def _check(count: int) -> None:
    if count > MAX_STROKES:
        raise InkError(f"{count} strokes found, the limit is {MAX_STROKES}: cut the picture to the formula")
