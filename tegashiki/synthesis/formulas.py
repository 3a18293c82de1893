r"""Random formulas: canonical tokens from a grammar over the vocabulary.

A `Dialect` defines the frequencies of symbols and structures. A small model can learn `EASY` within minutes; `WIDE`
covers the vocabulary. The formulas look like mathematics but have no meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import ClassVar

from tegashiki.latex import symbols as s
from tegashiki.latex.normalize import normalize

Tokens = list[str]


@dataclass(frozen=True)
class Choice:
    """Weighted alternatives."""

    weights: dict[str, float]
    names: list[str] = field(init=False)
    bounds: list[float] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", list(self.weights))
        object.__setattr__(self, "bounds", list(accumulate(self.weights.values())))

    def draw(self, random: Random) -> str:
        """Draw one of the names with a probability proportional to its weight."""
        return random.choices(self.names, cum_weights=self.bounds)[0]


@dataclass(frozen=True)
class Dialect:
    """The symbols and structures of formulas and their frequencies.

    Attributes:
        name: Name of the dialect.
        letters: Variables.
        operators: Operators between terms.
        relations: Relations between the sides of a formula.
        atoms: Weights of the kinds of factors; `_Composer.parts` lists them.
        scripts: Weights of "", "sub", "sup" and "both" on a letter.
        length: Minimum and maximum number of visible symbols.
        depth: Maximum depth of nested structures.
        relation: Probability that a formula has two sides.
        more_terms: Probability that another term follows.
        product: Probability that another factor follows.
        number: Probability that another digit follows.
        sign: Probability that an expression begins with a minus sign.
        nested: Probability that an argument is a whole expression.
        index: Probability that a root has an index.
        accents: Accents.
        big_operators: Sums, integrals and their like.
        functions: Names of functions.
        fences: Pairs of delimiters.
        symbols: Other symbols.
    """

    name: str
    letters: Choice
    operators: Choice
    relations: Choice
    atoms: Choice
    scripts: Choice
    length: tuple[int, int] = (2, 10)
    depth: int = 2
    relation: float = 0.4
    more_terms: float = 0.45
    product: float = 0.35
    number: float = 0.25
    sign: float = 0.08
    nested: float = 0.4
    index: float = 0.15
    accents: Choice = Choice({r"\overline": 1})
    big_operators: Choice = Choice({r"\sum": 1})
    functions: Choice = Choice({r"\sin": 1})
    fences: tuple[tuple[str, str], ...] = (("(", ")"),)
    symbols: Choice = Choice({r"\infty": 1})


def even(*tokens: str, weight: float = 1.0) -> dict[str, float]:
    """Return the same weight for each of the tokens, leaving out those that are not canonical spellings."""
    return {token: weight for token in tokens if s.SYNONYMS.get(token, (token,)) == (token,)}


EASY = Dialect(
    name="easy",
    letters=Choice(even(*"abcdknxyz") | {"x": 2.0, r"\pi": 0.7, r"\alpha": 0.7, r"\theta": 0.7}),
    operators=Choice({"+": 1.0, "-": 1.0, r"\cdot": 0.25, r"\div": 0.25}),
    relations=Choice({"=": 1.0, "<": 0.15, ">": 0.15}),
    atoms=Choice({"number": 3.0, "letter": 4.0, "fraction": 0.9, "root": 0.7, "fence": 0.6}),
    scripts=Choice({"": 5.0, "sub": 1.0, "sup": 1.6, "both": 0.2}),
    depth=1,
    nested=0.15,
    index=0.0,
)

WIDE = Dialect(
    name="wide",
    letters=Choice(
        even(*s.LATIN)
        | even(*s.GREEK, weight=0.4)
        | even(*s.BLACKBOARD, *s.CALLIGRAPHIC, weight=0.12)
        | dict.fromkeys("abcdinxyzABC", 3.0)
    ),
    operators=Choice({"+": 12.0, "-": 12.0, r"\times": 2.0, r"\cdot": 2.0, ",": 2.0} | even(*s.BINARY, weight=0.3)),
    relations=Choice(
        even(*s.RELATIONS, *s.ARROWS, weight=0.25)
        | {"=": 20.0, ":": 0.5, ";": 0.5}
        | even("<", ">", r"\leq", r"\geq", r"\neq", r"\in", r"\rightarrow", weight=2.0)
    ),
    atoms=Choice(
        {"number": 4.0, "letter": 8.0, "fraction": 1.5, "root": 0.8, "fence": 1.2, "function": 0.8, "big": 0.8}
        | {"accent": 0.4, "symbol": 1.0, "table": 0.12, "stack": 0.1, "prime": 0.2}
    ),
    scripts=Choice({"": 6.0, "sub": 1.5, "sup": 1.8, "both": 0.4}),
    length=(1, 40),
    depth=4,
    relation=0.5,
    more_terms=0.5,
    accents=Choice(even(*s.ACCENTS, *s.WIDE_ACCENTS)),
    big_operators=Choice(even(*s.BIG_OPERATORS) | {r"\sum": 8.0, r"\int": 8.0, r"\lim": 4.0}),
    functions=Choice(even(*s.FUNCTIONS)),
    fences=(("(", ")"), ("(", ")"), ("[", "]"), (r"\{", r"\}"), ("|", "|"), (r"\langle", r"\rangle")),
    symbols=Choice(
        even(*s.ORDINARY, *s.DELIMITERS, *s.ESCAPED, *s.DOTS, *"!/?@")
        | {r"\infty": 5.0, r"\partial": 5.0, r"\ldots": 3.0, r"\cdots": 3.0}
    ),
)
DIALECTS = {dialect.name: dialect for dialect in (EASY, WIDE)}


def compose(random: Random, dialect: Dialect = EASY) -> tuple[str, ...]:
    """Compose a random formula as canonical tokens."""
    composer = _Composer(random, dialect)
    low, high = dialect.length
    while True:
        tokens = composer.formula()
        if low <= sum(token not in _STRUCTURE for token in tokens) <= high:
            return normalize(tokens)


_STRUCTURE = frozenset({"{", "}", "_", "^", s.TABLE_BEGIN, s.TABLE_END, s.CELL_BREAK, s.ROW_BREAK})


class _Composer:
    """Draws the parts of a formula; every method returns canonical tokens."""

    def __init__(self, random: Random, dialect: Dialect):
        self.random, self.dialect = random, dialect

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def formula(self) -> Tokens:
        tokens = self.expression(self.dialect.depth)
        if self.chance(self.dialect.relation):
            tokens += [self.dialect.relations.draw(self.random), *self.expression(self.dialect.depth)]
        return tokens

    def expression(self, depth: int) -> Tokens:
        """Compose terms with operators between them."""
        tokens = ["-"] if self.chance(self.dialect.sign) else []
        tokens += self.term(depth)
        while self.chance(self.dialect.more_terms):
            tokens += [self.dialect.operators.draw(self.random), *self.term(depth)]
        return tokens

    def term(self, depth: int) -> Tokens:
        tokens = self.factor(depth)
        while self.chance(self.dialect.product):
            more = self.factor(depth)
            if not (tokens[-1].isdigit() and more[0].isdigit()):
                tokens += more
        return tokens

    def factor(self, depth: int) -> Tokens:
        kind = self.dialect.atoms.draw(self.random)
        if depth <= 0 and kind not in ("number", "letter", "symbol"):
            kind = "letter"
        return self.parts[kind](self, depth)

    def argument(self, depth: int) -> Tokens:
        """Compose the content of a fraction, a root or a script, which is short in most cases."""
        inner = self.expression(depth - 1) if depth > 0 and self.chance(self.dialect.nested) else self.simple()
        return ["{", *inner, "}"]

    def simple(self) -> Tokens:
        return [self.dialect.letters.draw(self.random)] if self.chance(0.55) else self.number(0)

    def number(self, depth: int) -> Tokens:
        digits = [self.random.choice("0123456789" if self.chance(0.3) else "123456789")]
        while digits[0] != "0" and self.chance(self.dialect.number) and len(digits) < 4:
            digits.append(self.random.choice("0123456789"))
        if self.dialect.depth > 2 and self.chance(0.06):
            digits += [".", self.random.choice("0123456789")]
        return digits + (self.scripts(0) if depth > 0 and self.chance(0.1) else [])

    def letter(self, depth: int) -> Tokens:
        return [self.dialect.letters.draw(self.random), *self.scripts(depth)]

    def scripts(self, depth: int) -> Tokens:
        kind = self.dialect.scripts.draw(self.random)
        tokens: Tokens = []
        if kind in ("sub", "both"):
            tokens += ["_", *self.argument(depth)]
        if kind in ("sup", "both"):
            tokens += ["^", *self.argument(depth)]
        return tokens

    def symbol(self, depth: int) -> Tokens:
        return [self.dialect.symbols.draw(self.random)]

    def prime(self, depth: int) -> Tokens:
        return [self.dialect.letters.draw(self.random), "^", "{", *[r"\prime"] * self.random.choice((1, 1, 1, 2)), "}"]

    def fraction(self, depth: int) -> Tokens:
        return [r"\frac", *self.argument(depth), *self.argument(depth)]

    def root(self, depth: int) -> Tokens:
        index = ["[", *self.simple(), "]"] if self.chance(self.dialect.index) else []
        return [r"\sqrt", *index, *self.argument(depth)]

    def fence(self, depth: int) -> Tokens:
        left, right = self.random.choice(self.dialect.fences)
        return [left, *self.expression(depth - 1), right, *(self.scripts(depth - 1) if self.chance(0.3) else [])]

    def function(self, depth: int) -> Tokens:
        tokens = [self.dialect.functions.draw(self.random)]
        return tokens + (self.letter(depth - 1) if self.chance(0.6) else ["(", *self.expression(depth - 1), ")"])

    def big(self, depth: int) -> Tokens:
        tokens = [self.dialect.big_operators.draw(self.random)]
        if self.chance(0.8):
            tokens += ["_", *self.argument(depth)]
            tokens += ["^", *self.argument(depth)] if self.chance(0.7) and tokens[0] != r"\lim" else []
        return tokens + self.factor(depth - 1)

    def accent(self, depth: int) -> Tokens:
        token = self.dialect.accents.draw(self.random)
        body = self.expression(depth - 1) if self.chance(0.25) else [self.dialect.letters.draw(self.random)]
        return [token, "{", *body, "}"]

    def stack(self, depth: int) -> Tokens:
        return [self.random.choice(s.STACKS), *self.argument(depth), *self.argument(depth)]

    def table(self, depth: int) -> Tokens:
        rows, columns = self.random.choice(((2, 2), (2, 2), (2, 1), (3, 1), (2, 3), (3, 3)))
        left, right = self.random.choice((("(", ")"), ("[", "]"), ("|", "|")))
        tokens = [left, s.TABLE_BEGIN]
        for row in range(rows):
            tokens += [s.ROW_BREAK] if row else []
            for column in range(columns):
                tokens += [s.CELL_BREAK] if column else []
                tokens += self.simple()
        return [*tokens, s.TABLE_END, right]

    parts: ClassVar[dict[str, Callable[[_Composer, int], Tokens]]] = {
        "number": number,
        "letter": letter,
        "symbol": symbol,
        "prime": prime,
        "fraction": fraction,
        "root": root,
        "fence": fence,
        "function": function,
        "big": big,
        "accent": accent,
        "stack": stack,
        "table": table,
    }
