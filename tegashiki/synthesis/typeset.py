r"""Typesetting: places glyphs by a boxes-and-glue layout after TeX's rules (The TeXbook, Appendix G).

It reads canonical tokens directly, so that every mark has the index of the token that it draws. The proportions come
from a `Layout`, because writers differ in their spacing. Lengths are in em, y grows DOWN, and y = 0 is the baseline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

import numpy as np

from tegashiki.errors import UserError
from tegashiki.latex import symbols
from tegashiki.synthesis import glyphs
from tegashiki.synthesis.glyphs import Glyph

AXIS = -0.3  # y of the centre of + - = and of fraction bars
X_HEIGHT = 14 / glyphs.EM

RELATIONS = frozenset((*symbols.RELATIONS, *symbols.ARROWS, "<", "=", ">", ":", r"\therefore", r"\because"))
BINARIES = frozenset((*symbols.BINARY, "+", "-", "*"))
OPENING = symbols.BRACKETS
CLOSING = frozenset(OPENING.values())
FENCES = frozenset({"|", r"\|"})  # open and close alike
ENDS = frozenset({"}", symbols.CELL_BREAK, symbols.ROW_BREAK, symbols.TABLE_END})
INTEGRALS = symbols.INTEGRALS
BIG_OPERATORS = frozenset(symbols.BIG_OPERATORS) - INTEGRALS
NAMES = frozenset(symbols.FUNCTIONS)
ACCENTS = frozenset((*symbols.ACCENTS, *symbols.WIDE_ACCENTS))
UNDER_ACCENTS = frozenset({r"\underline", r"\underbrace"})
WIDE_ACCENTS = UNDER_ACCENTS | {*symbols.WIDE_ACCENTS, r"\overline", r"\overleftarrow", r"\overbrace"}
AROUND = frozenset({r"\boxed", r"\cancel"})  # drawn over the whole body
_KINDS = (
    ("rel", RELATIONS),
    ("bin", BINARIES),
    ("open", frozenset(OPENING)),
    ("close", CLOSING),
    ("punct", frozenset({",", ";"})),
    ("op", BIG_OPERATORS | INTEGRALS),
)


class TypesetError(UserError, ValueError):
    """Tokens that are not canonical, or that the single-stroke font cannot draw; the message names the token."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A placed glyph: its point (x, y) is drawn at (left + x * across, base + y * up)."""

    token: int  # index of the token that it draws
    glyph: Glyph
    left: float
    base: float
    across: float
    up: float


@dataclass(slots=True)
class Box:
    """Marks that belong together.

    Attributes:
        width: Width in em.
        top: y of the top edge, measured from the baseline.
        bottom: y of the bottom edge, measured from the baseline.
        parts: Marks, and boxes with their offset as (dx, dy, box).
        kind: TeX's class of atom, which determines the space around the box.
    """

    width: float
    top: float
    bottom: float
    parts: list[tuple[float, float, Box] | Mark]
    kind: str = "ord"

    @property
    def height(self) -> float:
        """The distance from top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Layout:
    """A writer's layout habits. Lengths are in em of the current size."""

    script_size: float = 0.68
    fraction_size: float = 0.9
    letter_space: float = 0.12
    binary_space: float = 0.22
    relation_space: float = 0.28
    raise_scripts: float = 0.0  # added to the shift of superscripts (up) and of subscripts (down)
    bar_overhang: float = 0.12
    bar_gap: float = 0.14
    bar_first: bool = False  # draw the bar of a fraction before its numerator
    limits_beside: bool = False  # write the limits of a sum beside it, like those of an integral
    unevenness: float = 0.1  # relative standard deviation of all lengths


def typeset(
    tokens: Sequence[str],
    layout: Layout = Layout(),
    choose: Callable[[str], Glyph] = lambda token: glyphs.glyphs(token)[0],
    random: Random | None = None,
) -> list[Mark]:
    """Place every glyph of a formula.

    Args:
        tokens: Canonical tokens (`tegashiki.latex.normalize`).
        layout: The writer's layout habits.
        choose: Returns the glyph that the writer draws for a token; may raise KeyError.
        random: Source of unevenness; None for an even layout.

    Returns:
        The placed glyphs in the order in which a pen writes them.

    Raises:
        TypesetError: The tokens are not canonical, or the font lacks one of them.
    """
    setter = _Setter(tokens, layout, choose, random)
    box = setter.row(1.0, ())
    if setter.place < len(tokens):
        raise TypesetError(f"token {setter.place} {tokens[setter.place]!r} closes nothing in {' '.join(tokens)!r}")
    marks: list[Mark] = []
    _flatten(box, 0.0, 0.0, marks)
    return marks


def _flatten(box: Box, x: float, y: float, marks: list[Mark]) -> None:
    for part in box.parts:
        if isinstance(part, Mark):
            marks.append(Mark(part.token, part.glyph, part.left + x, part.base + y, part.across, part.up))
        else:
            _flatten(part[2], x + part[0], y + part[1], marks)


@dataclass
class _Setter:
    """Reads tokens and builds boxes; `place` is the index of the next token."""

    tokens: Sequence[str]
    layout: Layout
    choose: Callable[[str], Glyph]
    random: Random | None
    place: int = 0

    # reading

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, expected: str = "") -> int:
        token = self.peek()
        if not token or (expected and token != expected):
            wanted = repr(expected) if expected else "a token"
            raise TypesetError(f"expected {wanted} at {self.place} of {' '.join(self.tokens)!r}")
        self.place += 1
        return self.place - 1

    def group(self, size: float) -> Box:
        self.take("{")
        box = self.row(size, ("}",))
        self.take("}")
        return box

    def uneven(self, length: float) -> float:
        return length * (1 + self.layout.unevenness * self.random.gauss(0, 1)) if self.random else length

    # rows

    def row(self, size: float, ends: tuple[str, ...]) -> Box:
        """Set atoms side by side up to, not including, a token of `ends` or one that closes a group or a cell."""
        atoms: list[Box] = []
        fences: list[tuple[int, str]] = []  # open delimiters: index of the atom, the token that closes it
        while (token := self.peek()) and token not in ends and token not in ENDS:
            at, reach = self.place, 0.0
            if fences and token == fences[-1][1]:
                opening, _ = fences.pop()
                reach = self.enclose(atoms, opening, size)
            elif token in OPENING or token in FENCES:
                fences.append((len(atoms), OPENING.get(token, token)))
            atoms.append(self.scripted(self.atom(size, reach), at, size))
        for opening, _ in fences:
            if self.is_left_of_table(atoms[opening]):
                fenced = atoms[opening : opening + 2]
                self.enclose(fenced, 0, size)
                atoms[opening] = fenced[0]
        return self.beside(atoms, size)

    def is_left_of_table(self, atom: Box) -> bool:
        """Return whether an atom is an unclosed delimiter on the left of a table, such as the brace of cases."""
        mark = atom.parts[0]
        return isinstance(mark, Mark) and tuple(self.tokens[mark.token + 1 : mark.token + 2]) == (symbols.TABLE_BEGIN,)

    def enclose(self, atoms: list[Box], opening: int, size: float) -> float:
        """Make an opening delimiter as high as the atoms after it.

        Returns:
            The reach from the axis that the closing delimiter needs, 0 for a delimiter of normal size.
        """
        inside = atoms[opening + 1 :]
        axis = AXIS * size
        reach = max((max(box.bottom - axis, axis - box.top) for box in inside), default=0.0) + 0.05 * size
        mark = atoms[opening].parts[0]
        if reach < 0.6 * size or not isinstance(mark, Mark):  # a delimiter with scripts keeps its size
            return 0.0
        atoms[opening] = self.tall(mark.token, mark.glyph, self.uneven(reach), size, "open")
        return self.uneven(reach)

    def tall(self, token: int, glyph: Glyph, reach: float, size: float, kind: str) -> Box:
        """Set a delimiter that reaches equally far above and below the axis."""
        extent = glyphs.size(glyph)
        up = 2 * reach / (extent.bottom - extent.top)
        across = size * (1 + 0.25 * (up / size - 1))
        axis = AXIS * size
        mark = Mark(token, glyph, 0.0, axis - up * (extent.bottom + extent.top) / 2, across, up)
        return Box(extent.width * across, axis - reach, axis + reach, [mark], kind)

    def beside(self, atoms: list[Box], size: float) -> Box:
        """Put atoms on one baseline, with TeX's spaces between their kinds."""
        if not atoms:
            return Box(0.1 * size, -X_HEIGHT * size, 0.0, [])
        x = 0.0
        parts: list[tuple[float, float, Box] | Mark] = []
        before = "open"
        for atom in atoms:
            kind = atom.kind
            if kind == "bin" and before in ("bin", "rel", "open", "op", "punct"):
                kind = "ord"  # a sign, not a binary operator
            if parts:
                x += self.uneven(self.space(before, kind)) * size
            parts.append((x, 0.0, atom))
            x += atom.width
            before = kind
        return Box(x, min(a.top for a in atoms), max(a.bottom for a in atoms), parts)

    def space(self, before: str, after: str) -> float:
        layout = self.layout
        if "rel" in (before, after):
            return layout.relation_space
        if "bin" in (before, after):
            return layout.binary_space
        if before in ("punct", "op", "inner") or after in ("op", "inner"):
            return layout.letter_space + (0.1 if after != "open" else 0.0)
        return layout.letter_space

    # atoms

    def atom(self, size: float, reach: float = 0.0) -> Box:
        at = self.take()
        token = self.tokens[at]
        if token in self.structures:
            return self.structures[token](self, at, size)
        if token in ACCENTS:
            return self.accent(at, size)
        if token in NAMES:
            return self.name(at, size)
        glyph = self.glyph(token, at)
        if reach:
            return self.tall(at, glyph, reach, size, "close")
        return self.symbol(at, glyph, size)

    def glyph(self, token: str, at: int) -> Glyph:
        try:
            return self.choose(token)
        except KeyError:
            raise TypesetError(f"the single-stroke font cannot draw {token!r} (token {at})") from None

    def symbol(self, at: int, glyph: Glyph, size: float) -> Box:
        token = self.tokens[at]
        extent = glyphs.size(glyph)
        scale, base = size, 0.0
        if token in BIG_OPERATORS or token in INTEGRALS:  # these are larger and centred on the axis
            scale *= 1.35 if token in BIG_OPERATORS else 1.5
            base = AXIS * size - scale * (extent.top + extent.bottom) / 2
        mark = Mark(at, glyph, 0.0, base, scale, scale)
        return Box(extent.width * scale, base + extent.top * scale, base + extent.bottom * scale, [mark], _kind(token))

    def name(self, at: int, size: float) -> Box:
        r"""Set the name of a function letter by letter. All letters draw the same token."""
        x, top, bottom = 0.0, 0.0, 0.0
        parts: list[tuple[float, float, Box] | Mark] = []
        for letter in self.tokens[at][1:]:
            glyph = self.glyph(letter, at)
            extent = glyphs.size(glyph)
            parts.append(Mark(at, glyph, x, 0.0, 0.9 * size, 0.9 * size))
            x += 0.9 * size * (extent.width + self.uneven(0.8 * self.layout.letter_space))
            top, bottom = min(top, extent.top * 0.9 * size), max(bottom, extent.bottom * 0.9 * size)
        return Box(x - 0.05 * size, top, bottom, parts, "op")

    def scripted(self, base: Box, at: int, size: float) -> Box:
        """Read and place the scripts of an atom, if there are any."""
        if self.peek() not in ("_", "^"):
            return base
        small = size * self.uneven(self.layout.script_size)
        small = max(small, 0.35)
        sub = sup = None
        if self.peek() == "_":
            self.take()
            sub = self.group(small)
        if self.peek() == "^":
            self.take()
            sup = self.group(small)
        token = self.tokens[at]
        if (token in BIG_OPERATORS and not self.layout.limits_beside) or token == r"\lim":
            return self.limits(base, sub, sup, size)
        return self.corners(base, sub, sup, size, token in INTEGRALS)

    def limits(self, base: Box, sub: Box | None, sup: Box | None, size: float) -> Box:
        width = max(base.width, sub.width if sub else 0, sup.width if sup else 0)
        box = Box(width, base.top, base.bottom, [((width - base.width) / 2, 0.0, base)], "op")
        if sub:
            drop = base.bottom + self.uneven(0.14) * size - sub.top
            box.parts.append(((width - sub.width) / 2, drop, sub))
            box.bottom = drop + sub.bottom
        if sup:
            rise = base.top - self.uneven(0.14) * size - sup.bottom
            box.parts.append(((width - sup.width) / 2, rise, sup))
            box.top = rise + sup.top
        return box

    def corners(self, base: Box, sub: Box | None, sup: Box | None, size: float, integral: bool) -> Box:
        """Place scripts at the corners of their base, with a minimum distance (Appendix G, rule 18)."""
        extra = self.layout.raise_scripts * size
        up = max(-base.top - 0.28 * size, 0.42 * size) + extra
        down = max(base.bottom + 0.08 * size, 0.2 * size) + extra
        up, down = self.uneven(up), self.uneven(down)
        if sup:
            up = max(up, sup.bottom + 0.16 * size)
        if sub:
            down = max(down, -sub.top - 0.30 * size)
        if sub and sup:
            overlap = (sup.bottom - up) - (sub.top + down) + 0.14 * size
            if overlap > 0:
                up, down = up + overlap / 2, down + overlap / 2
        x = base.width + self.uneven(0.07) * size
        box = Box(x, base.top, base.bottom, [(0.0, 0.0, base)], base.kind)
        if sub:
            left = x - (0.25 * size if integral else 0.0)
            box.parts.append((left, down, sub))
            box.width, box.bottom = max(box.width, left + sub.width), max(box.bottom, down + sub.bottom)
        if sup:
            box.parts.append((x, -up, sup))
            box.width, box.top = max(box.width, x + sup.width), min(box.top, -up + sup.top)
        return box

    def fraction(self, at: int, size: float) -> Box:
        inner = max(0.4, size * self.layout.fraction_size)
        over, under = self.group(inner), self.group(inner)
        width = max(over.width, under.width) + 2 * self.uneven(self.layout.bar_overhang) * size
        axis = AXIS * size
        bar = self.rule(at, self.glyph(r"\frac", at), width)
        rise = axis - self.uneven(self.layout.bar_gap) * size - over.bottom
        drop = axis + self.uneven(self.layout.bar_gap) * size - under.top
        side = 0.5 + (self.random.uniform(-0.2, 0.2) if self.random else 0.0)
        top: tuple[float, float, Box] = ((width - over.width) * side, rise, over)
        low: tuple[float, float, Box] = ((width - under.width) * 0.5, drop, under)
        line: tuple[float, float, Box] = (0.0, axis, bar)
        parts = [line, top, low] if self.layout.bar_first else [top, line, low]
        return Box(width, rise + over.top, drop + under.bottom, list(parts), "inner")

    def rule(self, at: int, glyph: Glyph, width: float) -> Box:
        """Set a horizontal line of the given width on the baseline."""
        extent = glyphs.size(glyph)
        mark = Mark(at, glyph, 0.0, -(extent.top + extent.bottom) / 2, width / extent.width, 1.0)
        return Box(width, 0.0, 0.0, [mark])

    def binomial(self, at: int, size: float) -> Box:
        over, under = self.group(0.9 * size), self.group(0.9 * size)
        axis, gap = AXIS * size, self.uneven(0.1) * size
        rise, drop = axis - gap - over.bottom, axis + gap - under.top
        reach = max(axis - rise - over.top, drop + under.bottom - axis)
        left, right = (self.tall(at, self.glyph(fence, at), reach, size, "ord") for fence in "()")
        width, x = max(over.width, under.width), left.width + 0.05 * size
        inner = Box(width, rise + over.top, drop + under.bottom, [])
        inner.parts = [((width - over.width) / 2, rise, over), ((width - under.width) / 2, drop, under)]
        end = x + width + 0.05 * size
        parts: list[tuple[float, float, Box] | Mark] = [(0.0, 0.0, left), (x, 0.0, inner), (end, 0.0, right)]
        return Box(end + right.width, axis - reach, axis + reach, parts)

    def root(self, at: int, size: float) -> Box:
        """Set the root sign, which is drawn first, then the index, then the radicand."""
        index = None
        if self.peek() == "[":
            self.take()
            index = self.row(max(0.3, 0.5 * size), ("]",))
            self.take("]")
        body = self.group(size)
        top = min(body.top, -0.45 * size) - self.uneven(0.14) * size
        bottom = max(body.bottom, 0.0) + 0.02 * size
        hook = self.uneven(0.5) * size  # width of the check mark
        start = max(0.0, index.width - 0.6 * hook) if index else 0.0
        end = hook + body.width + self.uneven(0.15) * size
        middle = (top + bottom) / 2
        tick = [(0.0, middle + 0.08 * size), (0.22 * hook, middle), (0.5 * hook, bottom)]
        corners = [*tick, (0.85 * hook, top), (end, top)]
        sign = Mark(at, _polyline(corners), start, 0.0, 1.0, 1.0)
        box = Box(start + end, top, bottom, [sign, (start + hook, 0.0, body)])
        if index:
            rise = middle - 0.06 * size - index.bottom
            box.parts.insert(1, (max(0.0, start + 0.4 * hook - index.width), rise, index))
            box.top = min(box.top, rise + index.top)
        return box

    def accent(self, at: int, size: float) -> Box:
        token = self.tokens[at]
        body = self.group(size)
        glyph = self.glyph(token, at)
        extent = glyphs.size(glyph)
        if token in AROUND:
            room = 0.15 * size
            across, up = (body.width + 2 * room) / extent.width, (body.height + 2 * room) / (extent.bottom - extent.top)
            mark = Mark(at, glyph, 0.0, body.top - room - up * extent.top, across, up)
            return Box(body.width + 2 * room, body.top - room, body.bottom + room, [(room, 0.0, body), mark])
        across = size * 0.9
        if token in WIDE_ACCENTS:
            across = (body.width + self.uneven(0.1) * size) / extent.width
        x, gap = (body.width - extent.width * across) / 2, self.uneven(0.1) * size
        box = Box(body.width, body.top, body.bottom, [(0.0, 0.0, body)])
        if token in UNDER_ACCENTS:
            base = body.bottom + gap - extent.top * size
            box.bottom = base + extent.bottom * size
        else:
            base = body.top - gap - extent.bottom * size
            box.top = base + extent.top * size
        box.parts.append(Mark(at, glyph, x, base, across, size))
        return box

    def table(self, at: int, size: float) -> Box:
        r"""Set a table, `\begin{matrix} a & b \\ c & d \end{matrix}`, centred on the axis with centred columns."""
        inner = max(0.4, 0.9 * size)
        rows: list[list[Box]] = [[]]
        while True:
            rows[-1].append(self.row(inner, ()))
            token = self.tokens[self.take()]
            if token == symbols.TABLE_END:
                break
            if token == symbols.ROW_BREAK:
                rows.append([])
            elif token != symbols.CELL_BREAK:
                raise TypesetError(f"token {self.place - 1} {token!r} is not allowed in the table that begins at {at}")
        widths = [max(row[c].width for row in rows if c < len(row)) for c in range(max(map(len, rows)))]
        box = Box(0.0, 0.0, 0.0, [])
        y = 0.0
        for row in rows:
            y -= min(cell.top for cell in row)
            x = 0.0
            for cell, width in zip(row, widths, strict=False):
                box.parts.append((x + (width - cell.width) / 2, y, cell))
                x += width + self.uneven(0.5) * size
            box.width = max(box.width, x - 0.5 * size)
            y += max(cell.bottom for cell in row) + self.uneven(0.3) * size
        height = y - 0.3 * size
        shift = AXIS * size - height / 2
        return Box(box.width, shift, shift + height, [(0.0, shift, box)], "inner")

    def stack(self, at: int, size: float) -> Box:
        """Set the first group in script size above (overset) or below (underset) the second."""
        small = self.group(max(0.35, size * self.layout.script_size))
        base = self.group(size)
        over = self.tokens[at] == r"\overset"
        box = self.limits(base, None if over else small, small if over else None, size)
        box.kind = "rel"
        return box

    def bare(self, at: int, size: float) -> Box:
        """Set a group that is no argument: `{ }` is the base of scripts without a visible base."""
        self.place = at
        return self.group(size)

    structures: ClassVar = {
        r"\frac": fraction,
        r"\sqrt": root,
        r"\binom": binomial,
        r"\overset": stack,
        r"\underset": stack,
        symbols.TABLE_BEGIN: table,
        "{": bare,
    }


def _polyline(corners: Sequence[tuple[float, float]]) -> Glyph:
    """Return a glyph of one stroke with straight, evenly sampled segments between the corners."""
    xy = np.array(corners)
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    even = np.linspace(0, arc[-1], max(2, int(arc[-1] / glyphs.SPACING)))
    points = np.stack([np.interp(even, arc, xy[:, 0]), np.interp(even, arc, xy[:, 1])], axis=1)
    return Glyph(r"\sqrt", points, (len(points),), "drawn")


def _kind(token: str) -> str:
    """Return TeX's class of atom of a token."""
    for kind, members in _KINDS:
        if token in members:
            return kind
    return "ord"
