"""Typeset formulas in which every symbol was drawn by the same person.

Signs that a person never drew are borrowed from one other person; letters and digits are never borrowed. The result is
raw ink: strokes keep the points of the device, so that preprocessing simplifies them once, like any other ink.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from zlib import crc32

import numpy as np

from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink
from tegashiki.latex.symbols import DIGITS, LATIN
from tegashiki.synthesis.fill import FENCES, HABITS, LOOKALIKES, LOOKED_AT, SPELLED, boxes_of, place, proportion
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.writer import Writer, writer

NEVER_BORROWED = frozenset((*DIGITS, *LATIN))
EM = 100.0  # an em in the units of the returned ink
WAVES = np.array([2.0, 3.5])  # frequencies of the waves that distort a symbol, in radians per half diagonal
SMALL = 1e-9

Drawing = tuple[np.ndarray, ...]  # the strokes of one symbol, (points, 2) each, y down


class Person:
    """All drawings of one person and the person's layout habits.

    No drawing is used twice unchanged: after its first use it is distorted, each time in a different way.
    """

    def __init__(self, name: str, drawings: Mapping[str, Sequence[Drawing]]) -> None:
        """Store the drawings.

        Args:
            name: The person's name, which determines the layout habits.
            drawings: The drawings of each class.
        """
        self.name = name
        self._drawings = {token: list(of_class) for token, of_class in drawings.items() if of_class}
        self._used = {token: [0] * len(of_class) for token, of_class in self._drawings.items()}
        rng = np.random.default_rng(crc32(name.encode()))
        self.habits: Writer = writer(0, int(rng.integers(HABITS)))
        self.sloppy, self.uneven = float(rng.uniform(0.01, 0.06)), float(rng.uniform(0.03, 0.13))
        self.climb = float(rng.normal(0.0, 0.03))

    def __contains__(self, token: object) -> bool:
        """Return whether this person drew the class."""
        return token in self._drawings

    @property
    def classes(self) -> frozenset[str]:
        """The classes that this person drew."""
        return frozenset(self._drawings)

    def take(self, token: str, side: np.ndarray, rng: np.random.Generator) -> Drawing:
        """Return a drawing of a class.

        It is one of the drawings used least often; for a fence, one with proportions similar to those of the box.

        Args:
            token: The class.
            side: Width and height of the box to fill, (2,).
            rng: Source of the choice and of the distortion.
        """
        used = np.array(self._used[token])
        if token in FENCES:
            among = rng.permutation(len(used))[:LOOKED_AT]
            wanted = np.log(max(side[0], 0.02) / max(side[1], 0.02))
            off = [abs(np.log(proportion(_framed(token, self._drawings[token][i]))) - wanted) for i in among]
            chosen = int(among[int(np.argmin(off))])
        else:
            chosen = int(rng.choice(np.flatnonzero(used == used.min())))
        self._used[token][chosen] += 1
        drawing = self._drawings[token][chosen]
        return distorted(drawing, rng) if used[chosen] else drawing


@dataclass(frozen=True, eq=False)
class Written:
    """A formula composed of drawings.

    Attributes:
        strokes: Points of each stroke, (points, 2), y downwards.
        stroke_tokens: int32 (S,), the index of the token that each stroke draws.
        symbols: Number of drawings.
        borrowed: Number of drawings by the lender.
        lender: Name of the lender, "" if nothing was borrowed.
    """

    strokes: tuple[np.ndarray, ...]
    stroke_tokens: np.ndarray
    symbols: int
    borrowed: int
    lender: str


def write_formula(
    tokens: Sequence[str], person: Person, lenders: Sequence[Person], rng: np.random.Generator
) -> Written | None:
    """Write a formula with the drawings of one person.

    Args:
        tokens: Canonical tokens.
        person: The person.
        lenders: People of whom one, chosen at random, lends the signs that the person did not draw.
        rng: Source of all random choices.

    Returns:
        The formula, or None if it cannot be typeset, if the person did not draw one of its letters or digits, or if no
        lender has all missing signs.
    """
    boxes = boxes_of(tokens, person.habits.layout, _Drawn(person), Random(int(rng.integers(2**32))))
    own = [_class_in(person, name) for _, name, _ in boxes]
    lacking = {name for (_, name, _), found in zip(boxes, own, strict=True) if not found}
    if not boxes or lacking & NEVER_BORROWED:
        return None
    lender = person
    if lacking:
        able = [other for other in lenders if other is not person and all(_class_in(other, name) for name in lacking)]
        if not able:
            return None
        lender = able[int(rng.integers(len(able)))]
    drawings = []
    for (_, name, (low, high)), found in zip(boxes, own, strict=True):
        artist = person if found else lender
        drawings.append(artist.take(found or _class_in(artist, name), high - low, rng))
    framed = [_framed(tokens[token], drawing) for (token, _, _), drawing in zip(boxes, drawings, strict=True)]
    placed = place(framed, boxes, tokens, person.sloppy, person.uneven, rng)
    strokes = _put(drawings, framed, placed, person.climb)
    borrowed = sum(not found for found in own)
    return Written(strokes, placed.stroke_tokens, len(boxes), borrowed, lender.name if lacking else "")


class _Drawn:
    """The classes that count as drawn for typesetting: all except names of functions that must be spelled."""

    def __init__(self, person: Person) -> None:
        self._person = person

    def __contains__(self, token: object) -> bool:
        return token in self._person or token not in SPELLED


def _class_in(person: Person, name: str) -> str:
    """Return the class with which a person can draw `name`: itself or one that looks like it, "" if there is none."""
    alike = LOOKALIKES.get(name, "")
    return name if name in person else alike if alike in person else ""


def distorted(drawing: Drawing, rng: np.random.Generator) -> Drawing:
    """Return a drawing slightly rotated, slanted, stretched and bent, all its strokes in the same way."""
    points = np.concatenate(drawing)
    low, high = points.min(axis=0), points.max(axis=0)
    diagonal = float(np.hypot(*(high - low)))
    if diagonal <= 0:
        return drawing
    turn, slant = rng.normal(0.0, [0.05, 0.06])
    grown = np.exp(rng.normal(0.0, 0.06, 2))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = turned @ np.array([[1.0, slant], [0.0, 1.0]])
    height, phase = rng.normal(0.0, 0.02, (len(WAVES), 2)), rng.uniform(0.0, 2 * np.pi, (len(WAVES), 2))

    def bent(stroke_N2: np.ndarray) -> np.ndarray:
        unit = (stroke_N2 - (low + high) / 2) / diagonal
        waves = sum(height[k] * np.sin(WAVES[k] * unit[:, ::-1] * 2 + phase[k]) for k in range(len(WAVES)))
        return (unit * grown @ matrix.T + waves) * diagonal

    return tuple(bent(np.asarray(stroke, np.float64)) for stroke in drawing)


def _framed(token: str, drawing: Drawing) -> FramedInk:
    return FramedInk.of_example(Example(Ink(drawing), (token,), np.zeros(len(drawing), np.int32)))


def _put(
    drawings: Sequence[Drawing], framed: Sequence[FramedInk], placed: FramedInk, climb: float
) -> tuple[np.ndarray, ...]:
    """Move every raw drawing to the place of its framed form in the formula, on a line that climbs."""
    lines = placed.lines()
    strokes: list[np.ndarray] = []
    for drawing, before in zip(drawings, framed, strict=True):
        after = lines[len(strokes) : len(strokes) + len(drawing)].reshape(-1, 2)
        points = before.lines().reshape(-1, 2)
        span, wanted = np.ptp(points, axis=0), np.ptp(after, axis=0)
        scale = wanted / np.where(span > SMALL, span, 1.0)
        scale = np.where(span > SMALL, scale, scale[::-1])  # a level line has no height to scale by
        middle = (after.min(axis=0) + after.max(axis=0)) / 2
        shift = middle - scale * (points.min(axis=0) + points.max(axis=0)) / 2 - [0.0, climb * middle[0]]
        strokes += [EM * (scale * np.asarray(stroke, np.float64) + shift) for stroke in drawing]
    return tuple(strokes)
