"""Estimate the width of the pen."""

from math import pi

import numpy as np


def pen_width(mask: np.ndarray) -> float:
    """Return the mean width of the lines in pixels, 1 or more.

    A line of width w and length l has w * l pixels of ink, and on average over all directions 8 / pi * l steps from ink
    to paper between neighbours that share a side.

    Args:
        mask: bool (height, width), the ink.
    """
    padded = np.pad(mask, 1)
    edges = int((padded[1:] != padded[:-1]).sum()) + int((padded[:, 1:] != padded[:, :-1]).sum())
    return max(1.0, 8 / pi * int(mask.sum()) / max(edges, 1))
