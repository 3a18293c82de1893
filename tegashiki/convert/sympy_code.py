"""SymPy source that runs as it is: the imports, the symbols and the expression on the last line."""

from __future__ import annotations

import re

from tegashiki.convert.code import CodeWriter, Language
from tegashiki.convert.meaning import Term, meaning
from tegashiki.latex.nodes import Row

_SAME = "sin cos tan sinh cosh tanh cot sec csc coth sech csch exp sqrt root binomial factorial floor"
_ONE = {name: f"{name}($1)" for name in _SAME.split() if name not in ("root", "binomial")}
SYMPY = Language(
    name="SymPy",
    exact=True,
    calls={
        **_ONE,
        **{f"arc{name}": f"a{name}($1)" for name in ("sin", "cos", "tan")},
        **{f"ar{name}": f"a{name}($1)" for name in ("sinh", "cosh", "tanh")},
        "ln": "log($1)",
        "log": "log($1)",
        "log 2": "log($1, $2)",
        "lg": "log($1, 10)",
        "root": "root($1, $2)",
        "binomial": "binomial($1, $2)",
        "abs": "Abs($1)",
        "ceil": "ceiling($1)",
        "arg": "arg($1)",
        "sgn": "sign($1)",
        "max": "Max(...)",
        "min": "Min(...)",
        "gcd": "gcd($1, $2)",
        "lcm": "lcm($1, $2)",
        "mod": "Mod($1, $2)",
        "and": "And(...)",
        "det": "Determinant($1)",
        "transpose": "Transpose($1)",
        "matrix": "Matrix($1)",
        "rational": "Rational($1, $2)",
        "integer": "Integer($1)",
        "integral 2": "Integral($1, $2)",
        "integral 4": "Integral($1, ($2, $3, $4))",
        "sum": "Sum($1, ($2, $3, $4))",
        "product": "Product($1, ($2, $3, $4))",
        "limit": 'Limit($1, $2, $3, "+-")',
        "limit+": 'Limit($1, $2, $3, "+")',
        "limit-": 'Limit($1, $2, $3, "-")',
        "derivative": "Derivative($1, ($2, $3))",
    },
    constants={"e": "exp(1)", "pi": "pi", "oo": "oo"},
    relations={"=": "Eq($1, $2)", "!=": "Ne($1, $2)", **{sign: f"$1 {sign} $2" for sign in ("<", ">", "<=", ">=")}},
)
_IMPORTED = re.compile(r"[A-Za-z]+")


def sympy_code(row: Row) -> str:
    """Return SymPy source of a tree in normal form.

    Raises:
        ConversionError: The formula is no calculation.
    """
    return sympy_source(meaning(row))


def sympy_source(term: Term) -> str:
    """Return SymPy source of a calculation.

    Raises:
        ConversionError: SymPy cannot say a part of it.
    """
    writer = CodeWriter(SYMPY)
    expression = writer.write(term)
    names = {match[0] for template in writer.used if (match := _IMPORTED.match(template))}
    lines = []
    if writer.symbols:
        names.add("symbols")
        lines.append(f'{", ".join(writer.symbols)} = symbols("{" ".join(writer.symbols.values())}")')
    for kind, found in (("Function", writer.functions), ("IndexedBase", writer.sequences)):
        for name, text in found.items():
            names.add(kind)
            lines.append(f'{name} = {kind}("{text}")')
    imports = [f"from sympy import {', '.join(sorted(names))}"] if names else []
    return "\n".join([*imports, *lines, expression])
