"""Lines under each other become one formula."""

import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.latex.rows import join_rows, rows_to_latex

CASES = {
    "alone": (["x"], "x"),
    "nothing": ([], ""),
    "an empty line": (["", "x"], "x"),
    "aligned": (["x=3", "y<4"], r"\begin{aligned} x & = 3 \\ y & < 4 \end{aligned}"),
    "a derivation": ([r"\frac{a=b}{2}=c", "=d"], r"\begin{aligned} \frac{a = b}{2} & = c \\ & = d \end{aligned}"),
    "two relations": (["x=3=y", "y=4"], r"\begin{gathered} x = 3 = y \\ y = 4 \end{gathered}"),
    "no relation": (["x", "y=4"], r"\begin{gathered} x \\ y = 4 \end{gathered}"),
    "a brace": ([r"\{x=3", "y=4"], r"\begin{cases} x = 3 \\ y = 4 \end{cases}"),
    "a set": ([r"\{x\}=A", "y=4"], r"\begin{aligned} \{x\} & = A \\ y & = 4 \end{aligned}"),
    "a matrix in a line": (
        [r"A=\begin{pmatrix}1&2\\3&4\end{pmatrix}", "B=2"],
        r"\begin{aligned} A & = \begin{pmatrix}1 & 2 \\ 3 & 4 \end{pmatrix} \\ B & = 2 \end{aligned}",
    ),
}


@pytest.mark.parametrize(("lines", "wanted"), CASES.values(), ids=CASES)
def test_lines_are_joined(lines, wanted):
    rows = [normalize(line) if line else [] for line in lines]
    latex = rows_to_latex(rows)
    assert latex.replace(" ", "") == wanted.replace(" ", "")
    assert list(normalize(latex) if latex else []) == join_rows(rows)
