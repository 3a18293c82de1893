"""Formulas for tests: random walks through the grammar, and random spellings of a canonical formula."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import numpy as np
from hypothesis import strategies as st

from tegashiki.latex.grammar import Grammar, GrammarState
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Symbol, Table
from tegashiki.latex.symbols import SYMBOLS, SYNONYMS
from tegashiki.latex.unicode import character
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, EOS_ID

GRAMMAR = Grammar(DEFAULT_VOCABULARY)
# Tokens that walks prefer: structure, and the beginnings of words that have their own token.
_FAVOURED = r"""
    { } _ ^ [ ] & \\ \frac \sqrt \hat \bar \widehat \overline \binom \overset \underset \begin{matrix} \end{matrix}
    \not = \in . \cdot s i n l o g c t a m | x 2 + \prime \sum \mathbb{R}
"""
FAVOURED = DEFAULT_VOCABULARY.encode(_FAVOURED.split())
CLOSERS = [DEFAULT_VOCABULARY.index(token) for token in ("}", "]", r"\end{matrix}", "{", "^", "x", "y")]


def walk(choices: Iterable[int], longest: int) -> tuple[str, ...]:
    """Return the tokens of a walk that a list of numbers controls. It closes all groups to stay within `longest`."""
    state = GRAMMAR.start()
    ids: list[int] = []
    choices = iter(choices)
    while True:
        mask = GRAMMAR.allowed(state)
        left = GRAMMAR.closing_length(state)
        assert (left == 0) == bool(mask[EOS_ID])
        if len(ids) + left >= longest:
            if left == 0:
                return DEFAULT_VOCABULARY.decode(ids)
            token_id = closer(state, mask, left)
        else:
            choice = chosen(mask, next(choices, None))
            if choice is None:
                longest = 0
                continue
            token_id = choice
        ids.append(token_id)
        state = GRAMMAR.advance(state, token_id)


def closer(state: GrammarState, mask: np.ndarray, left: int) -> int:
    """Return a token that reduces the closing length by one. By its definition there is always one."""
    nearer = (i for i in CLOSERS if mask[i] and GRAMMAR.closing_length(GRAMMAR.advance(state, i)) == left - 1)
    return next(nearer)


def chosen(mask: np.ndarray, number: int | None) -> int | None:
    """Choose a token: even numbers choose among the favoured tokens, odd ones among all. None ends the walk."""
    if number is None:
        return None
    allowed = [i for i in FAVOURED if mask[i]] if number % 2 == 0 else []
    allowed = allowed or [i for i in mask.nonzero()[0].tolist() if i != EOS_ID]
    return allowed[number // 2 % len(allowed)]


formulas = st.builds(walk, st.lists(st.integers(0, 2000), max_size=40), st.sampled_from((1, 2, 5, 20, 60)))

SPACES = ("", " ", "\\,", "\\quad ", "\\displaystyle ", "~")
SPELLINGS = {new[0]: old for old, new in SYNONYMS.items() if len(new) == 1 and old not in ("%", "#")}
# Symbols whose character is ambiguous: `√` may be a root, `′` is raised, `⇝` stands for two commands.
_TWOFOLD = (r"\surd", r"\not", r"\prime", r"\leadsto")
SIGNS = {t: character(t) for t in SYMBOLS if not character(t).isascii() and t not in _TWOFOLD}

T = TypeVar("T")


class Draw(Protocol):
    def __call__(self, alternatives: Sequence[T], /) -> T: ...


def respell(node: Node | None, draw: Draw) -> str:
    """Return the node as LaTeX in one of many spellings. `draw` chooses one of the given alternatives."""
    match node:
        case Row(items):
            return draw(SPACES).join(respell(item, draw) + " " for item in items)
        case Symbol(token):
            token = draw((token, SPELLINGS.get(token, token), SIGNS.get(token, token)))
            fenced = "\\left" + token + " \\right." if token in ("(", "[", "|", "\\{") else token
            return draw((token, "{" + token + "}", "\\mathrm{" + token + "}", fenced))
        case Script(base, sub, sup):
            scripts = [("_", sub), ("^", sup)]
            ordered = draw((scripts, scripts[::-1]))
            written = "".join(mark + group(row, draw) for mark, row in ordered if row is not None)
            return scripted_base(base, draw) + written
        case Fraction(numerator, denominator):
            first, second = group(numerator, draw), group(denominator, draw)
            return draw((f"\\frac{first}{second}", f"\\dfrac {first} {second}", f"{{{first} \\over {second}}}"))
        case Root(radicand, None):
            return "\\sqrt" + group(radicand, draw)
        case Root(radicand, index):
            return "\\sqrt[" + respell(index, draw) + "]" + group(radicand, draw)
        case Accent(token, body):
            return token + group(body, draw)
        case Stack(token, first, second):
            return token + group(first, draw) + group(second, draw)
        case Table(rows):
            name = draw(("matrix", "smallmatrix", "aligned"))
            written = draw(("\\\\", " \\\\[2pt] ")).join("&".join(respell(cell, draw) for cell in row) for row in rows)
            return f"\\begin{{{name}}}{written}\\end{{{name}}}"
    raise AssertionError(node)


def scripted_base(base: Node | None, draw: Draw) -> str:
    r"""Return the base of scripts: an empty one as `{}`, a sum with `\limits`."""
    if base == Row():
        return "{}"
    written = respell(base, draw)
    return written + "\\limits" if written == "\\sum" else written


def group(row: Row, draw: Draw) -> str:
    """Return an argument; the braces around a single letter may be missing, others may be doubled."""
    if len(row.items) == 1 and isinstance(row.items[0], Symbol) and row.items[0].token.isalnum():
        return draw((" " + row.items[0].token, "{" + row.items[0].token + "}"))
    body = respell(row, draw)
    return draw(("{" + body + "}", "{{" + body + "}}"))
