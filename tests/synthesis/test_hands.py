from dataclasses import fields, replace

import numpy as np
import pytest

from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.hands import HandsConfig, other_hand, reorder
from tegashiki.synthesis.page import Page

from .pages import assert_equal, bars

ALWAYS = {field.name: replace(HandsConfig(), **{field.name: 1.0}) for field in fields(HandsConfig)}


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    return [Page.of_example(example) for example in generate("train", 80, seed=4)]


def test_no_habit_changed_is_the_identity(pages):
    for page in pages[:20]:
        assert_equal(other_hand(page, np.random.default_rng(0), HandsConfig()), page)


@pytest.mark.parametrize("habit", ALWAYS)
def test_a_habit_changes_ink_and_never_the_label(pages, habit):
    changed = 0
    for index, page in enumerate(pages):
        new = other_hand(page, np.random.default_rng(index), ALWAYS[habit])
        again = other_hand(page, np.random.default_rng(index), ALWAYS[habit])
        assert_equal(new, again)
        assert new.tokens == page.tokens
        assert set(new.stroke_tokens) == set(page.stroke_tokens)
        assert len(new.points_SP2) == len(new.boxes_S3) == len(new.stroke_tokens)
        assert np.isfinite(new.points_SP2).all() and np.isfinite(new.boxes_S3).all()
        assert abs(new.points_SP2).max() <= 0.6
        changed += (
            len(new) != len(page) or (new.points_SP2 != page.points_SP2).any() or (new.boxes_S3 != page.boxes_S3).any()
        )
    assert changed > len(pages) / 4


def test_spacing_moves_items_and_keeps_their_order(pages):
    page = bars("a b c d", [0, 1, 2, 3])
    for seed in range(20):
        new = other_hand(page, np.random.default_rng(seed), ALWAYS["spacing"])
        assert (np.diff(new.boxes_S3[:, 0]) > 1.0).all(), "bars of width 1 still stand apart"
        assert (new.boxes_S3[:, 1:] == page.boxes_S3[:, 1:]).all()


def test_placing_keeps_numerators_above_and_denominators_below():
    page = bars(r"\frac { a } { b }", [2, 0, 5])
    page.boxes_S3[:, :2] = [[0, -1], [0, 0], [0, 1]]
    for seed in range(20):
        y = other_hand(page, np.random.default_rng(seed), ALWAYS["placing"]).boxes_S3[:, 1]
        assert y[0] < y[1] < y[2]


def test_reordering_is_a_permutation_of_the_strokes(pages):
    moved = 0
    for seed, page in enumerate(pages):
        new = reorder(page, np.random.default_rng(seed))
        key = lambda page: sorted(map(tuple, np.c_[page.boxes_S3, page.stroke_tokens].tolist()))  # noqa: E731
        assert key(new) == key(page)
        moved += (new.stroke_tokens != page.stroke_tokens).any()
    assert moved > len(pages) / 4


def test_a_lifted_pen_leaves_two_strokes_where_one_was():
    page = bars("a b", [0, 1])
    new = other_hand(page, np.random.default_rng(0), ALWAYS["lifted"])
    assert new.stroke_tokens.tolist() == [0, 0, 1, 1]
    ends = new.points_SP2 * new.boxes_S3[:, None, 2:] + new.boxes_S3[:, None, :2]
    np.testing.assert_allclose(ends[0, -1], ends[1, 0], atol=1e-6)
    np.testing.assert_allclose(ends[0, 0], [-0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(ends[1, -1], [0.5, -0.5], atol=1e-6)


def test_strokes_of_one_symbol_are_joined_and_others_not():
    page = bars("a b", [0, 0, 1])
    page.boxes_S3[1, :2] = [1.0, -1.0]  # begins where the first ends
    new = other_hand(page, np.random.default_rng(0), ALWAYS["joined"])
    assert new.stroke_tokens.tolist() == [0, 1]
    np.testing.assert_allclose(new.boxes_S3[0], [0.5, -0.5, 2.0], atol=1e-6)


def test_reversed_strokes_end_where_they_began():
    page = bars("a b", [0, 1])
    new = other_hand(page, np.random.default_rng(0), ALWAYS["reversed"])
    assert (new.points_SP2 == page.points_SP2[:, ::-1]).all()


def test_strokes_of_unknown_meaning_stay_in_place():
    page = replace(bars("a b", [0, 1]), stroke_tokens=np.array([0, -1], np.int32))
    everything = HandsConfig(*[1.0] * len(fields(HandsConfig)))
    assert (other_hand(page, np.random.default_rng(0), everything).boxes_S3 == page.boxes_S3).all()
