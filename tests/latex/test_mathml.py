import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from tegashiki.latex.errors import LatexError
from tegashiki.latex.mathml import mathml
from tegashiki.latex.normalize import normalize, slots
from tegashiki.latex.symbols import COMMAND_SYMBOLS, FUNCTIONS, SYMBOLS
from tegashiki.latex.unicode import CHARACTERS, character
from tests.latex.walks import formulas

# https://www.w3.org/TR/mathml-core/
CORE = {
    *("math", "mrow", "mfrac", "msqrt", "mroot", "mi", "mo", "mn", "mtext", "mspace", "msub", "msup", "msubsup"),
    *("munder", "mover", "munderover", "mtable", "mtr", "mtd"),
}


def drawn(latex):
    """Return the content of <math><mrow>, without attributes."""
    inner = mathml(normalize(latex)).removeprefix('<math display="block"><mrow>').removesuffix("</mrow></math>")
    return re.sub(r" [a-z-]+=\"[^\"]*\"", "", inner)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("x^2", "<msup><mi>x</mi><mrow><mn>2</mn></mrow></msup>"),
        (r"\alpha_1", "<msub><mi>α</mi><mrow><mn>1</mn></mrow></msub>"),
        (r"\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (r"\sqrt[3]{x}", "<mroot><mrow><mi>x</mi></mrow><mrow><mn>3</mn></mrow></mroot>"),
        (r"\sum_i^n", "<munderover><mo>∑</mo><mrow><mi>i</mi></mrow><mrow><mi>n</mi></mrow></munderover>"),
        (r"\int_0^1", "<msubsup><mo>∫</mo><mrow><mn>0</mn></mrow><mrow><mn>1</mn></mrow></msubsup>"),
        ("(x)^2", "<msup><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mrow><mn>2</mn></mrow></msup>"),
        (")x(", "<mo>)</mo><mi>x</mi><mo>(</mo>"),
        ("((a)", "<mo>(</mo><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow>"),
        ("a<b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"\begin{cases}a&b\\c\end{cases}", "<mrow><mo>{</mo><mtable><mtr><mtd><mrow><mi>a</mi></mrow></mtd><mtd><mrow>"
         "<mi>b</mi></mrow></mtd></mtr><mtr><mtd><mrow><mi>c</mi></mrow></mtd></mtr></mtable></mrow>"),
        (r"\hat{a}", "<mover><mrow><mi>a</mi></mrow><mo>^</mo></mover>"),
        (r"\overline{ab}", "<mrow><mrow><mi>a</mi><mi>b</mi></mrow></mrow>"),  # the line is drawn by a CSS style
        (r"{}_n C", "<msub><mrow></mrow><mrow><mi>n</mi></mrow></msub><mi>C</mi>"),
        (r"\mathbb{R}\mathcal{L}\mathfrak{g}", "<mi>ℝ</mi><mi>ℒ</mi><mi>𝔤</mi>"),
        (r"\sin\unheard", r"<mo>sin</mo><mtext>\unheard</mtext>"),
    ],
)  # fmt: skip
def test_elements(latex, expected):
    assert drawn(latex) == expected


@settings(max_examples=300, deadline=None)
@given(formulas)
def test_every_visible_token_is_an_element_of_mathml_core(tokens):
    tree = ElementTree.fromstring(mathml(tokens))
    assert {element.tag for element in tree.iter()} <= CORE
    found = {int(element.attrib["data-t"]) for element in tree.iter() if "data-t" in element.attrib}
    assert {i for i, slot in enumerate(slots(tokens)) if slot is not None} <= found
    assert {i for i, token in enumerate(tokens) if token in ("_", "^")} <= found
    assert all(tokens[i] not in ("{", "}", "&", "\\\\") for i in found)


def test_every_symbol_has_its_own_character():
    assert CHARACTERS.keys() <= set(COMMAND_SYMBOLS)
    for token in SYMBOLS:
        assert "\\" not in character(token) or token == "\\backslash"
        assert len(character(token)) == 1 or token in FUNCTIONS
    drawn_alike = {(r"\rightsquigarrow", r"\leadsto"), ("*", "*")}
    seen = {}
    for token in SYMBOLS:
        other = seen.setdefault(character(token), token)
        assert other == token or (other, token) in drawn_alike, f"{other} and {token} look the same"


def test_refuses_tokens_that_are_not_canonical():
    with pytest.raises(LatexError):
        mathml(["x", "^", "2"])
