"""The process that calculates an answer: `python -m tegashiki.convert.answer_process`, see `tegashiki.convert.answer`.

It reads `[kind, source]` as JSON and prints the answer as JSON, or null.
"""

from __future__ import annotations

import json
import sys
from typing import Any

MEMORY = 2 << 30  # bytes
DIGITS = 8  # of a decimal
MOST_ROOTS = 6
LONGEST = 200  # characters of an answer
TOLERANCE = 1e-9


def calculate(kind: str, source: str) -> str | None:
    """Return the answer as LaTeX, None if there is none that can be checked.

    Args:
        kind: `value` or `roots`.
        source: SymPy source whose last line is the term.
    """
    import sympy

    *lines, last = source.split("\n")
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    term = eval(last, names)
    found = _roots(sympy, term) if kind == "roots" else _value(sympy, sympy.sympify(term))
    return found if found and len(found) <= LONGEST else None


def _value(sympy: Any, term: Any) -> str | None:
    found = sympy.simplify(term.doit())
    unsolved = (sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit, sympy.Derivative)
    if not isinstance(found, sympy.Expr) or found.has(*unsolved, sympy.nan, sympy.zoo):
        return None
    if found.free_symbols:
        return sympy.latex(found) if _same(sympy, term, found) else None
    if term.has(sympy.Integral, sympy.Sum) and not _close(term.evalf(), found):
        return None
    if found.is_Rational or found in (sympy.oo, -sympy.oo):
        return sympy.latex(found)
    decimal = _decimal(found) if found.is_real else None
    if decimal is None:
        return None
    return decimal if found.has(sympy.Float) else f"{sympy.latex(found)}\\approx {decimal}"


def _close(value: Any, other: Any) -> bool:
    return value == other or bool(abs(complex(value - other)) <= TOLERANCE * max(1, abs(complex(other))))


def _same(sympy: Any, term: Any, found: Any) -> bool:
    """Return whether two terms have the same value at some points. An antiderivative is compared by its derivative."""
    if isinstance(term, sympy.Integral) and len(term.limits) == 1 and len(term.limits[0]) == 1:
        variable = term.limits[0][0]
        term, found = term.function, found.diff(variable)
    difference = term.doit() - found
    symbols = sorted(difference.free_symbols, key=str)
    for point in (sympy.Rational(7, 5), sympy.Rational(17, 7), sympy.Rational(31, 9)):
        places = {symbol: point + sympy.Rational(i, 3) for i, symbol in enumerate(symbols)}
        if not _close(difference.subs(places).evalf(), 0):
            return False
    return True


def _roots(sympy: Any, equation: Any) -> str | None:
    if not isinstance(equation, sympy.Eq):
        return None
    [variable] = equation.free_symbols
    roots = sympy.solve(equation, variable)
    difference = equation.lhs - equation.rhs
    real = [root for root in roots if root.is_real]
    if not real or len(real) > MOST_ROOTS or any(root.free_symbols for root in roots):
        return None
    if any((root.is_real is None and _may_be_real(root)) or root.has(sympy.CRootOf) for root in roots):
        return None  # a list that may lack a root
    if difference.has(sympy.functions.elementary.trigonometric.TrigonometricFunction):
        return None  # has roots without end, of which SymPy names those of one period
    if not all(_close(difference.subs(variable, root).evalf(), 0) for root in real):
        return None
    written = [_decimal(root) if root.has(sympy.Float) else sympy.latex(root) for root in sorted(real)]
    return None if None in written else ",".join(f"{sympy.latex(variable)}={root}" for root in written)


def _may_be_real(number: Any) -> bool:
    """Return whether a number, written with roots of complex numbers, has no imaginary part that could be seen."""
    value = complex(number.evalf())
    return abs(value.imag) <= TOLERANCE * max(1, abs(value))


def _decimal(number: Any) -> str | None:
    """Return a number with few digits, None if it is too large or small to be read."""
    decimal = f"{float(number):.{DIGITS}g}"
    return None if "e" in decimal else decimal


def main() -> int:
    """Answer one question; the exit status is 1 if an error stops the calculation."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError):  # not on this system
        pass
    kind, source = json.load(sys.stdin)
    try:
        print(json.dumps(calculate(kind, source)))
    except Exception as error:  # whatever stops SymPy, there is no answer
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
