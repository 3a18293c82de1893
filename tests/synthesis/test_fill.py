import numpy as np
import pytest

from tegashiki.latex.normalize import normalize, visible_tokens
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.fill import fill
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import Donors

from .framed_inks import assert_equal, bars


@pytest.fixture(scope="module")
def donors() -> Donors:
    return Donors([FramedInk.of_example(example) for example in generate("train", 400, seed=6)])


def bounds(ink: FramedInk, token: int) -> tuple[np.ndarray, np.ndarray]:
    return ink.cut(token, token + 1).bounds


def test_every_visible_token_is_drawn(donors):
    filled = 0
    for seed, example in enumerate(generate("validation", 100, seed=8)):
        ink = fill(example.tokens, donors, np.random.default_rng(seed))
        if ink is not None:
            filled += 1
            assert ink.tokens == example.tokens and ink.aligned
            assert sorted(set(ink.stroke_tokens.tolist())) == visible_tokens(example.tokens)
            assert np.isfinite(ink.boxes_S3).all()
            assert abs(ink.points_SP2).max() < 0.53  # evenly spaced points cut corners and do not fill their frames
    assert filled > 80


def test_symbols_stand_where_the_formula_says(donors):
    tokens = normalize(r"\frac{a+1}{b}=x^2-\sqrt{3y}")
    bar, above, below, base, script, sign, inside = 0, 2, 7, 10, 13, 16, 18
    for seed in range(30):
        ink = fill(tokens, donors, np.random.default_rng(seed))
        assert ink is not None
        middle = {token: np.mean(bounds(ink, token), axis=0) for token in set(ink.stroke_tokens.tolist())}
        assert middle[above][1] < middle[bar][1] < middle[below][1]
        assert middle[bar][0] < middle[base][0] < middle[script][0] < middle[sign][0]
        assert middle[script][1] < middle[base][1]
        low, high = bounds(ink, sign)
        assert low[0] < middle[inside][0] < high[0] and low[1] < middle[inside][1] < high[1]
        (bar_low, bar_high), (low, high) = bounds(ink, bar), bounds(ink, above)
        assert bar_low[0] - 0.5 < low[0] and high[0] < bar_high[0]


def test_a_binomial_stands_between_its_two_parentheses():
    drawn = bars("( ) n", [0, 1, 2])
    drawn.points_SP2[:] *= np.array([0.2, 0.4, 1.0])[:, None, None]  # distinguishes the three drawings
    ink = fill(normalize(r"\binom{n}{n}"), Donors([drawn]), np.random.default_rng(0))
    assert ink is not None
    left, right = np.flatnonzero(ink.stroke_tokens == 0)
    assert ink.points_SP2[left].max() == pytest.approx(0.1) and ink.points_SP2[right].max() == pytest.approx(0.2)
    assert ink.boxes_S3[left, 0] < ink.boxes_S3[2, 0] < ink.boxes_S3[right, 0]


@pytest.mark.parametrize(("accent", "count"), [(r"\dot", 1), (r"\ddot", 2), (r"\dddot", 3)])
def test_an_accent_of_dots_has_its_dots_side_by_side(accent, count):
    ink = fill(normalize(accent + " n"), Donors([bars(". n", [0, 1])]), np.random.default_rng(0))
    assert ink is not None
    dots = ink.boxes_S3[ink.stroke_tokens == 0]
    assert len(dots) == count and (np.diff(dots[:, 0]) > 0).all()


def test_the_same_seed_gives_the_same_ink(donors):
    tokens = ("x", "+", "1")
    one, same, other = (fill(tokens, donors, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert_equal(one, same)
    assert (one.boxes_S3 != other.boxes_S3).any()


def test_symbols_that_nobody_drew_give_none():
    assert fill(("x", "+", "q"), Donors([bars("x + 1", [0, 1, 2])]), np.random.default_rng(0)) is None


def test_stretching_scales_each_stroke_by_its_own_factors():
    ink = bars("a b", [0, 1])
    new = ink.stretched(np.array([[2.0, 1.0], [1.0, 3.0]]))
    low, high = new.extents()
    np.testing.assert_allclose(high - low, [[2.0, 1.0], [1.0, 3.0]], rtol=1e-6)
    np.testing.assert_allclose(new.boxes_S3[:, 2], [2.0, 3.0], rtol=1e-6)


def test_external_symbols_have_their_share_and_one_writer_is_preferred():
    ink, foreign = bars("x", [0]), bars("x", [0])
    foreign.boxes_S3[:, 2] = 7.0
    rng = np.random.default_rng(0)
    for share in (0.0, 0.3, 1.0):
        donors = Donors([ink], [foreign], share)
        drawn = np.mean([donors.symbol("x", rng).boxes_S3[0, 2] == 7.0 for _ in range(400)])
        assert abs(drawn - share) < 0.08
    assert "y" not in donors and donors.symbol("y", rng) is None
    by_writer = [
        FramedInk(ink.points_SP2, ink.boxes_S3 * size, ("x",), ink.stroke_tokens, f"w{size}") for size in (1, 2)
    ]
    donors = Donors(by_writer).of_one_writer(rng)
    assert len({float(donors.symbol("x", rng).boxes_S3[0, 2]) for _ in range(20)}) == 1
