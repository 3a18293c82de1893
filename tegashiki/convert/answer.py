r"""The answer to a formula that expects one: `2+3\cdot4=`, `x^2-5x+6=0`, an integral.

SymPy calculates in a process of its own with limits of time and memory, because a short formula can take forever.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence

from tegashiki.convert.decimal_comma import formula_tree, has_decimal_comma, with_decimal_commas
from tegashiki.convert.errors import ConversionError
from tegashiki.convert.meaning import Term, meaning
from tegashiki.convert.sympy_code import sympy_source
from tegashiki.latex.nodes import Row, Symbol
from tegashiki.latex.normalize import canonical_tree

SECONDS = 10.0  # for the process, of which SymPy needs one or two to start
_CALCULATED = frozenset(("integral", "sum", "product", "limit", "limit+", "limit-", "derivative"))


def answer(formula: str | Sequence[str], seconds: float = SECONDS) -> str | None:
    r"""Return the answer as LaTeX: `14` for `2+3\cdot4=`, `x=2,x=3` for `x^2-5x+6=0`, `3{,}5` for `2{,}5+1=`.

    Args:
        formula: LaTeX source, or a sequence of tokens.
        seconds: Limit for the calculation.

    Returns:
        None if the formula expects no answer, or if SymPy finds none that can be checked within the limit.

    Raises:
        LatexError: The formula cannot be read.
        ConversionError: The package sympy is not installed.
    """
    row = formula_tree(formula)
    if importlib.util.find_spec("sympy") is None:
        raise ConversionError("answers need the package sympy: pip install 'tegashiki[answers]'")
    asked = question(row)
    if asked is None:
        return None
    command = [sys.executable, "-m", "tegashiki.convert.answer_process"]
    try:
        run = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    found: str | None = json.loads(run.stdout) if run.returncode == 0 else None
    if found is None or says_the_same(found, row):
        return None
    return with_decimal_commas(found) if has_decimal_comma(row) else found


def says_the_same(found: str, row: Row) -> bool:
    """Return whether an answer is what stands in the formula: `12` for `12=`, `x+1` for `(x+1)=`."""
    asks = Row(row.items[:-1] if row.items[-1:] == (Symbol("="),) else row.items)
    try:
        return meaning(canonical_tree(found)) == meaning(asks)
    except ConversionError:
        return canonical_tree(found).items == asks.items


def question(row: Row) -> tuple[str, str] | None:
    """Return what a formula asks for, `value` or `roots`, with the SymPy source of its term; None if nothing."""
    ends = row.items[-1:] == (Symbol("="),)
    try:
        term = meaning(Row(row.items[:-1]) if ends else row)
        if ends or term.head + term.text in _CALCULATED:
            return "value", sympy_source(term)
        is_equation = term.head == "relation" and term.text == "="
        if is_equation and len(set(_symbols(term))) == 1 and not _is_solved(term):
            return "roots", sympy_source(term)
    except ConversionError:
        pass
    return None


def _symbols(term: Term) -> list[str]:
    own = [term.text] if term.head == "symbol" else []
    return own + [name for part in term.parts for name in _symbols(part)]


def _is_solved(term: Term) -> bool:
    """Return whether an equation is already an answer, `x=3`, or a definition, `f(x)=x`."""
    left, right = term.parts
    return left.head == "apply" or (left.head == "symbol" and left.text not in _symbols(right))
