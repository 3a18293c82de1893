import numpy as np
import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.page import Page
from tegashiki.synthesis.prefix import first_strokes, random_prefix

from .pages import assert_equal, bars

FRACTION = (r"x = \frac { a } { b }", [0, 1, 1, 4, 2, 7])
SCRIPTS = ("x _ { 1 } ^ { 2 } y", [0, 7, 3, 9])
ROOT = (r"\sqrt [ 3 ] { x + 1 }", [0, 2, 5, 6, 6, 7])
ROOT_LAST = (r"\sqrt { x 1 }", [2, 3, 0])


@pytest.mark.parametrize(
    ("page", "readings"),
    [
        (FRACTION, ["x", None, "x =", "x = a", None, r"x = \frac { a } { b }"]),
        (SCRIPTS, ["x", "x ^ { 2 }", "x _ { 1 } ^ { 2 }", "x _ { 1 } ^ { 2 } y"]),
        (ROOT, [None, None, r"\sqrt [ 3 ] { x }", None, r"\sqrt [ 3 ] { x + }", r"\sqrt [ 3 ] { x + 1 }"]),
        (ROOT_LAST, ["x", "x 1", r"\sqrt { x 1 }"]),
        ((r"x ^ { 2 }", [3, 0]), [None, "x ^ { 2 }"]),
        ((r"\hat { x } _ { 0 }", [2, 0, 6]), ["x", r"\hat { x }", r"\hat { x } _ { 0 }"]),
        ((r"\begin{matrix} a & b \end{matrix} c", [1, 3, 5]), [None, None, r"\begin{matrix} a & b \end{matrix} c"]),
    ],
)
def test_first_strokes_support_what_is_drawn(page, readings):
    page = bars(*page)
    if page.tokens[0].startswith(r"\begin"):
        readings[1] = r"\begin{matrix} a & b \end{matrix}"
    for count, expected in enumerate(readings, start=1):
        part = first_strokes(page, count)
        assert (None if part is None else " ".join(part.tokens)) == expected
        if part is not None:
            assert len(part) == count
            drawn = [page.tokens[owner] for owner in page.stroke_tokens[:count]]
            assert [part.tokens[owner] for owner in part.stroke_tokens] == drawn


def test_letters_that_would_spell_a_name_are_left_out():
    page = bars("s i _ { 1 } n", [0, 1, 6, 4])
    assert first_strokes(page, 2) is not None
    assert first_strokes(page, 3) is None  # it would read \sin
    assert first_strokes(page, 4) is not None


def test_prefixes_of_drawn_formulas_are_canonical_and_the_whole_is_itself():
    pages = [Page.of_example(example) for example in generate("train", 60, seed=2, dialect="wide")]
    rng, shorter = np.random.default_rng(0), 0
    for page in pages:
        whole = first_strokes(page, len(page))
        assert whole is not None
        assert_equal(whole, page)
        part = random_prefix(page, rng)
        assert normalize(part.tokens) == part.tokens
        shorter += len(part) < len(page)
    assert shorter > len(pages) / 2
