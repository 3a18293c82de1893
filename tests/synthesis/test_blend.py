"""Blending two drawings of one class."""

from dataclasses import replace

import numpy as np
import pytest

from tegashiki.ink.preprocess import POINTS_PER_STROKE
from tegashiki.synthesis import blend as module
from tegashiki.synthesis.blend import blend
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import Donors, RecombineConfig, swap_symbols

from .framed_inks import assert_equal


def arc(bend: float, centre: tuple[float, float] = (3.0, 2.0), size: float = 2.0) -> FramedInk:
    """Return a symbol of one stroke: a line from left to right that sags by the share `bend` of its length."""
    along = np.linspace(-0.5, 0.5, POINTS_PER_STROKE, dtype=np.float32)
    points = np.stack([along, bend * (1 - 4 * along**2) - bend / 2], axis=1)[None].astype(np.float32)
    return FramedInk(points, np.array([[*centre, size]]), ("x",), np.zeros(1, np.int32))


def lines(ink: FramedInk) -> np.ndarray:
    return ink.points_SP2 * ink.boxes_S3[:, None, 2:] + ink.boxes_S3[:, None, :2]


@pytest.fixture
def reach(monkeypatch):
    """Return a function that sets the weight of every blend."""
    return lambda share: monkeypatch.setattr(module, "REACH", (share, share))


@pytest.mark.parametrize("share", [-0.3, 0.0, 0.25, 0.5, 1.0])
def test_all_points_move_by_the_same_share(reach, share):
    reach(share)
    flat, hanging = arc(0.1), arc(0.3)
    blended = blend(flat, hanging, np.random.default_rng(0))
    np.testing.assert_allclose(lines(blended), (1 - share) * lines(flat) + share * lines(hanging), atol=1e-5)


def test_blending_with_itself_changes_nothing():
    for example in generate("train", 30, seed=5):
        ink = FramedInk.of_example(example)
        for token in np.unique(ink.stroke_tokens):
            symbol = ink.cut(int(token), int(token) + 1)
            again = blend(symbol, symbol, np.random.default_rng(0))
            np.testing.assert_allclose(again.points_SP2, symbol.points_SP2, atol=1e-5)
            np.testing.assert_allclose(again.boxes_S3, symbol.boxes_S3, atol=1e-5 * ink.unit())


def test_a_dot_stays_a_dot(reach):
    reach(0.5)
    nothing = np.zeros((1, POINTS_PER_STROKE, 2), np.float32)
    dot = replace(arc(0.0), points_SP2=nothing, boxes_S3=np.array([[3.0, 2.0, 0.0]]))
    assert_equal(blend(dot, dot, np.random.default_rng(0)), dot)


def test_drawings_in_other_strokes_or_directions_are_not_blended():
    ink = arc(0.1)
    backwards = replace(ink, points_SP2=ink.points_SP2[:, ::-1])
    twice = replace(ink, points_SP2=np.repeat(ink.points_SP2, 2, axis=0), boxes_S3=np.repeat(ink.boxes_S3, 2, axis=0))
    for other in (backwards, twice):
        assert blend(ink, other, np.random.default_rng(0)) is ink


def test_kept_symbols_are_blended_in_place():
    inks = [FramedInk.of_example(example) for example in generate("train", 150, seed=3)]
    donors = Donors(inks, blend=1.0)
    config = RecombineConfig(swap_other=0.0, swap_same=0.0)
    rng, moved = np.random.default_rng(0), 0
    for ink in inks[:40]:
        new = swap_symbols(ink, donors, rng, config)
        assert new.tokens == ink.tokens
        np.testing.assert_array_equal(new.stroke_tokens, ink.stroke_tokens)
        far = np.abs(lines(new) - lines(ink)).max(axis=(1, 2))
        assert np.isfinite(far).all() and (far < np.maximum(ink.boxes_S3[:, 2], ink.unit())).all()
        moved += (far > 1e-3 * ink.unit()).mean()
    assert moved > 0.2 * 40
