r"""LaTeX as people type it: `\begin{pmatrix}`, `\left(` around fractions, `\ln`. Its canonical tokens stay the same."""

from __future__ import annotations

import re

from tegashiki.convert.decimal_comma import DECIMAL_COMMA
from tegashiki.convert.grouping import NAMES
from tegashiki.convert.target import Grid, Target
from tegashiki.convert.writer import write
from tegashiki.latex import symbols as s
from tegashiki.latex.nodes import Row

# Marks (private characters) that the writer leaves behind, because it does not know what follows.
SOFT_SPACE = "\ue000"  # after a command: a space is needed before a letter
GUARD = "\ue001"  # a bracket or star after it would be an option: `{}` is needed before
_NOT_IN_LATEX = frozenset(["lcm", "sech", "csch", "sgn", "mod"])


def _environment(name: str) -> Grid:
    outer = f"\\begin{{{name}}}{GUARD}$1\\end{{{name}}}"
    return Grid(outer, between_rows=f"\\\\{GUARD}", between_cells="&")


LATEX = Target(
    name="LaTeX",
    pads=False,
    classes=dict.fromkeys(("letter", "digit", "bracket"), "$2")
    | dict.fromkeys(("operator", "big", "command"), "$2" + SOFT_SPACE),
    symbols={token: token + SOFT_SPACE for token in s.COMMAND_SYMBOLS if token[1:].isalpha()}
    | {DECIMAL_COMMA: DECIMAL_COMMA},
    names={name: f"\\operatorname{{{name}}}" if name in _NOT_IN_LATEX else f"\\{name}{SOFT_SPACE}" for name in NAMES},
    templates={
        "number": "$1",
        "fraction": r"\frac{$1}{$2}",
        "sqrt": r"\sqrt{$1}",
        "root": r"\sqrt[@2]{$1}",
        "single": "$1",
        "group": "{$1}",
        "sub": "$1_{$2}",
        "sup": "$1^{$3}",
        "both": "$1_{$2}^{$3}",
        "prime": "$1'",
        "empty": "{}",
        "fence": "$1$2$3",
        "tall": r"\left$1$2\right$3",
        **{token[1:]: f"{token}{{$1}}{{$2}}" for token in s.STACKS},
    },
    accents={token: f"{token}{{$1}}" for token in (*s.ACCENTS, *s.WIDE_ACCENTS)},
    brackets={
        "": ".",
        "\\|": "\\|",
        **{token: token + SOFT_SPACE for pair in (*s.BRACKETS.items(), "|") for token in pair},
    },
    grids={
        "": _environment("matrix"),
        "( )": _environment("pmatrix"),
        "[ ]": _environment("bmatrix"),
        r"\{ \}": _environment("Bmatrix"),
        "| |": _environment("vmatrix"),
        r"\| \|": _environment("Vmatrix"),
        "\\{ ": _environment("cases"),
    },
)
_SOFT = re.compile(rf"(\\[A-Za-z]+){SOFT_SPACE}(?=[A-Za-z])")
_GUARDED = re.compile(rf"{GUARD}(?=[\[*])")


def latex(row: Row) -> str:
    """Return the LaTeX of a tree in normal form."""
    text = _SOFT.sub(r"\1 ", write(row, LATEX)).replace(SOFT_SPACE, "")
    return _GUARDED.sub("{}", text).replace(GUARD, "")


def inline(row: Row) -> str:
    """Return the LaTeX between dollar signs, for a formula within a line."""
    return f"${latex(row)}$"


def display(row: Row) -> str:
    r"""Return the LaTeX between `\[` and `\]`, for a formula on a line of its own."""
    return f"\\[{latex(row)}\\]"
