import numpy as np
import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.synthesis.fill import fill
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import Donors
from tegashiki.synthesis.scripts import add_second_script

from .framed_inks import assert_equal, bars


def written(latex, slots):
    """Return a row of bars in which scripts are smaller and higher or lower."""
    tokens = latex.split()
    ink = bars(latex, [place for place, token in enumerate(tokens) if token not in ("_", "^", "{", "}")])
    for stroke, slot in enumerate(slots):
        ink.boxes_S3[stroke] = [stroke, {"": 0.0, "sup": -0.7, "sub": 0.7}[slot], 0.5 if slot else 1.0]
    return ink


SUB, SUP = written("x _ { i } + y", ["", "sub", "", ""]), written("z ^ { 2 }", ["", "sup"])
DONORS = Donors([SUB, SUP])


def bounds(ink, token):
    return ink.cut(token, token + 1).bounds


@pytest.mark.parametrize(("ink", "after"), [(SUB, "+ y"), (SUP, "")])
def test_the_second_script_stands_opposite_the_first(ink, after):
    firsts = set()
    for seed in range(30):
        found = add_second_script(ink, DONORS, np.random.default_rng(seed))
        base = ink.tokens[0]
        assert found.tokens == normalize(f"{base}_{{i}}^{{2}}{after}")
        (base_low, base_high), (sub_low, _), (_, sup_high) = (bounds(found, token) for token in (0, 3, 7))
        middle = (base_low[1] + base_high[1]) / 2
        assert sup_high[1] < middle + 0.1 and sub_low[1] > middle - 0.1
        assert found.aligned and len(found) == len(ink) + 1
        firsts.add(int(found.stroke_tokens[1]))
    assert firsts == {3, 7}, "either script may be written first"


def test_ink_after_the_script_makes_room():
    wide = written("z ^ { 2 n + 1 }", ["", "sup", "sup", "sup", "sup"])
    before = bounds(SUB, 5)[0][0]
    found = add_second_script(SUB, Donors([SUB, wide]), np.random.default_rng(0))
    plus = found.tokens.index("+", 11)
    assert bounds(found, plus)[0][0] > before
    assert bounds(found, plus)[0][0] >= bounds(found, plus - 2)[1][0]


@pytest.mark.parametrize("latex", ["x _ { i } ^ { 2 }", "x + y", "2 ^ { i }"])
def test_inks_without_a_suitable_script_are_unchanged(latex):
    ink = fill(latex.split(), Donors([bars("x i 2 + y", range(5))]), np.random.default_rng(0))
    assert ink is not None
    assert_equal(add_second_script(ink, DONORS, np.random.default_rng(0)), ink)


def test_an_ink_without_donors_is_unchanged():
    assert add_second_script(SUB, Donors([SUB]), np.random.default_rng(0)) is SUB


def test_the_same_seed_gives_the_same_ink():
    one, same = (add_second_script(SUB, DONORS, np.random.default_rng(3)) for _ in range(2))
    assert isinstance(one, FramedInk)
    assert_equal(one, same)
