"""Tell ink from paper, in uneven light and on dark boards as well as in clean drawings."""

import numpy as np
from scipy import ndimage

from tegashiki.pictures.pen import pen_width
from tegashiki.pictures.rules import remove_rules

WINDOW = 0.25  # of the shorter side: what is wider is not ink
LEAST_WINDOW, MOST_WINDOW = 31, 81  # pixels
DARKEST_PAPER = 40.0  # grey level; below it, a share of the paper's brightness would be noise
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
    darkness = _darkness(grey.astype(np.float32))
    level = _ink_level(darkness)
    mask = _connected_to(darkness > LEVEL * level, darkness > SURE * level)
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
    """
    side = int(np.clip(WINDOW * min(grey.shape), LEAST_WINDOW, MOST_WINDOW)) | 1
    apart = grey - ndimage.uniform_filter(grey, side, mode="nearest")
    if float((apart.astype(np.float64) ** 3).mean()) > 0:  # few pixels are much lighter: chalk on a board
        grey = 255 - grey
    smooth = ndimage.uniform_filter(grey, 3, mode="nearest")
    paper = ndimage.minimum_filter(ndimage.maximum_filter(smooth, side, mode="nearest"), side, mode="nearest")
    darkness = (paper - grey) / np.maximum(paper, DARKEST_PAPER)
    return darkness - float(np.median(_sample(darkness)))  # the closing is as bright as the brightest grain


def _sample(values: np.ndarray) -> np.ndarray:
    """Return at most about half a million of the values."""
    return values[:: max(1, values.shape[0] // 700), :: max(1, values.shape[1] // 700)]


def _ink_level(darkness: np.ndarray) -> float:
    """Return the typical darkness of ink."""
    sample = _sample(darkness)
    grain = 1.4826 * float(np.median(np.abs(sample)))
    least = max(FAINTEST, NOISE * grain)
    ink = sample[sample > least]
    return max(least / LEVEL, float(np.percentile(ink, 75))) if len(ink) else np.inf


def _connected_to(mask: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Return the pieces of a mask that hold a seed."""
    labels, count = ndimage.label(mask, EIGHT)
    keep = np.zeros(count + 1, bool)
    keep[labels[seeds & mask]] = True
    keep[0] = False
    return keep[labels]
