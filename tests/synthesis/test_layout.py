import numpy as np
import pytest

from tegashiki.latex.normalize import normalize, visible_tokens
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.layout import fill
from tegashiki.synthesis.page import Page
from tegashiki.synthesis.recombine import Donors

from .pages import assert_equal, bars


@pytest.fixture(scope="module")
def donors() -> Donors:
    return Donors([Page.of_example(example) for example in generate("train", 400, seed=6)])


def bounds(page: Page, token: int) -> tuple[np.ndarray, np.ndarray]:
    return page.cut(token, token + 1).bounds


def test_every_visible_token_is_drawn(donors):
    filled = 0
    for seed, example in enumerate(generate("validation", 100, seed=8)):
        page = fill(example.tokens, donors, np.random.default_rng(seed))
        if page is not None:
            filled += 1
            assert page.tokens == example.tokens and page.aligned
            assert sorted(set(page.stroke_tokens.tolist())) == visible_tokens(example.tokens)
            assert np.isfinite(page.boxes_S3).all()
            assert abs(page.points_SP2).max() < 0.53  # evenly spaced points cut corners: frames are not quite full
    assert filled > 80


def test_symbols_stand_where_the_formula_says(donors):
    tokens = normalize(r"\frac{a+1}{b}=x^2-\sqrt{3y}")
    bar, above, below, base, script, sign, inside = 0, 2, 7, 10, 13, 16, 18
    for seed in range(30):
        page = fill(tokens, donors, np.random.default_rng(seed))
        assert page is not None
        middle = {token: np.mean(bounds(page, token), axis=0) for token in set(page.stroke_tokens.tolist())}
        assert middle[above][1] < middle[bar][1] < middle[below][1]
        assert middle[bar][0] < middle[base][0] < middle[script][0] < middle[sign][0]
        assert middle[script][1] < middle[base][1]
        low, high = bounds(page, sign)
        assert low[0] < middle[inside][0] < high[0] and low[1] < middle[inside][1] < high[1]
        (bar_low, bar_high), (low, high) = bounds(page, bar), bounds(page, above)
        assert bar_low[0] - 0.5 < low[0] and high[0] < bar_high[0]


def test_a_binomial_stands_between_its_two_parentheses():
    drawn = bars("( ) n", [0, 1, 2])
    drawn.points_SP2[:] *= np.array([0.2, 0.4, 1.0])[:, None, None]  # tells the three apart
    page = fill(normalize(r"\binom{n}{n}"), Donors([drawn]), np.random.default_rng(0))
    assert page is not None
    left, right = np.flatnonzero(page.stroke_tokens == 0)
    assert page.points_SP2[left].max() == pytest.approx(0.1) and page.points_SP2[right].max() == pytest.approx(0.2)
    assert page.boxes_S3[left, 0] < page.boxes_S3[2, 0] < page.boxes_S3[right, 0]


@pytest.mark.parametrize(("accent", "count"), [(r"\dot", 1), (r"\ddot", 2), (r"\dddot", 3)])
def test_an_accent_of_dots_has_its_dots_side_by_side(accent, count):
    page = fill(normalize(accent + " n"), Donors([bars(". n", [0, 1])]), np.random.default_rng(0))
    assert page is not None
    dots = page.boxes_S3[page.stroke_tokens == 0]
    assert len(dots) == count and (np.diff(dots[:, 0]) > 0).all()


def test_a_seed_gives_one_page(donors):
    tokens = ("x", "+", "1")
    one, same, other = (fill(tokens, donors, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert_equal(one, same)
    assert (one.boxes_S3 != other.boxes_S3).any()


def test_what_nobody_drew_gives_nothing():
    assert fill(("x", "+", "q"), Donors([bars("x + 1", [0, 1, 2])]), np.random.default_rng(0)) is None


def test_stretching_scales_each_stroke_by_its_own_factors():
    page = bars("a b", [0, 1])
    new = page.stretched(np.array([[2.0, 1.0], [1.0, 3.0]]))
    low, high = new.extents()
    np.testing.assert_allclose(high - low, [[2.0, 1.0], [1.0, 3.0]], rtol=1e-6)
    np.testing.assert_allclose(new.boxes_S3[:, 2], [2.0, 3.0], rtol=1e-6)


def test_foreign_symbols_come_in_their_share_and_one_hand_goes_first():
    page, foreign = bars("x", [0]), bars("x", [0])
    foreign.boxes_S3[:, 2] = 7.0
    rng = np.random.default_rng(0)
    for share in (0.0, 0.3, 1.0):
        donors = Donors([page], [foreign], share)
        drawn = np.mean([donors.symbol("x", rng).boxes_S3[0, 2] == 7.0 for _ in range(400)])
        assert abs(drawn - share) < 0.08
    assert "y" not in donors and donors.symbol("y", rng) is None
    by_writer = [Page(page.points_SP2, page.boxes_S3 * size, ("x",), page.stroke_tokens, f"w{size}") for size in (1, 2)]
    hand = Donors(by_writer).of_one_hand(rng)
    assert len({float(hand.symbol("x", rng).boxes_S3[0, 2]) for _ in range(20)}) == 1
