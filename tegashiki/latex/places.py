"""Where in the canonical tokens each part of a formula's tree stands: the link from what is drawn to its token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tegashiki.latex.errors import LatexError
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Table
from tegashiki.latex.normalize import canonical_tree, tree_tokens


class Part(NamedTuple):
    """A part of an item: a group with the place of its first token.

    Attributes:
      name: `base`, `sub`, `sup`, `numerator`, `denominator`, `radicand`, `index`, `body`, `first`, `second` or `cell`.
      row: what is in it; the base of scripts is a row of one item, or of none.
      start: index of its first token; its last is at `start + len(tree_tokens(row)) - 1`.
    """

    name: str
    row: Row
    start: int


def tree_of(tokens: Sequence[str]) -> Row:
    """The tree of canonical tokens, whose items are numbered by `items` and `parts`.

    Raises:
      LatexError: the tokens do not parse, or are not canonical.
    """
    tree = canonical_tree(tokens)
    if tree_tokens(tree) != tuple(tokens):
        raise LatexError("not canonical, call normalize() first", 0, " ".join(tokens))
    return tree


def items(row: Row, start: int = 0) -> Iterator[tuple[Node, int]]:
    """Each item of a row whose first token has the index `start`, with the index of its own first token."""
    for item in row.items:
        yield item, start
        start += len(tree_tokens(Row((item,))))


def parts(item: Node, start: int) -> list[Part]:
    r"""The groups of one item, in the order of their tokens; a symbol has none.

    Of scripts the token before a part's brace (`start - 2`) is its `_` or `^`; of all others the item's own token
    (`\frac`, `\sqrt`) is at `start`.
    """
    match item:
        case Script(base, sub, sup):
            found = [Part("base", Row() if base is None else Row((base,)), start)]
            place = start + (2 if base is None else _length(found[0].row))  # `{ }` is written for no base
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
            behind = start + len(tree_tokens(Row((item,)))) - _length(radicand) - 2
            braces = behind - (start + 1) - _length(index) - 2  # within brackets: 2 where the index wears braces
            return [Part("index", index, start + 2 + braces // 2), Part("radicand", radicand, behind + 1)]
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
    """Groups in braces, one behind the other, the first brace at `start`."""
    found = []
    for name, row in named:
        found.append(Part(name, row, start + 1))
        start += _length(row) + 2
    return found


def _length(row: Row) -> int:
    return len(tree_tokens(row))
