from importlib import resources

import numpy as np
import pytest

from tegashiki.latex import symbols
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.synthesis import glyphs

SPELLED = set(symbols.FUNCTIONS)  # functions are drawn letter by letter
INVISIBLE = set(symbols.STRUCTURE) - {r"\frac", r"\sqrt"}
VISIBLE = [token for token in DEFAULT_VOCABULARY if token not in INVISIBLE | SPELLED]


def test_every_visible_token_of_the_vocabulary_can_be_drawn():
    assert [token for token in VISIBLE if not glyphs.glyphs(token)] == []


def test_glyphs_are_well_formed():
    for token in VISIBLE:
        for glyph in glyphs.glyphs(token):
            extent = glyphs.size(glyph)
            assert sum(glyph.lengths) == len(glyph.points) and min(glyph.lengths) >= 2, token
            assert np.isfinite(glyph.points).all() and glyph.points[:, 0].min() == 0, token
            assert max(extent.width, extent.bottom - extent.top) > 0.02, token
            assert extent.width < 1.4 and extent.top > -1.0 and extent.bottom < 0.7, token
            assert not glyph.points.flags.writeable, token


def test_an_unknown_token_is_a_key_error():
    with pytest.raises(KeyError):
        glyphs.glyphs(r"\nosuchsymbol")


def test_strokes_are_views_in_order():
    glyph = glyphs.glyphs("=")[0]
    upper, lower = glyph.strokes
    assert upper[:, 1].max() < lower[:, 1].min()
    assert np.shares_memory(upper, glyph.points)


def test_capitals_stand_on_the_baseline():
    extent = glyphs.size(glyphs.glyphs("H")[0])
    assert extent.bottom == pytest.approx(0.0) and extent.top == pytest.approx(-0.7)


def test_the_pen_is_slow_at_ends_and_corners():
    line = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    points = glyphs.even_in_time(line)
    steps = np.hypot(*np.diff(points, axis=0).T)
    middle = steps[len(steps) // 4]
    assert steps[0] < 0.7 * middle and steps[-1] < 0.7 * middle
    assert steps[len(steps) // 2 - 3 : len(steps) // 2 + 4].min() < 0.85 * middle
    assert points[0].tolist() == [0, 0] and points[-1].tolist() == [1, 1]


def test_a_smooth_curve_passes_through_its_points():
    curve = glyphs._curve([(0, 0, True), (1, 1, False), (2, 0, False), (3, 1, True)])
    for point in ((0, 0), (1, 1), (2, 0), (3, 1)):
        assert np.abs(curve - point).sum(axis=1).min() < 1e-9
    straight = glyphs._curve([(0, 0, True), (1, 1, True), (2, 0, True)])
    assert np.allclose(straight[:9, 0], straight[:9, 1])


def test_the_hershey_data_contains_its_notice():
    text = resources.files("tegashiki.synthesis").joinpath("data/hershey.tsv").read_text()
    assert "originally created by Dr. A. V. Hershey" in text and "James Hurt" in text and "USE RESTRICTION" in text
