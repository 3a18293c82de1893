"""Framed inks for tests: plain rows of bars, one per stroke."""

from collections.abc import Sequence

import numpy as np

from tegashiki.ink.preprocess import POINTS_PER_STROKE
from tegashiki.synthesis.framed_ink import FramedInk


def bars(latex: str, owners: Sequence[int]) -> FramedInk:
    """Return an ink whose stroke s is a rising line at x = 2 s that draws the token number `owners[s]`."""
    line = np.linspace(-0.5, 0.5, POINTS_PER_STROKE, dtype=np.float32)
    points = np.repeat(np.stack([line, -line], axis=1)[None], len(owners), axis=0)
    boxes = np.array([[2.0 * place, 0.0, 1.0] for place in range(len(owners))])
    return FramedInk(points, boxes, tuple(latex.split()), np.array(owners, np.int32))


def assert_equal(one: FramedInk, other: FramedInk) -> None:
    """Check that tokens, points, boxes and stroke tokens of two inks are equal."""
    assert one.tokens == other.tokens
    for field in ("points_SP2", "boxes_S3", "stroke_tokens"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
