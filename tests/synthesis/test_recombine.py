import dataclasses

import numpy as np
import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import (
    Donors,
    RecombineConfig,
    join,
    recombine,
    sub_expression,
    swap_slot,
    swap_symbols,
)

from .framed_inks import assert_equal, bars


@pytest.fixture(scope="module")
def inks() -> list[FramedInk]:
    return [FramedInk.of_example(example) for example in generate("train", 150, seed=3)]


@pytest.fixture(scope="module")
def donors(inks) -> Donors:
    return Donors(inks)


def drawn(ink: FramedInk) -> list[str]:
    """Return the tokens that have strokes, in reading order."""
    return [ink.tokens[token] for token in np.unique(ink.stroke_tokens)]


def test_putting_a_part_back_restores_the_ink(inks):
    for ink in inks[:40]:
        count = len(ink.tokens)
        first = int(np.flatnonzero(ink.stroke_tokens == ink.stroke_tokens.min())[0])
        token = int(ink.stroke_tokens[first])
        strokes = np.flatnonzero(ink.stroke_tokens == token)
        if len(strokes) == strokes[-1] - strokes[0] + 1:
            assert_equal(ink.with_part(token, token + 1, ink.cut(token, token + 1), int(strokes[0])), ink)
        assert_equal(ink.cut(0, count), ink)


def test_every_operation_keeps_labels_and_strokes_together(inks, donors):
    rng = np.random.default_rng(0)
    changed = 0
    for ink in inks:
        new = recombine(ink, donors, rng, RecombineConfig())
        changed += new.tokens != ink.tokens or len(new) != len(ink)
        assert len(new.points_SP2) == len(new.boxes_S3) == len(new.stroke_tokens) > 0
        assert new.aligned and new.stroke_tokens.max() < len(new.tokens)
        assert np.isfinite(new.boxes_S3).all()
        structure = {"{", "}", "_", "^"}
        assert drawn(new) == [token for token in new.tokens if token not in structure and token in drawn(new)]
        assert normalize(new.tokens) == new.tokens
    assert changed > len(inks) / 2


def test_recombination_depends_only_on_the_generator(inks, donors):
    config = RecombineConfig()
    made = [recombine(inks[0], donors, np.random.default_rng(seed), config) for seed in (1, 1, 2)]
    assert_equal(made[0], made[1])
    labels = {recombine(inks[0], donors, np.random.default_rng(seed), config).tokens for seed in range(9)}
    assert len(labels) > 1


def test_the_config_none_changes_nothing(inks, donors):
    for ink in inks[:20]:
        assert_equal(recombine(ink, donors, np.random.default_rng(0), RecombineConfig.none()), ink)


def test_ink_with_unknown_tokens_is_returned_unchanged(inks, donors):
    ink = dataclasses.replace(inks[0], stroke_tokens=np.full(len(inks[0]), -1, np.int32))
    assert recombine(ink, donors, np.random.default_rng(0), RecombineConfig()) is ink


def test_a_sub_expression_is_a_part_of_the_label_with_its_strokes(inks):
    rng = np.random.default_rng(0)
    for ink in inks:
        part = sub_expression(ink, rng)
        assert " ".join(part.tokens) in " ".join(ink.tokens)
        rows = {row.tobytes() for row in ink.boxes_S3}
        assert all(row.tobytes() in rows for row in part.boxes_S3)


def test_swapping_within_a_class_keeps_the_label_and_the_box(inks, donors):
    rng = np.random.default_rng(0)
    for ink in inks[:40]:
        new = swap_symbols(ink, donors, rng, RecombineConfig(swap_other=0.0, swap_same=1.0))
        assert new.tokens == ink.tokens
        for token in np.unique(ink.stroke_tokens):
            (low, high), (new_low, new_high) = (p.cut(token, token + 1).bounds for p in (ink, new))
            np.testing.assert_allclose((low + high) / 2, (new_low + new_high) / 2, atol=1e-3 * ink.unit())
            if np.hypot(*(high - low)) > 0 and np.hypot(*(new_high - new_low)) > 0:
                assert np.hypot(*(new_high - new_low)) == pytest.approx(np.hypot(*(high - low)), rel=1e-3)


def test_swaps_keep_digits_and_letters_apart(inks, donors):
    new = [swap_symbols(ink, donors, np.random.default_rng(0), RecombineConfig(swap_other=1.0)) for ink in inks]
    assert any(a.tokens != b.tokens for a, b in zip(inks, new, strict=True))
    for ink, other in zip(inks, new, strict=True):
        for before, after in zip(ink.tokens, other.tokens, strict=True):
            assert before == after or before.isdigit() == after.isdigit()


def test_changing_case_changes_the_size_but_not_the_line():
    low, capital = bars("x + 1", [0, 1, 2]), bars("X + 1", [0, 1, 2])
    donors = Donors([low, capital])
    always = RecombineConfig(swap_other=0.0, swap_same=0.0, swap_case=1.0)
    for seed in range(20):
        for ink, other in ((low, "X"), (capital, "x")):
            new = swap_symbols(ink, donors, np.random.default_rng(seed), always)
            assert new.tokens == (other, "+", "1")
            ratio = new.boxes_S3[0, 2] / ink.boxes_S3[0, 2]
            assert 1.3 <= (ratio if other == "X" else 1 / ratio) <= 1.75
            assert new.bounds[1][1] == pytest.approx(ink.bounds[1][1])


def test_swapped_slots_keep_labels_canonical(inks, donors):
    rng = np.random.default_rng(0)
    changed = [swap_slot(ink, donors, rng) for ink in inks if r"\frac" in ink.tokens]
    assert changed
    for ink in changed:
        assert normalize(ink.tokens) == ink.tokens


def test_joined_inks_stand_side_by_side(inks):
    rng = np.random.default_rng(0)
    left, right = inks[0], inks[1]
    both = join(left, right, rng)
    assert both.tokens == left.tokens + right.tokens
    edge = both.cut(0, len(left.tokens)).bounds[1][0]
    assert both.cut(len(left.tokens), len(both.tokens)).bounds[0][0] > edge
    assert both.cut(len(left.tokens), len(both.tokens)).unit() == pytest.approx(left.unit())
