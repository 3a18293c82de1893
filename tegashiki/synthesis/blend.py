"""One drawing of a symbol made a little more, or a little less, like another person's drawing of it.

Recombination gives symbols new neighbours, not new shapes: a training set has as many ways to draw an `a` as it has
`a`s. What lies between two of them, and a little beyond, is an `a` as well (Zhang et al., mixup, 2018, of pen paths).
"""

import numpy as np

from tegashiki.synthesis.framed_ink import FramedInk

REACH = (-0.35, 0.5)  # of the way to the other drawing; below 0 it is away from it
ALIKE = 0.2  # of the symbol's diagonal: strokes whose points are farther apart on average are drawn in another way
SMALL = 1e-9


def blend(ink: FramedInk, other: FramedInk, rng: np.random.Generator, share: float | None = None) -> FramedInk:
    """Move every point of a symbol a part of the way to its fellow in another drawing, or away from it.

    Both stand at the same place. What is drawn in other strokes, or in another order or direction, comes back as it is.
    The part is `share`, or drawn at random.
    """
    if len(ink) != len(other):
        return ink
    lines, others = ink.lines(), other.lines()
    low, high = lines.min(axis=(0, 1)), lines.max(axis=(0, 1))
    apart = np.hypot(*np.moveaxis(others - lines, -1, 0)).mean(axis=1)
    if apart.max() > ALIKE * np.hypot(*(high - low)):
        return ink
    share = rng.uniform(*REACH) if share is None else share
    centres = _between(ink.boxes_S3[:, :2], other.boxes_S3[:, :2], share)
    points = _between(lines, others, share) - centres[:, None]
    # A frame's points cut corners, so its box is a little larger than theirs: it keeps that proportion.
    filled = _between(_sides(ink.points_SP2), _sides(other.points_SP2), share)
    sizes = _sides(points) / np.where(filled > SMALL, filled, 1.0)
    points /= np.where(sizes > SMALL, sizes, 1.0)[:, None, None]
    boxes = np.concatenate([centres, sizes[:, None]], axis=1)
    return FramedInk(points.astype(np.float32), boxes, ink.tokens, ink.stroke_tokens, ink.writer)


def _between(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    return (1.0 - share) * first + share * second


def _sides(points_SP2: np.ndarray) -> np.ndarray:
    """The larger side of each stroke's points, (S,)."""
    return np.ptp(points_SP2, axis=1).max(axis=1)
