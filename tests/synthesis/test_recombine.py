import dataclasses

import numpy as np
import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.page import Page
from tegashiki.synthesis.recombine import (
    Donors,
    RecombineConfig,
    join,
    recombine,
    sub_expression,
    swap_slot,
    swap_symbols,
)

from .pages import assert_equal, bars


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    return [Page.of_example(example) for example in generate("train", 150, seed=3)]


@pytest.fixture(scope="module")
def donors(pages) -> Donors:
    return Donors(pages)


def drawn(page: Page) -> list[str]:
    """The tokens that have strokes, in reading order."""
    return [page.tokens[token] for token in np.unique(page.stroke_tokens)]


def test_a_part_put_back_is_the_page(pages):
    for page in pages[:40]:
        count = len(page.tokens)
        first = int(np.flatnonzero(page.stroke_tokens == page.stroke_tokens.min())[0])
        token = int(page.stroke_tokens[first])
        strokes = np.flatnonzero(page.stroke_tokens == token)
        if len(strokes) == strokes[-1] - strokes[0] + 1:
            assert_equal(page.with_part(token, token + 1, page.cut(token, token + 1), int(strokes[0])), page)
        assert_equal(page.cut(0, count), page)


def test_every_operation_keeps_labels_and_strokes_together(pages, donors):
    rng = np.random.default_rng(0)
    changed = 0
    for page in pages:
        new = recombine(page, donors, rng, RecombineConfig())
        changed += new.tokens != page.tokens or len(new) != len(page)
        assert len(new.points_SP2) == len(new.boxes_S3) == len(new.stroke_tokens) > 0
        assert new.aligned and new.stroke_tokens.max() < len(new.tokens)
        assert np.isfinite(new.boxes_S3).all()
        structure = {"{", "}", "_", "^"}
        assert drawn(new) == [token for token in new.tokens if token not in structure and token in drawn(new)]
        assert normalize(new.tokens) == new.tokens
    assert changed > len(pages) / 2


def test_recombination_is_a_function_of_the_generator(pages, donors):
    config = RecombineConfig()
    made = [recombine(pages[0], donors, np.random.default_rng(seed), config) for seed in (1, 1, 2)]
    assert_equal(made[0], made[1])
    assert (
        len({page.tokens for page in (recombine(pages[0], donors, np.random.default_rng(i), config) for i in range(9))})
        > 1
    )


def test_none_changes_nothing(pages, donors):
    for page in pages[:20]:
        assert_equal(recombine(page, donors, np.random.default_rng(0), RecombineConfig.none()), page)


def test_ink_of_unknown_meaning_is_left_alone(pages, donors):
    page = dataclasses.replace(pages[0], stroke_tokens=np.full(len(pages[0]), -1, np.int32))
    assert recombine(page, donors, np.random.default_rng(0), RecombineConfig()) is page


def test_a_sub_expression_is_a_run_of_the_label_with_its_strokes(pages):
    rng = np.random.default_rng(0)
    for page in pages:
        part = sub_expression(page, rng)
        assert " ".join(part.tokens) in " ".join(page.tokens)
        rows = {row.tobytes() for row in page.boxes_S3}
        assert all(row.tobytes() in rows for row in part.boxes_S3)


def test_the_same_class_leaves_the_label_and_the_box(pages, donors):
    rng = np.random.default_rng(0)
    for page in pages[:40]:
        new = swap_symbols(page, donors, rng, RecombineConfig(swap_other=0.0, swap_same=1.0))
        assert new.tokens == page.tokens
        for token in np.unique(page.stroke_tokens):
            (low, high), (new_low, new_high) = (p.cut(token, token + 1).bounds for p in (page, new))
            np.testing.assert_allclose((low + high) / 2, (new_low + new_high) / 2, atol=1e-3 * page.unit())
            if np.hypot(*(high - low)) > 0 and np.hypot(*(new_high - new_low)) > 0:
                assert np.hypot(*(new_high - new_low)) == pytest.approx(np.hypot(*(high - low)), rel=1e-3)


def test_another_class_comes_from_the_shape_group(pages, donors):
    new = [swap_symbols(page, donors, np.random.default_rng(0), RecombineConfig(swap_other=1.0)) for page in pages]
    assert any(a.tokens != b.tokens for a, b in zip(pages, new, strict=True))
    for page, other in zip(pages, new, strict=True):
        for before, after in zip(page.tokens, other.tokens, strict=True):
            assert before == after or before.isdigit() == after.isdigit()


def test_the_other_case_is_larger_or_smaller_on_the_same_line():
    low, capital = bars("x + 1", [0, 1, 2]), bars("X + 1", [0, 1, 2])
    donors = Donors([low, capital])
    always = RecombineConfig(swap_other=0.0, swap_same=0.0, swap_case=1.0)
    for seed in range(20):
        for page, other in ((low, "X"), (capital, "x")):
            new = swap_symbols(page, donors, np.random.default_rng(seed), always)
            assert new.tokens == (other, "+", "1")
            ratio = new.boxes_S3[0, 2] / page.boxes_S3[0, 2]
            assert 1.3 <= (ratio if other == "X" else 1 / ratio) <= 1.75
            assert new.bounds[1][1] == pytest.approx(page.bounds[1][1])


def test_a_slot_is_filled_from_another_ink(pages, donors):
    rng = np.random.default_rng(0)
    changed = [swap_slot(page, donors, rng) for page in pages if r"\frac" in page.tokens]
    assert changed
    for page in changed:
        assert normalize(page.tokens) == page.tokens


def test_joined_inks_stand_side_by_side(pages):
    rng = np.random.default_rng(0)
    left, right = pages[0], pages[1]
    both = join(left, right, rng)
    assert both.tokens == left.tokens + right.tokens
    edge = both.cut(0, len(left.tokens)).bounds[1][0]
    assert both.cut(len(left.tokens), len(both.tokens)).bounds[0][0] > edge
    assert both.cut(len(left.tokens), len(both.tokens)).unit() == pytest.approx(left.unit())
