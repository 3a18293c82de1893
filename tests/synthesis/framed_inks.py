"""Pages for tests: a plain row of bars, one a stroke."""

from collections.abc import Sequence

import numpy as np

from tegashiki.ink.preprocess import POINTS_PER_STROKE
from tegashiki.synthesis.framed_ink import FramedInk


def bars(latex: str, owners: Sequence[int]) -> FramedInk:
    """An ink whose stroke s is a rising line at x = 2 s, of the token number `owners[s]`."""
    line = np.linspace(-0.5, 0.5, POINTS_PER_STROKE, dtype=np.float32)
    points = np.repeat(np.stack([line, -line], axis=1)[None], len(owners), axis=0)
    boxes = np.array([[2.0 * place, 0.0, 1.0] for place in range(len(owners))])
    return FramedInk(points, boxes, tuple(latex.split()), np.array(owners, np.int32))


def assert_equal(one: FramedInk, other: FramedInk) -> None:
    """Every field of two inks is the same."""
    assert one.tokens == other.tokens
    for field in ("points_SP2", "boxes_S3", "stroke_tokens"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
