import numpy as np
import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.prefix import first_strokes, random_prefix

from .framed_inks import assert_equal, bars

FRACTION = (r"x = \frac { a } { b }", [0, 1, 1, 4, 2, 7])
SCRIPTS = ("x _ { 1 } ^ { 2 } y", [0, 7, 3, 9])
ROOT = (r"\sqrt [ 3 ] { x + 1 }", [0, 2, 5, 6, 6, 7])
ROOT_LAST = (r"\sqrt { x 1 }", [2, 3, 0])


@pytest.mark.parametrize(
    ("ink", "readings"),
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
def test_first_strokes_have_the_latex_that_they_show(ink, readings):
    ink = bars(*ink)
    if ink.tokens[0].startswith(r"\begin"):
        readings[1] = r"\begin{matrix} a & b \end{matrix}"
    for count, expected in enumerate(readings, start=1):
        part = first_strokes(ink, count)
        assert (None if part is None else " ".join(part.tokens)) == expected
        if part is not None:
            assert len(part) == count
            drawn = [ink.tokens[owner] for owner in ink.stroke_tokens[:count]]
            assert [part.tokens[owner] for owner in part.stroke_tokens] == drawn


def test_letters_that_would_spell_a_function_have_no_label():
    ink = bars("s i _ { 1 } n", [0, 1, 6, 4])
    assert first_strokes(ink, 2) is not None
    assert first_strokes(ink, 3) is None  # it would be read as \sin
    assert first_strokes(ink, 4) is not None


def test_prefixes_are_canonical_and_all_strokes_give_the_whole_ink():
    inks = [FramedInk.of_example(example) for example in generate("train", 60, seed=2, dialect="wide")]
    rng, shorter = np.random.default_rng(0), 0
    for ink in inks:
        whole = first_strokes(ink, len(ink))
        assert whole is not None
        assert_equal(whole, ink)
        part = random_prefix(ink, rng)
        assert normalize(part.tokens) == part.tokens
        shorter += len(part) < len(ink)
    assert shorter > len(inks) / 2
