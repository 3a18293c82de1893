r"""Typeset formulas filled with symbols that people drew.

`typeset.py` places the glyphs with the layout habits of a random writer. Each glyph's box is then filled with a drawing
of its class, as far as possible by one writer, and its position and size vary slightly, as those of real symbols do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from random import Random

import numpy as np

from tegashiki.latex.symbols import FUNCTIONS, WIDE_ACCENTS
from tegashiki.synthesis import glyphs
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import Donors
from tegashiki.synthesis.typeset import AROUND, Layout, Mark, TypesetError, typeset
from tegashiki.synthesis.writer import writer

HABITS = 4096  # number of writers whose layout habits are used
DRAWN_AROUND = frozenset({r"\sqrt", *AROUND})  # as wide as their content
FENCES = frozenset({"(", ")", "[", "]", "|", r"\|", r"\{", r"\}", r"\langle", r"\rangle", *DRAWN_AROUND})
BARS = frozenset({r"\frac", "-", r"\overline", r"\underline", *WIDE_ACCENTS})
# Substitutes for marks that no dataset of symbols contains: a class that looks like the mark.
LOOKALIKES = {
    r"\frac": "-",
    r"\overline": "-",
    r"\underline": "-",
    r"\hat": r"\wedge",
    r"\check": r"\vee",
    r"\tilde": r"\sim",
    r"\vec": r"\rightarrow",
    r"\overleftarrow": r"\leftarrow",
    r"\dot": ".",
    r"\acute": r"\prime",
    r"\bar": "-",
    r"\widehat": r"\wedge",
    r"\widetilde": r"\sim",
    r"\overrightarrow": r"\rightarrow",
    r"\breve": r"\smile",
    r"\grave": r"\backslash",
    r"\mathring": r"\circ",
    r"\boxed": r"\square",
    r"\cancel": "/",
}
DOTS = {r"\ddot": 2, r"\dddot": 3}  # number of dots side by side
SPELLED = {name: name[1:] for name in FUNCTIONS} | {r"\binom": "()"}  # name -> the symbols to draw
LOOKED_AT = 6  # number of candidate drawings of a fence; the one with the best proportions is used
STRETCH = 2.0  # maximum ratio of the horizontal and the vertical scale of a fence

Corners = tuple[np.ndarray, np.ndarray]
Boxed = tuple[int, str, Corners]  # index of the token, class of the drawing, lower and upper corner


def fill(tokens: Sequence[str], donors: Donors, rng: np.random.Generator) -> FramedInk | None:
    """Return the formula in symbols that people drew.

    Args:
        tokens: Canonical tokens.
        donors: Source of the symbols.
        rng: Source of all random choices.

    Returns:
        The ink, or None if the formula cannot be typeset or one of its symbols was never drawn.
    """
    person = writer(0, int(rng.integers(HABITS)))
    seed = int(rng.integers(2**32))
    donors = donors.of_one_writer(rng)
    sloppy, uneven = rng.uniform(0.01, 0.07), rng.uniform(0.03, 0.16)
    boxes = boxes_of(tokens, person.layout, donors, Random(seed))
    drawings = [_drawing(name, high - low, donors, rng) for _, name, (low, high) in boxes]
    if not boxes or any(drawing is None for drawing in drawings):
        return None
    return place([drawing for drawing in drawings if drawing], boxes, tokens, sloppy, uneven, rng)


def boxes_of(tokens: Sequence[str], layout: Layout, drawn: Container[str], random: Random) -> list[Boxed]:
    """Typeset a formula and return the box of each symbol.

    Args:
        tokens: Canonical tokens.
        layout: The writer's layout habits.
        drawn: The classes that somebody drew. A function's name that is not among them is spelled letter by letter.
        random: Source of unevenness.

    Returns:
        The boxes in the order of writing; empty if the formula cannot be typeset.
    """
    try:
        marks = typeset(tokens, layout, _glyph, random)
    except TypesetError:
        return []
    return _boxes(tokens, marks, drawn)


def place(
    drawings: Sequence[FramedInk],
    boxes: Sequence[Boxed],
    tokens: Sequence[str],
    sloppy: float,
    uneven: float,
    rng: np.random.Generator,
) -> FramedInk:
    """Put a drawing into each box.

    Args:
        drawings: One drawing for each box.
        boxes: The result of `boxes_of`.
        tokens: Tokens of the formula.
        sloppy: Standard deviation of the position of a symbol, in em.
        uneven: Standard deviation of the logarithm of its size.
        rng: Source of the random positions and sizes.
    """
    middles = np.array([(low + high) / 2 for _, _, (low, high) in boxes])
    sides = np.array([high - low for _, _, (low, high) in boxes])
    middles += rng.normal(0.0, sloppy, middles.shape)
    sides *= np.exp(rng.normal(0.0, uneven, sides.shape))
    return _placed(drawings, boxes, middles, sides, tuple(tokens))


def _glyph(token: str) -> glyphs.Glyph:
    return glyphs.glyphs(token)[0]


def _boxes(tokens: Sequence[str], marks: Sequence[Mark], donors: Container[str]) -> list[Boxed]:
    """Return the box of each symbol; the marks of one token share a box unless they are drawn one by one."""
    boxes: list[Boxed] = []
    spelled: dict[int, int] = defaultdict(int)
    for mark in marks:
        name = tokens[mark.token]
        low, high = _corners(mark)
        if name in SPELLED and name not in donors:
            boxes.append((mark.token, SPELLED[name][spelled[mark.token]], (low, high)))
            spelled[mark.token] += 1
        elif name in DOTS:
            ends = np.linspace(low[0], high[0], DOTS[name])
            boxes += [(mark.token, ".", (np.array([x, low[1]]), np.array([x, high[1]]))) for x in ends]
        elif boxes and boxes[-1][0] == mark.token:
            before = boxes[-1][2]
            boxes[-1] = (mark.token, name, (np.minimum(before[0], low), np.maximum(before[1], high)))
        else:
            boxes.append((mark.token, name, (low, high)))
    return boxes


def _corners(mark: Mark) -> Corners:
    size = glyphs.size(mark.glyph)
    low = np.array([mark.left, mark.base + size.top * mark.up])
    return low, np.array([mark.left + size.width * mark.across, mark.base + size.bottom * mark.up])


def _drawing(name: str, side: np.ndarray, donors: Donors, rng: np.random.Generator) -> FramedInk | None:
    """Choose a drawing of a class; of a fence, the candidate with the proportions closest to those of the box."""
    name = LOOKALIKES.get(name, name) if name not in donors else name
    if name not in FENCES:
        return donors.symbol(name, rng)
    drawn = [part for part in (donors.drawing(name, rng) for _ in range(LOOKED_AT)) if part is not None]
    wanted = np.log(max(side[0], 0.02) / max(side[1], 0.02))
    return min(drawn, key=lambda part: abs(np.log(proportion(part)) - wanted), default=None)


def proportion(part: FramedInk) -> float:
    """Return the ratio of the width of an ink to its height."""
    low, high = part.bounds
    width, height = np.maximum(high - low, 1e-6)
    return float(width / height)


def _placed(
    drawings: Sequence[FramedInk],
    boxes: Sequence[Boxed],
    middles_N2: np.ndarray,
    sides_N2: np.ndarray,
    tokens: tuple[str, ...],
) -> FramedInk:
    """Scale every drawing to its box: fences by width and height, bars by width, all others by the diagonal."""
    counts = [len(drawing) for drawing in drawings]
    ink = FramedInk(
        np.concatenate([drawing.points_SP2 for drawing in drawings]),
        np.concatenate([drawing.boxes_S3 for drawing in drawings]),
        tokens,
        np.repeat([token for token, _, _ in boxes], counts).astype(np.int32),
    )
    low, high = _bounds(ink, counts)
    own = np.maximum(high - low, 1e-9)
    diagonal = np.hypot(*(high - low).T)
    scale = np.where(diagonal > 0, np.hypot(*sides_N2.T) / np.maximum(diagonal, 1e-9), 1.0)[:, None] * [1.0, 1.0]
    for index, (_, name, _) in enumerate(boxes):
        if name in BARS:
            scale[index] = sides_N2[index, 0] / own[index, 0]
        elif name in FENCES:
            across, up = sides_N2[index] / own[index]
            scale[index] = across if name in DRAWN_AROUND else np.clip(across, up / STRETCH, up * STRETCH), up
    ink = ink.stretched(np.repeat(scale, counts, axis=0))
    low, high = _bounds(ink, counts)
    ink.boxes_S3[:, :2] += np.repeat(middles_N2 - (low + high) / 2, counts, axis=0)
    return ink


def _bounds(ink: FramedInk, counts: Sequence[int]) -> Corners:
    """Return the lower and upper corners of the boxes around runs of `counts` strokes, two arrays (N, 2)."""
    low, high = ink.extents()
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
