import re

import pytest

from tegashiki.convert.typst import TYPST, typst
from tegashiki.latex.normalize import canonical_tree
from tegashiki.latex.unicode import character
from tests.convert.formulas import tree, walks, written


@pytest.fixture(scope="module")
def compiler():
    return pytest.importorskip("typst", reason="needs the package typst (the extra `pictures`)")


def compiles(compiler, formulas):
    pages = "\n\n".join(f"$ {typst(canonical_tree(list(tokens)))} $" for tokens in formulas)
    compiler.compile(f"#set page(height: auto)\n{pages}\n".encode(), format="svg")


def test_the_compiler_takes_every_walk_through_the_grammar(compiler):
    compiles(compiler, walks(400))


def test_the_compiler_takes_what_people_write(compiler):
    compiles(compiler, written(40))


def test_a_name_is_the_symbol_of_its_command(compiler):
    import json

    names = {token: name for token, name in TYPST.symbols.items() if re.fullmatch(r"[A-Za-z][A-Za-z.]+", name)}
    source = "".join(f'#metadata(("{name}", str(sym.{name}))) <name>\n' for name in set(names.values()))
    found = dict(json.loads(compiler.query(source.encode(), "<name>", field="value")))
    different = {token for token, name in names.items() if found[name].rstrip("\ufe0e") != character(token)}
    assert different == {"\\perp"}  # ⟂, which looks like ⊥


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{-b\pm\sqrt{b^2-4ac}}{2a}", "frac(- b plus.minus sqrt(b^2 - 4 a c), 2 a)"),
        (r"\sum_{i=1}^n i^2", "sum_(i = 1)^n i^2"),
        (r"\begin{bmatrix}a&b\\c\end{bmatrix}", 'mat(delim: "[", a, b; c, "")'),
        (r"\begin{cases}1&x>0\\0&x\leq0\end{cases}", "cases(1 & x > 0, 0 & x <= 0)"),
        (r"\frac{a,b}{f(x,y)}", r"frac(a\, b, f(x, y))"),
        (r"[0,1)", r"\[ 0, 1 \)"),
        (r"f'(x)+|x|", "f'(x) + abs(x)"),
        (r"\boxed{x}^2", "#box(stroke: 0.5pt, inset: 3pt, $x$)^2"),
        (r"\surd)", r"\√ \)"),
        (r"a/b", r"a \/ b"),
    ],
)
def test_examples(latex, expected):
    assert typst(tree(latex)) == expected
