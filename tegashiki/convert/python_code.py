"""Python source that calculates a number from variables of the same names."""

from __future__ import annotations

from tegashiki.convert.code import CodeWriter, Language
from tegashiki.convert.errors import ConversionError
from tegashiki.convert.meaning import Term, meaning
from tegashiki.latex.nodes import Row

_MATH = "sin cos tan sinh cosh tanh exp sqrt factorial floor ceil"
PYTHON = Language(
    name="Python",
    calls={
        **{name: f"math.{name}($1)" for name in _MATH.split()},
        **{f"arc{name}": f"math.a{name}($1)" for name in ("sin", "cos", "tan")},
        **{f"ar{name}": f"math.a{name}($1)" for name in ("sinh", "cosh", "tanh")},
        "cot": "(1/math.tan($1))",
        "sec": "(1/math.cos($1))",
        "csc": "(1/math.sin($1))",
        "ln": "math.log($1)",
        "log": "math.log($1)",
        "log 2": "math.log($1, $2)",
        "lg": "math.log10($1)",
        "root": "pow($1, 1/($2))",
        "binomial": "math.comb($1, $2)",
        "abs": "abs($1)",
        "max": "max(...)",
        "min": "min(...)",
        "gcd": "math.gcd(...)",
        "lcm": "math.lcm(...)",
        "mod": "(($1) % ($2))",
        "and": "all((...))",
        "sum": "sum($1 for $2 in range($3, $4 + 1))",
        "product": "math.prod($1 for $2 in range($3, $4 + 1))",
    },
    constants={"e": "math.e", "pi": "math.pi", "oo": "math.inf"},
    relations={
        "=": "$1 == $2",
        "!=": "$1 != $2",
        **{sign: f"$1 {sign} $2" for sign in ("<", ">", "<=", ">=")},
    },
    way_out="write it as SymPy (--to sympy)",
)


def python_code(row: Row) -> str:
    """Return Python source of a tree in normal form: `import math` where it is needed, then the expression.

    Raises:
        ConversionError: The formula is no calculation, or not one with numbers.
    """
    term = meaning(row)
    _check_bounds(term)
    writer = CodeWriter(PYTHON)
    expression = writer.write(term)
    return f"import math\n{expression}" if any("math." in template for template in writer.used) else expression


def _check_bounds(term: Term) -> None:
    if term.head in ("sum", "product") and any(_is_infinite(part) for part in term.parts[2:]):
        raise ConversionError(f"Python cannot say an infinite {term.head}: {PYTHON.way_out}")
    for part in term.parts:
        _check_bounds(part)


def _is_infinite(term: Term) -> bool:
    return term == Term("constant", "oo") or any(map(_is_infinite, term.parts))
