"""The positions of the parts of a formula's tree in its canonical tokens, which link drawn symbols to their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tegashiki.latex.errors import LatexError
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Table
from tegashiki.latex.normalize import canonical_tree, tree_tokens


class Part(NamedTuple):
    """A part of an item: a group and the position of its first token.

    Attributes:
        name: `base`, `sub`, `sup`, `numerator`, `denominator`, `radicand`, `index`, `body`, `first`, `second` or
            `cell`.
        row: The content of the group. The base of scripts is a row of one item or none.
        start: Index of the first token. The last one is at `start + len(tree_tokens(row)) - 1`.
    """

    name: str
    row: Row
    start: int


def tree_of(tokens: Sequence[str]) -> Row:
    """Return the tree of canonical tokens. `items` and `parts` give the positions of its items.

    Raises:
        LatexError: The tokens cannot be parsed or are not canonical.
    """
    tree = canonical_tree(tokens)
    if tree_tokens(tree) != tuple(tokens):
        raise LatexError("not canonical, call normalize() first", 0, " ".join(tokens))
    return tree


def items(row: Row, start: int = 0) -> Iterator[tuple[Node, int]]:
    """Yield each item of a row with the index of its first token.

    Args:
        row: The row.
        start: Index of the first token of the row.
    """
    for item in row.items:
        yield item, start
        start += len(tree_tokens(Row((item,))))


def parts(item: Node, start: int) -> list[Part]:
    r"""Return the groups of one item in the order of their tokens; a symbol has none.

    The `_` or `^` of a script is the token before its brace, at `Part.start - 2`. Any other item has its own token
    (`\frac`, `\sqrt`) at `start`.

    Args:
        item: The item.
        start: Index of the first token of the item.
    """
    match item:
        case Script(base, sub, sup):
            found = [Part("base", Row() if base is None else Row((base,)), start)]
            place = start + (2 if base is None else _length(found[0].row))  # `{ }` stands for an empty base
            for name, row in (("sub", sub), ("sup", sup)):
                if row is not None:
                    found.append(Part(name, row, place + 2))
                    place += _length(row) + 3
            return found
        case Fraction(numerator, denominator):
            return _groups(start + 1, ("numerator", numerator), ("denominator", denominator))
        case Root(radicand, None):
            return _groups(start + 1, ("radicand", radicand))
        case Root(radicand, index) if index is not None:
            brace = start + len(tree_tokens(Row((item,)))) - _length(radicand) - 2  # of the radicand
            extra = brace - (start + 1) - _length(index) - 2  # 2 tokens if the index is in braces, otherwise 0
            return [Part("index", index, start + 2 + extra // 2), Part("radicand", radicand, brace + 1)]
        case Accent(_, body):
            return _groups(start + 1, ("body", body))
        case Stack(_, first, second):
            return _groups(start + 1, ("first", first), ("second", second))
        case Table(rows):
            place, cells = start + 1, []
            for cells_of_row in rows:
                for cell in cells_of_row:
                    cells.append(Part("cell", cell, place))
                    place += _length(cell) + 1
            return cells
    return []


def _groups(start: int, *named: tuple[str, Row]) -> list[Part]:
    """Return consecutive groups in braces, with the first brace at `start`."""
    found = []
    for name, row in named:
        found.append(Part(name, row, start + 1))
        start += _length(row) + 2
    return found


def _length(row: Row) -> int:
    return len(tree_tokens(row))
