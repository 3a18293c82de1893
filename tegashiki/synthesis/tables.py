r"""Formulas of several rows: matrices, determinants, cases, systems of equations, derivations line by line.

In canonical tokens each of them is a table. They differ in the delimiters around it: a matrix has brackets or bars,
cases and systems have a single brace on the left, and a derivation has no delimiters and one cell per row.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tegashiki.latex.normalize import normalize

FENCES = (("(", ")"), ("(", ")"), ("[", "]"), ("|", "|"))
SIZES = ((2, 2), (2, 2), (2, 2), (3, 3), (3, 3), (2, 1), (3, 1), (1, 3), (2, 3), (3, 2), (4, 1))


def write_table(random: Random) -> tuple[str, ...]:
    """Draw one formula of several rows as canonical tokens."""
    write = random.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    return normalize(write(random))


def _table(rows: list[list[str]]) -> str:
    cells = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{matrix}} {cells} \end{{matrix}}"


def _fenced(random: Random, rows: list[list[str]]) -> str:
    left, right = random.choice(FENCES[: len(FENCES) - (len(rows) != len(rows[0]))])  # only squares have determinants
    return f"{left}{_table(rows)}{right}"


def _matrix(random: Random) -> str:
    count, columns = random.choice(SIZES)
    entry = random.choice((_digit, _digit, _letter, _indexed, _expression))
    rows = [[entry(random, row, column) for column in range(columns)] for row in range(count)]
    return _fenced(random, rows)


def _digit(random: Random, row: int, column: int) -> str:
    return random.choice(("0", "1", "0", "1", "-1", str(random.randint(2, 9)), str(random.randint(-20, 99))))


def _letter(random: Random, row: int, column: int) -> str:
    return "abcdefghi"[3 * row % 9 + column % 3] if random.random() < 0.8 else random.choice("xyzuvw")


def _indexed(random: Random, row: int, column: int) -> str:
    return f"a_{{{row + 1}{column + 1}}}"


def _expression(random: Random, row: int, column: int) -> str:
    x = random.choice("xyabt")
    short = ("0", "1", x, f"-{x}", f"{x}+1", f"{x}^2", f"{random.randint(2, 9)}{x}")
    return random.choice((*short, rf"\frac{{1}}{{{random.randint(2, 9)}}}", rf"\cos {x}", rf"\sin {x}"))


def _named(random: Random) -> str:
    return f"{random.choice('ABCMPQR')}={_matrix(random)}"


def _product(random: Random) -> str:
    size = random.choice((2, 2, 3))
    entry = random.choice((_digit, _indexed))
    square = [[entry(random, row, column) for column in range(size)] for row in range(size)]
    unknowns = [["xyz"[row]] if size < 4 else [f"x_{row}"] for row in range(size)]
    right = [[_digit(random, row, 0)] for row in range(size)]
    left, fence = random.choice(FENCES[:3])
    return "=".join((left + _table(square) + fence + left + _table(unknowns) + fence, left + _table(right) + fence))


def _dotted(random: Random) -> str:
    rows = [["a_{11}", r"\cdots", "a_{1n}"], [r"\vdots", r"\ddots", r"\vdots"], ["a_{n1}", r"\cdots", "a_{nn}"]]
    return _fenced(random, rows)


def _term(random: Random, name: str) -> str:
    factor = random.choice(("", str(random.randint(2, 9))))
    return f"{factor}{name}"


def _linear(random: Random, names: str) -> str:
    terms = _term(random, names[0]) + "".join(random.choice("+-") + _term(random, name) for name in names[1:])
    return f"{random.choice(('', '', '-'))}{terms}={random.randint(-9, 30)}"


def _system(random: Random) -> str:
    names = random.choice(("xy", "xy", "xyz", "ab", "uv"))
    rows = [[_linear(random, names)] for _ in names]
    return r"\{" + _table(rows)


def _cases(random: Random) -> str:
    x, f = random.choice("xxxtn"), random.choice("ffgh")
    a = random.randint(2, 9)
    values = ("0", "1", x, f"-{x}", f"{x}^2", f"{a}{x}", f"{x}+{a}", rf"\sqrt{{{x}}}")
    bound = random.randint(0, 9)
    conditions = ([rf"{x} \geq {bound}", f"{x}<{bound}"], [f"{x}>{bound}", f"{x}={bound}", f"{x}<{bound}"])
    rows = [[random.choice(values), condition] for condition in random.choice(conditions)]
    return f"{f}({x})=" + r"\{" + _table(rows)


def _derivation(random: Random) -> str:
    """Draw the solution of an equation line by line."""
    x, a, b, c = random.choice("xxyabt"), *(random.randint(2, 12) for _ in range(3))
    rows = [[f"{a}{x}+{b}={a * c + b}"], [f"{a}{x}={a * c}"], [f"{x}={c}"]]
    if random.random() < 0.4:
        rows.insert(0, [f"{a}({x}+1)+{b}={a * c + b + a}"])
    return _table(rows[random.choice((0, 0, 1)) :])


KINDS: tuple[tuple[Callable[[Random], str], float], ...] = (
    (_matrix, 4),
    (_named, 2),
    (_product, 1.2),
    (_dotted, 0.3),
    (_system, 2.5),
    (_cases, 2.5),
    (_derivation, 2),
)
