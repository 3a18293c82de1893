"""web/test/asciimath.test.ts has MathJax read the AsciiMath of all vectors."""

import pytest

from tegashiki.convert.asciimath import asciimath
from tegashiki.convert.errors import ConversionError
from tests.convert.formulas import tree


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{a+b}{2}", "(a + b)/2"),
        (r"\frac{a}{b}^2", "{:a/b:}^2"),
        (r"\sqrt[3]{x}", "root(3)(x)"),
        (r"\begin{pmatrix}a&b\\c&d\end{pmatrix}", "((a,b),(c,d))"),
        (r"\begin{matrix}a\end{matrix}", "{:a:}"),
        (r"[0,1)", '"[" 0, 1 ")"'),
        (r"x_1'", "x_1^(')"),
        (r"f'(x)", "f'(x)"),
        (r"\check{x}", "overset(ˇ)(x)"),
    ],
)
def test_examples(latex, expected):
    assert asciimath(tree(latex)) == expected


def test_what_it_cannot_say_is_named_with_the_way_out():
    with pytest.raises(ConversionError, match=r"^AsciiMath cannot say \\boxed: write it as LaTeX or MathML$"):
        asciimath(tree(r"\boxed{x}"))
