import pytest
from hypothesis import given

from tegashiki.convert.unicode_text import unicode_text
from tegashiki.latex.normalize import canonical_tree, normalize
from tests.convert.formulas import tree
from tests.latex.walks import formulas


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"x^2+\frac12", "x²+½"),
        (r"\frac{-b\pm\sqrt{b^2-4ac}}{2a}", "(−b±√(b²−4ac))/(2a)"),
        (r"\frac{a}{b}c", "a/b c"),
        (r"\frac{a}{b}(c)", "a/b (c)"),
        (r"\frac{x^2}{2}", "x²/2"),
        (r"x\sin^2 y", "x sin² y"),
        (r"\sin(x)", "sin(x)"),
        (r"\sum_{i=1}^n x", "∑ᵢ₌₁ⁿ x"),
        (r"e^{i\pi}", "e^(iπ)"),
        (r"x^q y", "x^q y"),
        (r"\sqrt[3]{x}\sqrt[n]{x}", "∛x√(n&x)"),
        (r"\hat{x}+\overline{ab}+\vec{ab}", "x̂+a̅b̅+(ab)⃗"),
        (r"\not\subset", "⊄"),
        (r"\begin{pmatrix}a&b\\c&d\end{pmatrix}", "(■(a&b@c&d))"),
        (r"90^{\circ}", "90°"),
        (r"\sqrt{x}^2", "(√x)²"),
    ],
)
def test_examples(latex, expected):
    assert unicode_text(tree(latex)) == expected


@given(formulas)
def test_no_mark_of_the_writer_stays(tokens):
    assert not {"\ue000", "\ue001"} & set(unicode_text(canonical_tree(list(tokens))))


@pytest.mark.parametrize("latex", ["x^{2}+a_{1}", r"\frac{1}{2}x", r"\alpha\leq\beta", "x'+y"])
def test_the_parser_reads_it_again_where_characters_say_everything(latex):
    assert normalize(unicode_text(tree(latex))) == normalize(latex)
