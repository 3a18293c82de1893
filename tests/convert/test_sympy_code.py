import re
import warnings
from random import Random

import pytest

from tegashiki.convert.convert import convert
from tegashiki.convert.errors import ConversionError
from tegashiki.convert.sympy_code import sympy_code
from tests.convert.formulas import tree, written

BOTH = r"""
x^{2}+\frac{1}{2}
\frac{-b+\sqrt{b^{2}-4ac}}{2a}
\frac{x+1}{x-1}\cdot\frac{2}{3}
2(x+1)(x-2)-3x
x^{\frac{1}{2}}+2^{-1}+2^{x}
\sqrt[3]{x}+|x-y|
\sin(2x)+\cos x
\sin^{2}x+\tan(x)
\ln x+\log_{2}x
e^{x}+3\pi
\frac{1+2}{3}+\frac{6}{4}
5!+x_{1}x_{2}
-x^{2}+3
\alpha\beta+\gamma^{2}
x\div y\times 2
1.5x+0.25
"""


@pytest.fixture(scope="module")
def sympy():
    return pytest.importorskip("sympy", reason="needs the package sympy")


def value(code):
    """Run source and return the value of its last line."""
    *lines, last = code.split("\n")
    names: dict = {}
    exec("\n".join(lines), names)
    return eval(last, names)


@pytest.mark.parametrize("latex", BOTH.split("\n")[1:-1])
def test_it_is_what_the_latex_parser_of_sympy_reads(sympy, latex):
    pytest.importorskip("antlr4", reason="needs the package antlr4-python3-runtime")
    from sympy.parsing.latex import parse_latex

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its grammar was compiled by an older ANTLR
        theirs = parse_latex(latex).subs({"e": sympy.E, "pi": sympy.pi})
    ours = value(sympy_code(tree(latex)))
    random = Random(latex)
    names = {str(symbol).replace("{", "").replace("}", "") for symbol in ours.free_symbols | theirs.free_symbols}
    values = {name: sympy.Rational(random.randint(20, 90), 7) for name in sorted(names)}

    def at(expression):
        places = {symbol: values[str(symbol).translate({123: "", 125: ""})] for symbol in expression.free_symbols}
        return complex(expression.subs(places).doit().evalf())

    assert at(ours) == pytest.approx(at(theirs), rel=1e-9)


@pytest.mark.parametrize(
    ("latex", "last_line"),
    [
        (r"\frac{1}{2}x", "Rational(1, 2)*x"),
        (r"\int_0^1 x^2dx", "Integral(x**2, (x, 0, 1))"),
        (r"\int\frac{dx}{x}", "Integral(1/x, x)"),
        (r"\iint xydxdy", "Integral(Integral(x*y, x), y)"),
        (r"\sum_{i=1}^n i", "Sum(i, (i, 1, n))"),
        (r"\sum_{i=1}^n x_i^2y", "Sum(x[i]**2*y, (i, 1, n))"),
        (r"\lim_{x\to0^+}\frac{1}{x}", 'Limit(1/x, x, 0, "+")'),
        (r"\frac{d^2y}{dx^2}+y=0", "Eq(Derivative(y(x), (x, 2)) + y(x), 0)"),
        (r"f'(x)", "Derivative(f(x), (x, 1))"),
        (r"\sin^{-1}x", "asin(x)"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^{-1}", "Matrix([[1, 2], [3, 4]])**(-1)"),
        (r"0<x\leq1", "And(0 < x, x <= 1)"),
        (r"\lambda x", "lambda_*x"),
        (r"30^{\circ}", "30*pi/180"),
        (r"x=1,y=2", "(Eq(x, 1), Eq(y, 2))"),
    ],
)
def test_examples(latex, last_line):
    assert sympy_code(tree(latex)).split("\n")[-1] == last_line


def test_the_source_has_its_imports_and_symbols():
    assert sympy_code(tree("f(x)=\\lambda")).split("\n") == [
        "from sympy import Eq, Function, symbols",
        'x, lambda_ = symbols("x lambda")',
        'f = Function("f")',
        "Eq(f(x), lambda_)",
    ]


def test_what_people_write_runs_where_it_converts(sympy):
    converted = 0
    for tokens in written(20):
        try:
            code = str(convert(tokens, "sympy"))
        except ConversionError:
            continue
        if not re.search(r"\d{3}|factorial|\*\*", code):  # SymPy calculates huge numbers at once
            value(code)
            converted += 1
    assert converted > 20


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"a\pm b", r"\\pm is no calculation: write it as LaTeX, MathML or Typst"),
        ("2+", "an unfinished formula is no calculation: write what is missing after its last sign"),
        (r"\int x", r"\\int is no calculation: write its dx at the end"),
        ("x'", "x is no calculation: a prime needs its function"),
        ("x_{a+b}", r"\+ is no calculation: a name can have only letters and digits"),
        (r"\sum_{i=1}^n x_{i,j}", "x_i_j in a sum over i is no calculation: write one index"),
        (r"\sum x", r"\\sum is no calculation: write its first and last index"),
        (r"\begin{pmatrix}1&2\\3\end{pmatrix}", "the table is no calculation: fill its empty cells"),
    ],
)
def test_what_has_no_value_is_named_with_the_way_out(latex, message):
    with pytest.raises(ConversionError, match=f"^{message}"):
        sympy_code(tree(latex))
