r"""Tables come out in the environments that people write, which stand for the same canonical tokens."""

from random import Random

import pytest

from tegashiki.latex.environments import name_environments, to_latex
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.synthesis.formulas import WIDE, compose
from tegashiki.synthesis.tables import write_table


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{pmatrix}1&0\\0&1\end{pmatrix}",
        r"A=\begin{bmatrix}1&0\\0&1\end{bmatrix}^{2}",
        r"\begin{Bmatrix}a\\b\end{Bmatrix}",
        r"\begin{vmatrix}a&b\\c&d\end{vmatrix}=ad-bc",
        r"f(x)=\begin{cases}x&x>0\\-x&x<0\end{cases}",
        r"\begin{aligned}y&=x+1\\&=2\end{aligned}",
        r"\begin{gathered}x=1\\y=2\end{gathered}",
        r"\begin{pmatrix}1\\0\end{pmatrix}\begin{pmatrix} [1]\\0\end{pmatrix}",
        r"\begin{vmatrix}a\end{vmatrix}\begin{vmatrix}b\end{vmatrix}",
        r"\begin{pmatrix}\begin{bmatrix}1\end{bmatrix}&\begin{cases}1\\2\end{cases}\end{pmatrix}",
        r"\begin{matrix}a&b\\c&d\end{matrix}",
        r"\begin{matrix}x=1\\y\end{matrix}",
        r"\begin{matrix}x&=1\\y=2\end{matrix}",
        r"(\begin{matrix}x=1\\y=2\end{matrix}",
        r"\begin{matrix}x^{a=b}\\y^{a=b}\end{matrix}",
        r"\sqrt[\begin{matrix}1\\2\end{matrix}]{x}",
    ],
)
def test_the_environment_of_a_table(latex):
    assert to_latex(normalize(latex)) == latex


def test_environments_are_read_back():
    """Over formulas of tables and over the grammar of all formulas, wrapped in brackets of every kind."""
    random, changed = Random(0), 0
    brackets = ["", "(", ")", "[", "]", r"\{", r"\}", "|", r"\langle", "x", "="]
    for _ in range(400):
        tokens = write_table(random) if random.random() < 0.7 else compose(random, WIDE)
        source = " ".join([random.choice(brackets), *tokens, random.choice(brackets), random.choice(["", "^ { 2 }"])])
        try:
            canonical = normalize(source)
        except LatexError:
            continue
        assert normalize(to_latex(canonical)) == canonical
        changed += name_environments(canonical) != list(canonical)
    assert changed > 100
