r"""The symbol layout tree of a formula: its visible symbols and their spatial relations.

The organisers of CROHME evaluate this representation (Mouchère et al., "Advancing the state of the art for handwritten
math recognition", IJDAR 19, 2016). A fraction is its bar with symbols `Above` and `Below`, a root has its radicand
`Inside`, and the symbols of a line follow each other by `Right`. docs/evaluation.md describes how trees differ from
tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tegashiki.latex import symbols as s
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Symbol, Table
from tegashiki.latex.places import Part, items, parts, tree_of

# In CROHME's files the limits of these operators are drawn above and below, even if the LaTeX says otherwise. The
# limits of integrals are drawn beside the sign.
LIMITS = frozenset(s.BIG_OPERATORS) - s.INTEGRALS | {"\\lim"}
FRACTION_BAR = "-"
FIRST_PATH = "O"
NOTHING = ""  # the label of a base of scripts that draws nothing, `{ } _ { n } C`


@dataclass(frozen=True, slots=True)
class LayoutNode:
    r"""One symbol of a layout tree.

    Attributes:
        label: The token of the symbol, `-` for the bar of `\frac`, "" for a base of scripts that draws nothing. A table
            is one node.
        parent: Index of the parent symbol, -1 for the first symbol.
        relation: The relation to the parent: `Right`, `Sup`, `Sub`, `Above`, `Below`, `Inside`, or for the cell of a
            table `Cell` with row and column from 0, as in `Cell0,1`. "" for the first symbol.
        token: Index of the symbol's canonical token.
    """

    label: str
    parent: int
    relation: str
    token: int


Layout = tuple[LayoutNode, ...]  # parents before their children


def layout(tokens: Sequence[str]) -> Layout:
    """Return the layout tree of canonical tokens.

    Raises:
        LatexError: The tokens cannot be parsed or are not canonical.
    """
    builder = _Builder()
    builder.row(tree_of(tokens), 0, -1, "")
    return tuple(builder.nodes)


def structure(tree: Layout) -> tuple[str, ...]:
    """Return the tree without its labels, as sorted paths. It is equal for `x ^ { 2 }` and `y ^ { 3 }`."""
    return tuple(sorted(paths(tree)))


def same(a: Layout, b: Layout) -> bool:
    """Return whether two trees have the same symbols at the same places, regardless of token indices."""
    return labelled_paths(a) == labelled_paths(b)


def labelled_paths(tree: Layout) -> tuple[tuple[str, str], ...]:
    """Return the tree as sorted paths with labels. It is equal for two trees exactly if they are `same`."""
    return tuple(sorted(zip(paths(tree), (node.label for node in tree), strict=True)))


def paths(tree: Layout) -> list[str]:
    """Return the path of each symbol from the first symbol, `O`, as CROHME 2019 names symbols: `ORightSup`."""
    found: list[str] = []
    for node in tree:
        found.append(FIRST_PATH if node.parent < 0 else found[node.parent] + node.relation)
    return found


class _Builder:
    def __init__(self) -> None:
        self.nodes: list[LayoutNode] = []

    def add(self, label: str, parent: int, relation: str, token: int) -> int:
        self.nodes.append(LayoutNode(label, parent, relation, token))
        return len(self.nodes) - 1

    def row(self, row: Row, start: int, parent: int, relation: str) -> int:
        """Add a row as a child of a symbol; return the row's first symbol, or the parent if the row is empty."""
        first, before = parent, parent
        for i, (item, place) in enumerate(items(row, start)):
            before = self.item(item, place, before, relation if i == 0 else "Right")
            first = before if i == 0 else first
        return first

    def item(self, item: Node, start: int, parent: int, relation: str) -> int:
        """Add one item as a child of a symbol; return the symbol to which the next one of the row is `Right`."""
        found = {part.name: part for part in parts(item, start)}
        match item:
            case Symbol(token):
                return self.add(token, parent, relation, start)
            case Script(base, _, _):
                own = self.add(NOTHING, parent, relation, start) if base is None else -1
                own = own if base is None else self.item(base, start, parent, relation)
                limits = isinstance(base, Symbol) and base.token in LIMITS
                names = {"sub": "Below", "sup": "Above"} if limits else {"sub": "Sub", "sup": "Sup"}
            case Fraction():
                own = self.add(FRACTION_BAR, parent, relation, start)
                names = {"numerator": "Above", "denominator": "Below"}
            case Root():
                own, names = self.add("\\sqrt", parent, relation, start), {"index": "Above", "radicand": "Inside"}
            case Accent(token, _):
                own, names = self.add(token, parent, relation, start), {"body": "Inside"}
            case Stack("\\binom", _, _):
                own, names = self.add("\\binom", parent, relation, start), {"first": "Above", "second": "Below"}
            case Stack(token, _, _):
                return self.around(token, found["first"], found["second"], parent, relation)
            case Table(rows):
                return self.table(rows, start, parent, relation)
            case _:
                raise AssertionError(item)
        for name, part_relation in names.items():
            if name in found:
                self.row(found[name].row, found[name].start, own, part_relation)
        return own

    def around(self, token: str, first: Part, second: Part, parent: int, relation: str) -> int:
        r"""Add `\overset` or `\underset`, which draw nothing themselves.

        The text above or below is a child of the first symbol of the base. Return the last symbol of the base.
        """
        own = self.row(second.row, second.start, parent, relation)
        last = self.last_of_row(own)
        self.row(first.row, first.start, own, "Above" if token == "\\overset" else "Below")
        return last

    def last_of_row(self, first: int) -> int:
        """Return the last symbol of the line that begins with `first`."""
        last = first
        for i in range(first + 1, len(self.nodes)):
            if self.nodes[i].parent == last and self.nodes[i].relation == "Right":
                last = i
        return last

    def table(self, rows: Sequence[Sequence[Row]], start: int, parent: int, relation: str) -> int:
        own = self.add(s.TABLE_BEGIN, parent, relation, start)
        cells = iter(parts(Table(tuple(map(tuple, rows))), start))
        for i, row in enumerate(rows):
            for j in range(len(row)):
                cell = next(cells)
                self.row(cell.row, cell.start, own, f"Cell{i},{j}")
        return own
