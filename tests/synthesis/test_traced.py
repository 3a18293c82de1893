"""Ink that is drawn as a picture and traced again."""

import sys

import numpy as np
import pytest

pytest.importorskip("skimage", reason="the extra `pictures` is not installed")

from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.habits import HabitsConfig, change_habits
from tegashiki.synthesis.traced import trace_again

from .framed_inks import assert_equal, bars


@pytest.fixture(scope="module")
def inks() -> list[FramedInk]:
    return [FramedInk.of_example(example) for example in generate("train", 60, seed=5)]


def test_separate_bars_are_found_where_they_were_with_their_tokens():
    ink = bars("a b c d", [3, 1, 0, 2])
    for seed in range(20):
        new = trace_again(ink, np.random.default_rng(seed))
        assert new.stroke_tokens.tolist() == [3, 1, 0, 2]
        np.testing.assert_allclose(np.diff(new.boxes_S3[:, 0]), 2.0, atol=0.25)
        np.testing.assert_allclose(new.boxes_S3[:, 2], 1.0, atol=0.35)


def test_strokes_follow_the_ink_and_few_symbols_are_lost(inks):
    kept = written = found = 0
    for seed, ink in enumerate(inks):
        new = trace_again(ink, np.random.default_rng(seed))
        low, high = ink.bounds
        new_low, new_high = new.bounds
        assert (np.abs([new_low - low, new_high - high]) < 0.4 * ink.unit()).all()
        kept += len(set(new.stroke_tokens) & set(ink.stroke_tokens)) / len(set(ink.stroke_tokens))
        written, found = written + len(ink), found + len(new)
    assert kept > 0.97 * len(inks)
    assert 0.85 * written < found < 1.25 * written


def test_unknown_tokens_stay_unknown(inks):
    ink = FramedInk(inks[0].points_SP2, inks[0].boxes_S3, inks[0].tokens, np.full(len(inks[0]), -1, np.int32))
    assert set(trace_again(ink, np.random.default_rng(0)).stroke_tokens) == {-1}


def test_an_ink_of_any_size_and_without_extent_is_traced():
    line = bars("a", [0])
    far = line.moved(1e-6, np.array([1e3, -1e3]))
    assert len(trace_again(far, np.random.default_rng(0))) == 1
    dot = FramedInk(np.zeros_like(line.points_SP2), line.boxes_S3 * [1, 1, 0], line.tokens, line.stroke_tokens)
    assert trace_again(dot, np.random.default_rng(0)).boxes_S3[0, 2] < 0.5
    wide = bars("a b", [0, 1])
    wide.boxes_S3[1, 0] = 1e5  # would be a picture of many gigabytes
    assert len(trace_again(wide, np.random.default_rng(0))) <= 2


def test_without_the_extra_only_traced_ink_fails(monkeypatch):
    monkeypatch.setitem(sys.modules, "tegashiki.synthesis.traced", None)
    ink = bars("a b", [0, 1])
    assert_equal(change_habits(ink, np.random.default_rng(0), HabitsConfig()), ink)
    with pytest.raises(ModuleNotFoundError):
        change_habits(ink, np.random.default_rng(0), HabitsConfig(traced=1.0))
