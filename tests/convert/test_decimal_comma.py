import io
import zipfile

import pytest

from tegashiki.cli import main
from tegashiki.convert.convert import convert
from tegashiki.convert.decimal_comma import formula_tree, has_decimal_comma, with_decimal_commas
from tegashiki.latex.normalize import canonical_tree, normalize
from tegashiki.recognizer.candidate import Candidate

# The same forms are expected of the converter in TypeScript (web/test/decimal-comma.test.ts).
FORMS = {
    "latex": "x=3{,}14",
    "mathml": "<mi>x</mi><mo>=</mo><mn>3,14</mn></math>",
    "typst": 'x = 3class("normal", ",")14',
    "asciimath": 'x = 3","14',
    "unicode": "x=3,14",
    "sympy": "Eq(x, 3.14)",
    "python": "x == 3.14",
    "omml": "<m:r><m:t>x=3,14</m:t></m:r></m:oMath>",
}


@pytest.mark.parametrize(("form", "expected"), FORMS.items())
def test_code_has_a_point_and_every_other_form_a_comma(form, expected):
    written = convert("x=3{,}14", form)
    assert written.endswith(expected)
    assert (
        convert(["x", "=", "3", "{", ",", "}", "1", "4"], form)
        == convert(["x", "=", "3", "{,}", "1", "4"], form)
        == written
    )


def test_word_shows_the_comma():
    with zipfile.ZipFile(io.BytesIO(convert("3{,}14", "docx"))) as document:
        assert "<m:t>3,14</m:t>" in document.read("word/document.xml").decode()


def test_typst_compiles_it():
    pytest.importorskip("typst", reason="needs the package typst (the extra `pictures`)")
    assert convert(r"\frac{3{,}14}{2^{0{,}5}}", "svg").startswith("<svg")


@pytest.mark.parametrize(
    ("latex", "is_decimal"),
    [
        ("3{,}14", True),
        (r"\frac{1}{2 { , } 5}", True),
        (r"\begin{pmatrix}1{,}5&2\end{pmatrix}", True),
        ("3,14", False),
        ("x{,}5", False),
        ("3{,}x", False),
        ("1{,}000{,}000", False),
        ("1{,}234.5", False),
    ],
)
def test_a_decimal_comma_is_the_only_mark_between_the_digits_of_a_number(latex, is_decimal):
    assert has_decimal_comma(formula_tree(latex)) is is_decimal
    assert is_decimal or formula_tree(latex) == canonical_tree(latex)


def test_ink_does_not_show_the_braces():
    assert normalize("3{,}14") == ("3", ",", "1", "4")


def test_a_candidate_with_the_comma_is_converted():
    tokens = ("3", "{,}", "1", "4")
    candidate = Candidate("3{,}14", tokens, 1.0, 0.0, ((0,), (1,), (2,), (3,)))
    assert (candidate.to("python"), candidate.to("latex"), candidate.to("unicode")) == ("3.14", "3{,}14", "3,14")


def test_the_command_takes_it(capsys):
    assert main(["convert", "2{,}5x", "--to", "python"]) == 0
    assert capsys.readouterr().out == "2.5*x\n"


def test_points_between_digits_become_commas():
    assert with_decimal_commas(r"\sqrt{2}\approx 1.4142136") == r"\sqrt{2}\approx 1{,}4142136"
    assert with_decimal_commas("x=2.5,x=3.") == "x=2{,}5,x=3."
