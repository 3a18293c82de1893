import pytest
from hypothesis import given

from tegashiki.convert.latex import display, inline, latex
from tegashiki.latex.normalize import canonical_tree, normalize
from tests.convert.formulas import tree
from tests.latex.walks import formulas


@given(formulas)
def test_the_canonical_tokens_stay_the_same(tokens):
    assert normalize(latex(canonical_tree(list(tokens)))) == tokens


@pytest.mark.parametrize(
    "source",
    [
        r"\frac{a}{b}",
        r"\left(\frac{a}{b}\right)^{2}",
        r"\begin{pmatrix}a&b\\c&d\end{pmatrix}",
        r"\begin{bmatrix}{}[a]\\{}[b]\end{bmatrix}",
        r"f(x)=\begin{cases}1&x>0\\0&x\leq0\end{cases}",
        r"\ln x+\arcsin2y+\operatorname{lcm}(a,b)",
        r"\max_{x}f'(x)",
        r"\alpha x\beta2\mathbb{R}",
        r"\sqrt[n]{x}+\sqrt[{n+1}]{x}",
        r"\|x\|+\left|\frac{x}{y}\right|",
        r"{}_{1}^{2}C",
    ],
)
def test_it_is_written_as_people_type_it(source):
    assert latex(tree(source)) == source


def test_within_a_line_and_on_its_own():
    assert inline(tree("x^2")) == "$x^{2}$"
    assert display(tree("x^2")) == r"\[x^{2}\]"
