"""Write a formula by the tables of a target."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

from tegashiki.convert.decimal_comma import DECIMAL_COMMA
from tegashiki.convert.errors import ConversionError
from tegashiki.convert.grouping import (
    Fence,
    Item,
    Name,
    Number,
    Scripts,
    argument_end,
    core,
    grouped,
    has_limits,
    primes,
)
from tegashiki.convert.target import Grid, Target, class_of
from tegashiki.latex import symbols as s
from tegashiki.latex.nodes import Accent, Fraction, Root, Row, Stack, Symbol, Table, is_blank
from tegashiki.latex.unicode import character

_HOLE = re.compile(r"([$@])(\d)")
_SIMPLE = re.compile("(?:[A-Za-z0-9.]+|[^\x00-\x7f])[¹²³⁰-₉]*")  # the text of a part that needs no group
NEGATION = "\u0338"
Part = Row | str | None  # what fills a hole of a template


def write(row: Row, target: Target) -> str:
    """Return a formula in the form of a target.

    Args:
        row: A tree in normal form.
        target: The tables of the target.

    Raises:
        ConversionError: The target cannot say a part of the formula.
    """
    return Writer(target).row(row, argument=False)


def drawn(token: str) -> str:
    r"""Return the characters that show a symbol, also of a negated one: `⊄` for `\not\subset`."""
    if token.startswith("\\not") and len(token) > 4 and not token[1:].isalpha():
        return unicodedata.normalize("NFC", character(token[4:].strip()) + NEGATION)
    return character(token)


class Writer:
    """Writes items by the tables of a target. Targets with rules of their own override single kinds of items."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.in_argument = False  # whether a comma would end an argument

    # --- rows

    def row(self, row: Row | None, argument: bool = True) -> str:
        """Return a row. As an argument of a template it may not hold a bare comma."""
        return "" if row is None else self.within(grouped(row), argument)

    def within(self, items: Sequence[Item], argument: bool) -> str:
        """Return the items of an argument, or of a group in which commas mean nothing."""
        outer, self.in_argument = self.in_argument, argument
        text = self.items(items)
        self.in_argument = outer
        return text

    def items(self, items: Sequence[Item]) -> str:
        """Return items with the space that the target wants between them."""
        text = ""
        i = 0
        while i < len(items):
            end = self.operand_end(items, i)
            operand = items[i + 1 : end] if end is not None else None
            right = self.item(items[i], operand)
            tight = i > 0 and _is_tight(items[i - 1], items[i], right)
            text += right if tight or self.target.spacing == "none" or not (text and right) else " " + right
            i = i + 1 if end is None else end
        return text

    def operand_end(self, items: Sequence[Item], i: int) -> int | None:
        """Return where the operand of a function or sum ends, None if the target does not mark operands."""
        base = core(items[i])
        if isinstance(base, Name) and "function" in self.target.templates:
            end = argument_end(items, i + 1)
            return end if end > i + 1 else None
        if isinstance(base, Symbol) and base.token in s.BIG_OPERATORS and "nary" in self.target.templates:
            end = i + 1
            while end < len(items) and not _ends_sum(items[end]):
                end += 1
            return end
        return None

    # --- parts

    def fill(self, name: str, *parts: Part, what: str = "") -> str:
        """Fill in a template of the target; `what` names the part if there is none."""
        template = self.target.templates.get(name)
        if template is None:
            raise self.cannot(what or name)
        return self.filled(template, *parts)

    def filled(self, template: str, *parts: Part) -> str:
        """Fill in a template with texts and rows. Only the rows that it has a hole for are written."""

        def part(hole: re.Match[str]) -> str:
            found = parts[int(hole[2]) - 1]
            if isinstance(found, str):
                return found
            return self.row(found) if hole[1] == "$" else self.group(found)

        return _HOLE.sub(part, template)

    def cannot(self, what: str) -> ConversionError:
        """Return the error of a part that the target cannot say."""
        return ConversionError(f"{self.target.name} cannot say {what}: {self.target.way_out}")

    def group(self, row: Row | None) -> str:
        """Return a row as a group of the target."""
        if row is None:
            return ""
        items = grouped(row)
        return self.as_group(self.within(items, False), len(items) == 1)

    def as_group(self, text: str, single: bool) -> str:
        """Return a text as a group of the target; `single` says that it is one item."""
        template = "single" if single and (self.target.xml or _SIMPLE.fullmatch(text)) else "group"
        return self.filled(self.target.templates.get(template, "$1"), text)

    # --- items

    def item(self, item: Item, operand: Sequence[Item] | None = None) -> str:
        """Return one item, with the items that it applies to if the target marks them."""
        if operand is not None:
            return self.with_operand(item, operand)
        match item:
            case Symbol(token):
                return self.symbol(token)
            case Number(text):
                return self.fill("number", self.number(text))
            case Name(text):
                return self.target.names.get(text) or self.fill("name", text)
            case Fence():
                return self.fence(item)
            case Scripts():
                return self.scripts(item)
            case Fraction():
                return self.fraction(item)
            case Root():
                return self.root(item)
            case Accent():
                return self.accent(item)
            case Stack(token, first, second):
                return self.fill(token[1:], first, second, what=token)
            case Table():
                return self.table(item, "")
        raise AssertionError(item)

    def symbol(self, token: str) -> str:
        """Return a symbol."""
        if self.in_argument and token in self.target.in_arguments:
            return self.target.in_arguments[token]
        if token in self.target.symbols:
            return self.target.symbols[token]
        template = self.target.classes.get(class_of(token))
        if template is None:
            raise self.cannot(token)
        return self.filled(template, self.escaped(drawn(token)), token)

    def number(self, text: str) -> str:
        """Return a number with its decimal comma as the target writes it."""
        return text.replace(",", self.target.symbols.get(DECIMAL_COMMA, ","))

    def escaped(self, text: str) -> str:
        """Return a text as the target escapes it."""
        return escape(text, quote=False) if self.target.xml else text

    def fraction(self, item: Fraction) -> str:
        """Return a fraction."""
        return self.fill("fraction", item.numerator, item.denominator)

    def root(self, item: Root) -> str:
        """Return a root."""
        return self.fill("sqrt" if item.index is None else "root", item.radicand, item.index)

    def accent(self, item: Accent) -> str:
        """Return a body with its accent."""
        template = self.target.accents.get(item.token)
        if template is None:
            raise self.cannot(item.token)
        return self.filled(template, item.body)

    def with_operand(self, item: Item, operand: Sequence[Item]) -> str:
        """Return a function with its argument, or a sum with what is summed."""
        base = core(item)
        text = self.items(operand)
        if isinstance(base, Name):
            return self.fill("function", self.item(item), text)
        assert isinstance(base, Symbol)
        sub, sup = (item.sub, item.sup) if isinstance(item, Scripts) else (None, None)
        kind = "undOvr" if has_limits(base) else "subSup"
        hidden = [str(int(row is None)) for row in (sub, sup)]
        return self.fill("nary", drawn(base.token), kind, sub, sup, text, *hidden)

    # --- scripts

    def scripts(self, item: Scripts) -> str:
        """Return a base with its scripts."""
        base, sub, sup = self.base(item.base), item.sub, item.sup
        count = primes(sup) if "prime" in self.target.templates and item.base is not None and sub is None else 0
        for _ in range(count):
            base = self.fill("prime", base)
        if sup is not None and count:
            sup = Row(sup.items[count:]) if len(sup.items) > count else None
        if sub is None and sup is None:
            return base
        name = "both" if sub is not None and sup is not None else "sub" if sub is not None else "sup"
        if has_limits(item.base) and "under" in self.target.templates:
            name = {"both": "underover", "sub": "under", "sup": "over"}[name]
        return self.fill(name, base, sub, sup)

    def base(self, base: Item | None) -> str:
        """Return the base of scripts, as a group where the target needs one."""
        if base is None:
            return self.fill("empty")
        text = self.item(base)
        if "base" in self.target.templates and isinstance(base, (Fraction, Root)):
            return self.fill("base", text)
        return text

    # --- brackets and tables

    def fence(self, fence: Fence) -> str:
        """Return a pair of brackets with its content, or a matrix with its brackets."""
        if len(fence.body) == 1 and isinstance(fence.body[0], Table) and fence.kind in self.target.grids:
            return self.table(fence.body[0], fence.kind)
        if fence.kind in self.target.fences:
            return self.filled(self.target.fences[fence.kind], self.within(fence.body, argument=True))
        body = self.within(fence.body, argument=False)
        name = "tall" if "tall" in self.target.templates and any(map(_is_tall, fence.body)) else "fence"
        left, right = self.bracket(fence.left), self.bracket(fence.right)
        return self.fill(name, left, body, right, what=f"the brackets {fence.kind}")

    def bracket(self, token: str) -> str:
        """Return a bracket of a pair."""
        if token in self.target.brackets:
            return self.target.brackets[token]
        return self.escaped({"\\|": "‖", "": ""}.get(token) or drawn(token)) if token else ""

    def table(self, table: Table, kind: str) -> str:
        """Return a table; `kind` names the brackets around it, which the grid writes too."""
        grid = self.target.grids.get(kind)
        columns = max(map(len, table.rows))
        if grid is None:
            raise self.cannot("a matrix")
        if grid.single and columns == len(table.rows) == 1:
            return self.filled(grid.single, self.cell(table.rows[0][0], grid))
        rows = [self.table_row(row, columns, grid) for row in table.rows]
        return self.filled(grid.outer, grid.between_rows.join(rows), str(columns))

    def table_row(self, row: Sequence[Row], columns: int, grid: Grid) -> str:
        """Return a row of a table, filled up to the number of columns."""
        cells = [self.cell(cell, grid) for cell in row]
        if self.target.pads:
            cells += [self.cell(Row(), grid)] * (columns - len(row))
        return self.filled(grid.row, grid.between_cells.join(cells))

    def cell(self, cell: Row, grid: Grid) -> str:
        """Return a cell of a table."""
        text = self.target.templates.get("blank", "") if is_blank(cell) else self.row(cell)
        return self.filled(grid.cell, text)


def _ends_sum(item: Item) -> bool:
    """Return whether an item ends what is summed or integrated: a relation, an arrow or a separator."""
    base = core(item)
    return isinstance(base, Symbol) and (base.token in ENDS_OF_SUMS or base.token.startswith("\\not"))


def _is_tight(left: Item, right: Item, text: str) -> bool:
    """Return whether no space stands before the text of the right item: `f(x)`, `n!`, `a, b`."""
    if isinstance(right, Symbol):
        return right.token in (",", ";", "!")
    if (
        isinstance(left, Scripts)
        and left.sub is None
        and left.sup is not None
        and primes(left.sup) == len(left.sup.items)
    ):
        left = left.base or left
    letter = isinstance(left, Symbol) and left.token.isalpha()
    return text.startswith("(") and isinstance(core(right), Fence) and (letter or isinstance(left, Name))


ENDS_OF_SUMS = frozenset((*s.RELATIONS, *s.ARROWS, *"=<>,;"))


def _is_tall(item: Item) -> bool:
    """Return whether brackets around an item are taller than a line."""
    match item:
        case Fraction() | Stack() | Table():
            return True
        case Scripts(base, sub, sup):
            tall = (sub is not None and sup is not None) or has_limits(base)
            return tall or (base is not None and _is_tall(base))
        case Symbol(token):
            return token in s.BIG_OPERATORS
        case Root(radicand, _):
            return any(map(_is_tall, grouped(radicand)))
        case Accent(_, body):
            return any(map(_is_tall, grouped(body)))
        case Fence(_, _, body):
            return any(map(_is_tall, body))
    return False
