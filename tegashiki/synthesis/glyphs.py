"""The single-stroke font: the pen's path for each visible token.

The font consists of two tables: `data/hershey.tsv` (the Hershey fonts, under their own terms) and `data/drawn.tsv`
(drawn for this project). A token has one glyph for each way in which people write it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

EM = 30.0  # grid units per em: capitals are 0.7 em high, as in Computer Modern
BASELINE = 9.0  # y of the baseline in grid units
CORNER = np.deg2rad(60)  # in the Hershey data, a sharper turn between two segments is a corner, a softer one a curve
SPACING = 0.025  # em between neighbouring points, on average
POINTS_PER_SEGMENT = 8
SLOWEST = 0.25  # pen speed at a stroke's ends, relative to a straight line


@dataclass(frozen=True, eq=False)
class Glyph:
    """One way to draw one symbol.

    Attributes:
        name: The token and the number of the form. A writer distorts forms with the same name in the same way.
        points: float64 (N, 2) in em, x to the right from the left edge, y DOWN from the baseline. The strokes follow
            one another. Their points are evenly spaced in time, so they are dense where a pen is slow.
        lengths: Number of points of each stroke.
        style: "plain", "joined" or "script" for Hershey glyphs, "drawn" for those of this project.
    """

    name: str
    points: np.ndarray
    lengths: tuple[int, ...]
    style: str

    @property
    def strokes(self) -> list[np.ndarray]:
        """Views of the strokes, each (points, 2)."""
        return np.split(self.points, np.cumsum(self.lengths)[:-1])


@dataclass(frozen=True, slots=True)
class Size:
    """Extent of a glyph's ink in em: its width, and its top and bottom as y (downwards) from the baseline."""

    width: float
    top: float
    bottom: float


Corner = tuple[float, float, bool]  # x, y, whether the line turns sharply here


def _hershey_strokes(code: str) -> list[list[Corner]]:
    """Decode a code of two characters per point. Its first pair holds the margins, which are not used."""
    strokes = []
    for part in code[2:].split(" R"):
        xy = [(ord(part[i]) - 82.0, ord(part[i + 1]) - 82.0) for i in range(0, len(part), 2)]
        turns = [_turn(a, b, c) > CORNER for a, b, c in zip(xy, xy[1:], xy[2:], strict=False)]
        strokes.append([(x, y, sharp) for (x, y), sharp in zip(xy, [True, *turns, True], strict=False)])
    return strokes


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    before = np.arctan2(b[1] - a[1], b[0] - a[0])
    after = np.arctan2(c[1] - b[1], c[0] - b[0])
    return float(abs((after - before + np.pi) % (2 * np.pi) - np.pi))


def _drawn_strokes(text: str) -> list[list[Corner]]:
    """Decode strokes such as "x,y x,y / ~x,y x,y! x,y"; the head of data/drawn.tsv explains the format."""
    strokes = []
    for part in text.split("/"):
        smooth = part.strip().startswith("~")
        points = []
        for word in part.strip().lstrip("~").split():
            x, y = word.rstrip("!").split(",")
            points.append((float(x), float(y), not smooth or word.endswith("!")))
        strokes.append(points)
    return strokes


def _curve(corners: Sequence[Corner]) -> np.ndarray:
    """Draw a line through the corners: straight between sharp corners, a centripetal Catmull-Rom curve elsewhere."""
    xy = np.array([(x, y) for x, y, _ in corners])
    pieces = [xy[:1]]
    knots = np.maximum(np.hypot(*np.diff(xy, axis=0).T) ** 0.5, 1e-6)
    t = np.linspace(0, 1, POINTS_PER_SEGMENT + 1)[1:, None]
    for i in range(len(xy) - 1):
        chord = (xy[i + 1] - xy[i]) / knots[i]
        leave = chord if i == 0 or corners[i][2] else _tangent(xy, knots, i)
        arrive = chord if i + 2 == len(xy) or corners[i + 1][2] else _tangent(xy, knots, i + 1)
        hermite = (
            (2 * t**3 - 3 * t**2 + 1) * xy[i]
            + (t**3 - 2 * t**2 + t) * knots[i] * leave
            + (-2 * t**3 + 3 * t**2) * xy[i + 1]
            + (t**3 - t**2) * knots[i] * arrive
        )
        pieces.append(hermite)
    return np.concatenate(pieces)


def _tangent(xy: np.ndarray, knots: np.ndarray, i: int) -> np.ndarray:
    before, after = (xy[i] - xy[i - 1]) / knots[i - 1], (xy[i + 1] - xy[i]) / knots[i]
    return (before * knots[i] + after * knots[i - 1]) / (knots[i - 1] + knots[i])


def even_in_time(line: np.ndarray, spacing: float = SPACING) -> np.ndarray:
    """Resample a line at equal time steps of a pen that is slower at its ends and in bends (the two-thirds power law).

    Args:
        line: Points (N, 2) in em.
        spacing: Mean distance of the returned points in em.

    Returns:
        At least two points, (M, 2).
    """
    steps = np.hypot(*np.diff(line, axis=0).T)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(2, int(np.ceil(arc[-1] / spacing)) + 1)
    even = np.linspace(0, arc[-1], count)
    line = np.stack([np.interp(even, arc, line[:, 0]), np.interp(even, arc, line[:, 1])], axis=1)
    if count < 4:
        return line
    direction = np.unwrap(np.arctan2(*np.diff(line, axis=0).T[::-1]))
    bend = np.zeros(count)
    bend[1:-1] = np.abs(np.diff(direction)) / spacing  # 1 / em
    pace = (1 + bend) ** (1 / 3)  # time per unit of length
    pace[[0, -1]] = 1 / SLOWEST
    pace = np.convolve(np.pad(pace, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    clock = np.concatenate([[0.0], np.cumsum(pace[1:] + pace[:-1])])
    ticks = np.linspace(0, clock[-1], count)
    return np.stack([np.interp(ticks, clock, line[:, 0]), np.interp(ticks, clock, line[:, 1])], axis=1)


def _glyph(name: str, strokes: list[list[Corner]], style: str) -> Glyph:
    lines = [even_in_time((_curve(s) - [0.0, BASELINE]) / EM) for s in strokes]
    points = np.concatenate(lines)
    points[:, 0] -= points[:, 0].min()
    points.setflags(write=False)
    return Glyph(name, points, tuple(len(line) for line in lines), style)


@cache
def _table() -> dict[str, list[tuple[str, str]]]:
    """Return the (style, code) of each glyph of each token, in the order of the two files."""
    table: dict[str, list[tuple[str, str]]] = {}
    for name in ("hershey.tsv", "drawn.tsv"):
        text = resources.files("tegashiki.synthesis").joinpath("data", name).read_text(encoding="utf-8")
        for line in text.splitlines():
            if line and not line.startswith("# ") and line != "#":
                token, *style, code = line.split("\t")
                table.setdefault(token, []).append((style[0] if style else "drawn", code))
    return table


@cache
def glyphs(token: str) -> tuple[Glyph, ...]:
    """Return all glyphs of a token.

    Raises:
        KeyError: The font does not contain the token.
    """
    if token.startswith(r"\mathbb{"):
        return tuple(_double_struck(token, glyph) for glyph in glyphs(token[-2]) if glyph.style == "plain")
    if token.startswith((r"\mathcal{", r"\mathscr{")):
        return tuple(glyph for glyph in glyphs(token[-2]) if glyph.style == "script")
    return tuple(
        _glyph(f"{token}/{form}", _drawn_strokes(code) if style == "drawn" else _hershey_strokes(code), style)
        for form, (style, code) in enumerate(_table()[token])
    )


def _double_struck(token: str, glyph: Glyph) -> Glyph:
    """Return the glyph in blackboard bold: its first stroke is repeated slightly to the right."""
    first = glyph.strokes[0] + [0.09, 0.0]
    points = np.concatenate([glyph.points, first])
    points.setflags(write=False)
    return Glyph(token, points, (*glyph.lengths, len(first)), glyph.style)


@cache
def size(glyph: Glyph) -> Size:
    """Return the extent of a glyph's ink in em."""
    top, bottom = glyph.points[:, 1].min(), glyph.points[:, 1].max()
    return Size(float(np.ptp(glyph.points[:, 0])), float(top), float(bottom))
