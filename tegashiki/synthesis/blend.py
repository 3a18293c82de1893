"""Blending two drawings of one symbol.

Recombination gives symbols new neighbours but no new shapes: a training set has as many ways to draw an `a` as it has
`a`s. Shapes between two of them, and slightly beyond, are `a`s as well. This is mixup (Zhang et al., 2018) applied to
pen paths.
"""

import numpy as np

from tegashiki.synthesis.framed_ink import FramedInk

REACH = (-0.35, 0.5)  # range of the blending weight of the other drawing; negative weights move away from it
# Two strokes whose points are on average farther apart than this share of the symbol's diagonal are drawn in different
# ways and are not blended.
ALIKE = 0.2
SMALL = 1e-9


def blend(ink: FramedInk, other: FramedInk, rng: np.random.Generator, share: float | None = None) -> FramedInk:
    """Move every point of a symbol towards the matching point of another drawing, or away from it.

    A symbol that is drawn with other strokes, or in another order or direction, is returned unchanged.

    Args:
        ink: The symbol.
        other: Another drawing of the same class at the same place.
        rng: Source of the blending weight.
        share: The blending weight of `other`; None draws it from REACH.

    Returns:
        The blended symbol with the tokens and the writer of `ink`.
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
    # Evenly spaced points cut corners, so the box of a stroke is slightly larger than its points. Keep that proportion.
    filled = _between(_sides(ink.points_SP2), _sides(other.points_SP2), share)
    sizes = _sides(points) / np.where(filled > SMALL, filled, 1.0)
    points /= np.where(sizes > SMALL, sizes, 1.0)[:, None, None]
    boxes = np.concatenate([centres, sizes[:, None]], axis=1)
    return FramedInk(points.astype(np.float32), boxes, ink.tokens, ink.stroke_tokens, ink.writer)


def _between(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    return (1.0 - share) * first + share * second


def _sides(points_SP2: np.ndarray) -> np.ndarray:
    """Return the larger side of the bounding box of each stroke's points, (S,)."""
    return np.ptp(points_SP2, axis=1).max(axis=1)
