"""Draw sheets of inks with the recognised LaTeX and the truth, as PNG (needs matplotlib) or SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.ink import Ink

CELL = (260.0, 130.0)  # width and height in SVG units (1/96 inch)
MARGIN = 10.0
TEXT = 32.0  # height of the two lines of text below an ink
# Colours from the first stroke to the last, RGB.
TIME = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (240, 200, 30)])


class DrawingError(UserError, ValueError):
    """A picture that cannot be drawn."""


@dataclass(frozen=True)
class SheetEntry:
    """One cell of a sheet.

    Attributes:
        ink: The ink.
        read: The recognised tokens, joined by spaces.
        truth: The tokens of the truth, joined by spaces. "" if it is unknown.
    """

    ink: Ink
    read: str
    truth: str = ""

    @property
    def colour(self) -> str:
        """Colour of the text: green if right, red if wrong, grey without a truth."""
        if not self.truth:
            return "#333333"
        return "#11772b" if self.read == self.truth else "#b3261e"


def draw_sheet(entries: Sequence[SheetEntry], path: Path, columns: int = 4, title: str = "") -> None:
    """Draw inks in a grid.

    Strokes are coloured by their order in time. The recognised tokens stand below the ink, green if right and red if
    wrong. The truth is added where it differs.

    Args:
        entries: The inks to draw.
        path: The file to write. Its suffix, `.png` or `.svg`, decides the format. Its folder is created.
        columns: Number of inks side by side.
        title: Title line above the grid.

    Raises:
        DrawingError: The suffix is another one, or there are no entries.
    """
    path = Path(path)
    if not entries:
        raise DrawingError(f"{path}: there is no ink to draw")
    if path.suffix not in (".png", ".svg"):
        raise DrawingError(f"{path}: a picture's name ends with .png or .svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".svg":
        path.write_text(to_svg(entries, columns, title), encoding="utf-8", errors="backslashreplace")
    else:
        _draw_png(entries, path, columns, title)


def to_svg(entries: Sequence[SheetEntry], columns: int = 4, title: str = "") -> str:
    """Return the sheet as an SVG document, see `draw_sheet`."""
    rows = -(-len(entries) // columns)
    head = 26.0 if title else 0.0
    width, height = CELL[0] * columns, CELL[1] * rows + head
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
        ' font-family="monospace" font-size="11" fill="none" stroke-linecap="round" stroke-linejoin="round">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    if title:
        parts.append(f'<text x="{MARGIN}" y="18" font-size="14" fill="#333333">{escape(title)}</text>')
    for i, entry in enumerate(entries):
        x, y = CELL[0] * (i % columns), CELL[1] * (i // columns) + head
        parts.append(f'<g transform="translate({x:.0f} {y:.0f})">{_svg_cell(entry)}</g>')
    return "\n".join([*parts, "</svg>\n"])


def _svg_cell(entry: SheetEntry) -> str:
    room = (CELL[0] - 2 * MARGIN, CELL[1] - 2 * MARGIN - TEXT)
    parts = []
    for stroke, colour in zip(fit(entry.ink, *room), time_colours(len(entry.ink.strokes)), strict=True):
        if np.ptp(stroke, axis=0).max() < 0.5:  # a dot
            stroke = stroke[:1] + np.array([[0.0, 0.0], [0.01, 0.0]])
        points = " ".join(f"{px + MARGIN:.1f},{py + MARGIN:.1f}" for px, py in stroke)
        parts.append(f'<polyline points="{points}" stroke="{colour}" stroke-width="1.6"/>')
    for line, (text, colour) in enumerate(_lines(entry)):
        y = CELL[1] - TEXT + 10 + 14 * line
        parts.append(f'<text x="{MARGIN}" y="{y:.0f}" fill="{colour}">{escape(_shorten(text))}</text>')
    return "".join(parts)


def _draw_png(entries: Sequence[SheetEntry], path: Path, columns: int, title: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # pyplot would want a window system and keep figures
    from matplotlib.figure import Figure

    rows = -(-len(entries) // columns)
    head = 26.0 if title else 0.0
    figure = Figure(figsize=(CELL[0] * columns / 96, (CELL[1] * rows + head) / 96), dpi=96)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, CELL[0] * columns), ylim=(CELL[1] * rows + head, 0))
    axes.axis("off")
    font: dict[str, Any] = {"family": "monospace", "parse_math": False}
    if title:
        axes.text(MARGIN, 18, title, color="#333333", fontsize=11, **font)
    room = (CELL[0] - 2 * MARGIN, CELL[1] - 2 * MARGIN - TEXT)
    for i, entry in enumerate(entries):
        x, y = CELL[0] * (i % columns), CELL[1] * (i // columns) + head
        for stroke, colour in zip(fit(entry.ink, *room), time_colours(len(entry.ink.strokes)), strict=True):
            placed = stroke + np.array([x + MARGIN, y + MARGIN])
            axes.plot(placed[:, 0], placed[:, 1], color=colour, linewidth=1.2, solid_capstyle="round")
            if np.ptp(stroke, axis=0).max() < 0.5:
                axes.plot(placed[:1, 0], placed[:1, 1], ".", color=colour, markersize=2)
        for line, (text, colour) in enumerate(_lines(entry)):
            axes.text(x + MARGIN, y + CELL[1] - TEXT + 10 + 14 * line, _shorten(text), color=colour, fontsize=8, **font)
    figure.savefig(path)


def fit(ink: Ink, width: float, height: float) -> list[np.ndarray]:
    """Scale an ink into a box and centre it.

    Args:
        ink: The ink.
        width: Width of the box.
        height: Height of the box.

    Returns:
        The strokes, each float64 (N, 2), in a box whose upper left corner is the origin. The median stroke is at most
        50 units large.
    """
    points = np.concatenate(ink.strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    sizes = [np.ptp(stroke, axis=0).max() for stroke in ink.strokes]
    extent = np.maximum(high - low, 1e-9)
    scale = min(width / extent[0], height / extent[1], 50 / max(float(np.median(sizes)), 1e-9))
    offset = (np.array([width, height]) - (high - low) * scale) / 2
    return [(stroke - low) * scale + offset for stroke in ink.strokes]


def time_colours(count: int) -> list[str]:
    """Return one "#rrggbb" colour for each stroke, from dark (first) to bright (last)."""
    place = np.linspace(0, len(TIME) - 1, max(count, 2))[:count]
    rgb = np.stack([np.interp(place, np.arange(len(TIME)), TIME[:, c]) for c in range(3)], axis=1)
    return ["#{:02x}{:02x}{:02x}".format(*row) for row in rgb.round().astype(int).tolist()]


def _lines(entry: SheetEntry) -> list[tuple[str, str]]:
    """Return text and colour of the lines below an ink. The truth is left out if it equals the recognised tokens."""
    lines = [(entry.read, entry.colour)]
    if entry.truth and entry.truth != entry.read:
        lines.append((entry.truth, "#333333"))
    return lines


def _shorten(text: str, limit: int = 36) -> str:
    """Remove the spaces that LaTeX does not need, and cut the text at `limit` characters."""
    tokens = text.split()
    shorter = "".join(
        f"{token} " if token.startswith("\\") and token[1:].isalpha() else token for token in tokens
    ).strip()
    return shorter if len(shorter) <= limit else shorter[: limit - 1] + "…"
