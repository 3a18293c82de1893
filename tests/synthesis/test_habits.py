from dataclasses import fields, replace

import numpy as np
import pytest

from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.habits import HabitsConfig, change_habits, reorder

from .framed_inks import assert_equal, bars

ALWAYS = {field.name: replace(HabitsConfig(), **{field.name: 1.0}) for field in fields(HabitsConfig)}


@pytest.fixture(scope="module")
def inks() -> list[FramedInk]:
    return [FramedInk.of_example(example) for example in generate("train", 80, seed=4)]


def test_zero_probabilities_change_nothing(inks):
    for ink in inks[:20]:
        assert_equal(change_habits(ink, np.random.default_rng(0), HabitsConfig()), ink)


@pytest.mark.parametrize("habit", ALWAYS)
def test_every_habit_changes_the_ink_but_not_the_label(inks, habit):
    if habit == "traced":
        pytest.importorskip("skimage", reason="the extra `pictures` is not installed")
    changed = 0
    for index, ink in enumerate(inks):
        new = change_habits(ink, np.random.default_rng(index), ALWAYS[habit])
        again = change_habits(ink, np.random.default_rng(index), ALWAYS[habit])
        assert_equal(new, again)
        assert new.tokens == ink.tokens
        assert set(new.stroke_tokens) <= set(ink.stroke_tokens)
        if habit != "traced":  # in a picture, a symbol may merge with another one
            assert set(new.stroke_tokens) == set(ink.stroke_tokens)
        assert len(new.points_SP2) == len(new.boxes_S3) == len(new.stroke_tokens)
        assert np.isfinite(new.points_SP2).all() and np.isfinite(new.boxes_S3).all()
        assert abs(new.points_SP2).max() <= 0.6
        same_length = len(new) == len(ink)
        changed += not (
            same_length and (new.points_SP2 == ink.points_SP2).all() and (new.boxes_S3 == ink.boxes_S3).all()
        )
    assert changed > len(inks) / 4


def test_spacing_moves_items_and_keeps_their_order(inks):
    ink = bars("a b c d", [0, 1, 2, 3])
    for seed in range(20):
        new = change_habits(ink, np.random.default_rng(seed), ALWAYS["spacing"])
        assert (np.diff(new.boxes_S3[:, 0]) > 1.0).all(), "bars of width 1 do not overlap"
        assert (new.boxes_S3[:, 1:] == ink.boxes_S3[:, 1:]).all()


def test_placing_keeps_numerators_above_and_denominators_below():
    ink = bars(r"\frac { a } { b }", [2, 0, 5])
    ink.boxes_S3[:, :2] = [[0, -1], [0, 0], [0, 1]]
    for seed in range(20):
        y = change_habits(ink, np.random.default_rng(seed), ALWAYS["placing"]).boxes_S3[:, 1]
        assert y[0] < y[1] < y[2]


def test_reordering_is_a_permutation_of_the_strokes(inks):
    moved = 0
    for seed, ink in enumerate(inks):
        new = reorder(ink, np.random.default_rng(seed))
        key = lambda ink: sorted(map(tuple, np.c_[ink.boxes_S3, ink.stroke_tokens].tolist()))  # noqa: E731
        assert key(new) == key(ink)
        moved += (new.stroke_tokens != ink.stroke_tokens).any()
    assert moved > len(inks) / 4


def test_lifting_the_pen_cuts_a_stroke_in_two():
    ink = bars("a b", [0, 1])
    new = change_habits(ink, np.random.default_rng(0), ALWAYS["lifted"])
    assert new.stroke_tokens.tolist() == [0, 0, 1, 1]
    ends = new.points_SP2 * new.boxes_S3[:, None, 2:] + new.boxes_S3[:, None, :2]
    np.testing.assert_allclose(ends[0, -1], ends[1, 0], atol=1e-6)
    np.testing.assert_allclose(ends[0, 0], [-0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(ends[1, -1], [0.5, -0.5], atol=1e-6)


def test_only_strokes_of_one_symbol_are_joined():
    ink = bars("a b", [0, 0, 1])
    ink.boxes_S3[1, :2] = [1.0, -1.0]  # the second stroke begins where the first one ends
    new = change_habits(ink, np.random.default_rng(0), ALWAYS["joined"])
    assert new.stroke_tokens.tolist() == [0, 1]
    np.testing.assert_allclose(new.boxes_S3[0], [0.5, -0.5, 2.0], atol=1e-6)


def test_reversed_strokes_end_where_they_began():
    ink = bars("a b", [0, 1])
    new = change_habits(ink, np.random.default_rng(0), ALWAYS["reversed"])
    assert (new.points_SP2 == ink.points_SP2[:, ::-1]).all()


def test_strokes_with_unknown_tokens_stay_in_place():
    ink = replace(bars("a b", [0, 1]), stroke_tokens=np.array([0, -1], np.int32))
    everything = replace(HabitsConfig(**dict.fromkeys(ALWAYS, 1.0)), traced=0.0)
    assert (change_habits(ink, np.random.default_rng(0), everything).boxes_S3 == ink.boxes_S3).all()
