"""Other paths of the pen keep what is drawn, and draw a class of symbols the same way throughout an ink."""

import numpy as np
import pytest

from tegashiki.synthesis import pen_paths
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.pen_paths import redraw, replace_strokes

from .framed_inks import bars


@pytest.fixture(scope="module")
def inks() -> list[FramedInk]:
    return [FramedInk.of_example(example) for example in generate("train", 40, seed=5)]


@pytest.fixture
def every_class(monkeypatch):
    monkeypatch.setattr(pen_paths, "REDRAWN", 1.0)


@pytest.mark.parametrize("way", range(len(pen_paths.WAYS)))
def test_redrawn_ink_covers_the_same_place(inks, way, every_class, monkeypatch):
    monkeypatch.setattr(pen_paths, "WAYS", [pen_paths.WAYS[way]])
    monkeypatch.setattr(pen_paths, "_rounded", lambda line, passes: line)
    changed = 0
    for seed, ink in enumerate(inks):
        new = redraw(ink, np.random.default_rng(seed))
        changed += len(new) != len(ink) or bool((new.points_SP2 != ink.points_SP2).any())
        for token in set(ink.stroke_tokens):
            before, after = ink.lines()[ink.stroke_tokens == token], new.lines()[new.stroke_tokens == token]
            for end in (np.min, np.max):
                np.testing.assert_allclose(end(after, (0, 1)), end(before, (0, 1)), atol=0.1 * ink.unit())
    assert changed > len(inks) / 4


def test_symbols_of_a_class_are_drawn_backwards_alike(every_class, monkeypatch):
    monkeypatch.setattr(pen_paths, "WAYS", pen_paths.WAYS[:1])
    ink = bars("a b a b", [0, 0, 1, 2, 2, 3])
    seen = set()
    for seed in range(20):
        points = redraw(ink, np.random.default_rng(seed)).points_SP2
        np.testing.assert_array_equal(points[:3], points[3:])
        seen.add(tuple(points[:3, 0, 0] > 0))
    assert len(seen) > 3


def test_a_pen_that_is_not_lifted_goes_back_along_its_line(every_class, monkeypatch):
    """A stem, then a bar that begins at the top of the stem: one line of the stem, the stem again, the bar."""
    monkeypatch.setattr(pen_paths, "WAYS", pen_paths.WAYS[1:2])
    monkeypatch.setattr(pen_paths, "OTHER_ORDER", 0.0)
    monkeypatch.setattr(pen_paths, "RETRACED", 1.0)
    monkeypatch.setattr(pen_paths, "_rounded", lambda line, passes: line)
    ink = replace_strokes(
        bars("a", [0, 0]), 0, 2, [np.array([[0.0, 0.0], [0.0, 1.0]]), np.array([[0.0, 0.0], [1.0, 0.0]])]
    )
    (line,) = redraw(ink, np.random.default_rng(0)).lines()
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    assert length == pytest.approx(3.0, abs=0.2), "with a straight way between the strokes it would be 3.4"
    np.testing.assert_allclose(line[0], [0, 0], atol=0.01)
    np.testing.assert_allclose(line[-1], [1, 0], atol=0.01)


def test_dots_are_not_joined(every_class, monkeypatch):
    monkeypatch.setattr(pen_paths, "WAYS", pen_paths.WAYS[1:2])
    ink = bars("i i i", [0, 0, 1, 1, 2, 2])
    ink.boxes_S3[1::2, 2] = 0.05
    assert len(redraw(ink, np.random.default_rng(0))) == len(ink)


def test_a_stroke_is_cut_where_the_pen_turns_back(every_class, monkeypatch):
    monkeypatch.setattr(pen_paths, "WAYS", pen_paths.WAYS[2:])
    ink = replace_strokes(bars("v -", [0, 1]), 0, 1, [np.array([[0.0, 0.0], [0.3, 1.0], [0.6, 0.0]])])
    new = redraw(ink, np.random.default_rng(0))
    assert new.stroke_tokens.tolist() == [0, 0, 1], "the straight stroke stays whole"
    np.testing.assert_allclose(new.lines()[0, -1], [0.3, 1.0], atol=0.1)
    np.testing.assert_allclose(new.lines()[0, -1], new.lines()[1, 0], atol=1e-5)
