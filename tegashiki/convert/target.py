r"""What a target needs to know: templates and names. One writer (`tegashiki.convert.writer`) fills all of them in.

The same tables serve the converters in other languages (`tegashiki.kit.conversion_table`).

A template has holes: `$1` is the first part as it is, `@1` the same part as a group, in the way that the target groups.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tegashiki.latex import symbols as s
from tegashiki.latex.mathml import OPERATORS
from tegashiki.latex.unicode import character


@dataclass(frozen=True)
class Grid:
    """How a target writes the rows and cells of a table.

    Attributes:
        outer: Template: the rows, the number of columns.
        row: Template: the cells.
        cell: Template: the content.
        between_rows: What stands between two rows.
        between_cells: What stands between two cells.
        single: Template of a table of one cell, "" if it is written like any other: the content.
    """

    outer: str
    row: str = "$1"
    cell: str = "$1"
    between_rows: str = ""
    between_cells: str = ""
    single: str = ""


@dataclass(frozen=True)
class Target:
    r"""The tables of one target. What is missing in them the target cannot say.

    Attributes:
        name: Its name in errors.
        spacing: What stands between items: "none" or "space".
        xml: Whether characters are escaped as in XML.
        pads: Whether the rows of tables are filled up to the same number of cells.
        classes: Templates for symbols by class (`class_of`): the character.
        symbols: The whole text of symbols that are not written by their class. Without `{,}`, the decimal comma is a
            bare one.
        in_arguments: The same for symbols that would end an argument of a template or a cell.
        names: The whole text of names of functions that are not written by the template `name`.
        templates: For these parts. A missing `under`, `over` or `underover` makes limits scripts, a missing `prime`
            makes primes a script; `base`, `tall`, `function` and `nary` are optional too.

            - `number`, `name`: the text. `fraction`; `sqrt`, `root`: radicand, index. `binom`, `overset`, `underset`.
            - `sub`, `sup`, `both`, for limits `under`, `over`, `underover`: base, lower, upper. `prime`: base.
            - `base`: around a fraction or root that has scripts. `empty`: a base that draws nothing.
            - `single`, `group`: a group of one item or number, and any other.
            - `fence`: left bracket, body, right bracket; `tall`: the same around fractions and their like.
            - `function`: name, argument. `nary`: character, place of limits, lower, upper, body, 1 for a missing limit.
            - `blank`: the content of an empty cell.
        accents: Templates of accents by token: the body.
        fences: Templates of pairs of brackets by `Fence.kind`: the body. Others are written by `fence`.
        brackets: The text of a bracket within `fence`, if it is not that of the symbol.
        grids: The tables by the kind of the fence around them, "" for no fence.
        way_out: What to do with a part that the target cannot say, for the error.
    """

    name: str
    spacing: str = "none"
    xml: bool = False
    pads: bool = True
    classes: dict[str, str] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)
    in_arguments: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    accents: dict[str, str] = field(default_factory=dict)
    fences: dict[str, str] = field(default_factory=dict)
    brackets: dict[str, str] = field(default_factory=dict)
    grids: dict[str, Grid] = field(default_factory=dict)
    way_out: str = "write it as LaTeX or MathML"


def class_of(token: str) -> str:
    r"""Return the class of a symbol: letter, digit, operator, big, bracket, or command for one that is not known."""
    if token in _BRACKETS:
        return "bracket"
    if token in s.BIG_OPERATORS:
        return "big"
    if token in OPERATORS or token.startswith("\\not"):
        return "operator"
    if token.isdigit():
        return "digit"
    return "command" if len(token) > 1 and character(token) == token else "letter"


_BRACKETS = frozenset((*s.BRACKETS, *s.BRACKETS.values(), *s.DELIMITERS, "|"))
