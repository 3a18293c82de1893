import math

import pytest

from tegashiki.convert.errors import ConversionError
from tegashiki.convert.python_code import python_code
from tests.convert.formulas import tree


@pytest.mark.parametrize(
    ("latex", "value"),
    [
        (r"\frac{-b+\sqrt{b^2-4ac}}{2a}", (-5 + math.sqrt(25 - 4 * 2 * 3)) / 4),
        (r"\sum_{i=1}^{3}i^2+\prod_{i=1}^4 i", 38),
        (r"\sin^2 a+\cos(a)^2", 1),
        (r"\log_2 8+\lg 100+\ln e", 6),
        (r"\binom{5}{2}+5!", 130),
        (r"\gcd(4,6)+\max(a,b,c)", 7),
        (r"10\mod 4+\lfloor 2.5\rfloor+\lceil 2.5\rceil+|-a|", 9),
        (r"\sqrt[3]{8}+007", 9),
        (r"0<a\leq b", True),
        (r"a=b", False),
        (r"\sinh 1-\frac{e-e^{-1}}{2}", 0),
    ],
)
def test_it_calculates(latex, value):
    *lines, last = python_code(tree(latex)).split("\n")
    names = {"a": 2, "b": 5, "c": 3}
    exec("\n".join(lines), names)
    assert eval(last, names) == pytest.approx(value)


def test_math_is_imported_where_it_is_needed():
    assert python_code(tree("x^2")) == "x**2"
    assert python_code(tree(r"\pi")) == "import math\nmath.pi"


@pytest.mark.parametrize(
    ("latex", "what"),
    [
        (r"\int xdx", "integral"),
        (r"\sum_{i=1}^{\infty}i", "an infinite sum"),
        (r"\begin{pmatrix}1\end{pmatrix}", "matrix"),
    ],
)
def test_what_python_cannot_calculate_is_for_sympy(latex, what):
    with pytest.raises(ConversionError, match=rf"^Python cannot say {what}: write it as SymPy \(--to sympy\)$"):
        python_code(tree(latex))
