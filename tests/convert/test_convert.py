import pytest

from tegashiki.convert.convert import BINARY, FORMS, convert
from tegashiki.convert.errors import ConversionError
from tegashiki.latex.errors import LatexError
from tegashiki.recognizer.candidate import Candidate

PICTURES = {"svg", "png"}


@pytest.mark.parametrize("form", sorted(FORMS.keys() - PICTURES))
def test_every_form_of_latex_and_of_tokens(form):
    written = convert(r"\frac{1}{2}", form)
    assert isinstance(written, bytes if form in BINARY else str)
    assert written == convert(("\\frac", "{", "1", "}", "{", "2", "}"), form)


def test_an_unknown_form_is_an_error_that_names_the_forms():
    with pytest.raises(ConversionError, match=r"^'excel' is no form of a formula; give one of latex, .*, png$"):
        convert("x", "excel")


def test_latex_that_cannot_be_read():
    with pytest.raises(LatexError):
        convert("{x", "typst")


def test_a_candidate_converts_its_reading():
    candidate = Candidate("x^{2}", ("x", "^", "{", "2", "}"), 1.0, 0.0, ((0,), (), (), (1,), ()))
    assert candidate.to("unicode") == "x²"


def test_deep_formulas_take_no_time_that_grows_with_each_level():
    formula = "x"
    for level in range(36):
        formula = rf"\frac{{{formula}}}{{2}}" if level % 2 else rf"\sqrt[3]{{({formula})}}"
    for form in FORMS.keys() - PICTURES:
        assert convert(formula, form)
