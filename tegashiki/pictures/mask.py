"""Tell ink from paper, in uneven light and on dark boards as well as in clean drawings.

All is counted in whole numbers, so that other languages find the same pixels (docs/tracing.md).
"""

from math import floor

import numpy as np
from scipy import ndimage

from tegashiki.pictures.pen import pen_width
from tegashiki.pictures.rules import remove_rules

WINDOW = 0.25  # of the shorter side: what is wider is not ink
LEAST_WINDOW, MOST_WINDOW = 31, 81  # pixels
UNITS = 4096  # of darkness: 1 / 4096 of the paper's brightness
DARKEST_PAPER = 40  # grey level; below it, a share of the paper's brightness would be noise
LEVEL, SURE = 0.45, 0.65  # of the ink's typical darkness: ink, and ink without doubt
FAINTEST = 0.045  # of the paper's brightness
NOISE = 3.5  # standard deviations of the paper's grain; ink is darker
SPECK = 0.35  # squared pen widths; a smaller piece is no dot
THICK = 4.0  # pen widths of the lines; a thicker piece is a shadow, a finger or the table

EIGHT = np.ones((3, 3), bool)


def find_ink(grey: np.ndarray) -> np.ndarray:
    """Return where a picture has ink.

    Args:
        grey: uint8 (height, width), dark ink on light paper or light ink on a dark board.

    Returns:
        bool (height, width).
    """
    darkness = _darkness(grey)
    level = _ink_level(darkness)
    if level is None:
        return np.zeros(grey.shape, bool)
    mask = _connected_to(darkness > floor(LEVEL * level), darkness > floor(SURE * level))
    if not mask.any():
        return mask
    mask = remove_rules(mask, pen_width(mask))
    return clean(mask)


def clean(mask: np.ndarray) -> np.ndarray:
    """Drop the pieces of ink that no pen of this width draws: specks and thick blots."""
    labels, count = ndimage.label(mask, EIGHT)
    if not count:
        return mask
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    edges = np.zeros(count + 1)
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        borders = (one > 0) != (other > 0)
        edges += np.bincount(np.maximum(one, other)[borders], minlength=count + 1)
    widths = 8 / np.pi * areas / np.maximum(edges, 1)  # as in `pen_width`
    width = max(1.0, _weighted_median(widths[1:], edges[1:]))
    keep = (areas >= SPECK * width * width) & (widths <= THICK * width)
    keep[0] = False
    return keep[labels]


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    half = int(np.searchsorted(np.cumsum(weights[order]), 0.5 * float(weights.sum())))
    return float(values[order[min(half, len(values) - 1)]])


def _darkness(grey: np.ndarray) -> np.ndarray:
    """Return how much darker than the paper around it each pixel is, as a share of the paper's brightness.

    The paper's brightness is the morphological closing of the picture: what is left when all that is dark and narrower
    than the window is removed. Unlike a mean it follows the edges of shadows.

    Args:
        grey: uint8 (height, width).

    Returns:
        int32 (height, width) in UNITS, with a median of 0 (up to sampling).
    """
    side = max(LEAST_WINDOW, min(int(WINDOW * min(grey.shape)), MOST_WINDOW)) | 1
    apart = grey - (_box_sums(grey, side) + side * side // 2) // (side * side)
    if int((apart**3).sum(dtype=np.int64)) > 0:  # few pixels are much lighter: chalk on a board
        grey = 255 - grey
    smooth = _box_sums(grey, 3).astype(np.uint16)  # nine times the mean
    paper = ndimage.minimum_filter(ndimage.maximum_filter(smooth, side, mode="nearest"), side, mode="nearest")
    paper = paper.astype(np.int32)
    darkness = (paper - 9 * grey.astype(np.int32)) * UNITS // np.maximum(paper, 9 * DARKEST_PAPER)
    return darkness - _ranked(_sample(darkness), 0.5)  # the closing is as bright as the brightest grain


def _box_sums(values: np.ndarray, side: int) -> np.ndarray:
    """Return the sum of the square around each pixel, int32; beyond its edges, a picture goes on as at the edge."""
    padded = np.pad(values, (side // 2 + 1, side // 2), mode="edge")
    rows = np.cumsum(padded, axis=0, dtype=np.int32)
    columns = np.cumsum(rows[side:] - rows[:-side], axis=1, dtype=np.int32)
    return columns[:, side:] - columns[:, :-side]


def _sample(values: np.ndarray) -> np.ndarray:
    """Return at most about half a million of the values, (N,)."""
    return values[:: max(1, values.shape[0] // 700), :: max(1, values.shape[1] // 700)].ravel()


def _ranked(values: np.ndarray, share: float) -> int:
    """Return the value that the given share of the others does not exceed: 0 for the least, 1 for the greatest."""
    least = int(values.min())
    reached = np.cumsum(np.bincount(values - least))  # partitioning is slow where most values are the same
    return least + int(np.searchsorted(reached, floor(share * (len(values) - 1)), side="right"))


def _ink_level(darkness: np.ndarray) -> float | None:
    """Return the typical darkness of ink in UNITS, None where nothing is dark."""
    sample = _sample(darkness)
    grain = 1.4826 * _ranked(np.abs(sample), 0.5)
    least = max(FAINTEST * UNITS, NOISE * grain)
    ink = sample[sample > least]
    return max(least / LEVEL, _ranked(ink, 0.75)) if len(ink) else None


def _connected_to(mask: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Return the pieces of a mask that hold a seed."""
    labels, count = ndimage.label(mask, EIGHT)
    keep = np.zeros(count + 1, bool)
    keep[labels[seeds & mask]] = True
    keep[0] = False
    return keep[labels]
