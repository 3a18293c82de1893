"""Pictures of formulas and of ink as SVG and PNG. Typst sets the formulas (the extra `typst`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tegashiki.convert.errors import ConversionError
from tegashiki.convert.typst import typst
from tegashiki.ink.ink import Ink
from tegashiki.latex.nodes import Row

RESOLUTION = 288  # pixels per inch of a PNG
_PAGE = '#set page(width: auto, height: auto, margin: 4pt, fill: none)\n#set text(size: 16pt, fill: rgb("000"))\n'
_INK_HEIGHT = 120.0  # of the picture of an ink, in SVG units (1/96 inch)
_PEN = 2.0  # width of a line, in the same units


def formula_svg(row: Row) -> str:
    """Return an SVG picture of a tree in normal form. Its glyphs are paths, so it needs no fonts.

    Raises:
        ConversionError: The package `typst` is not installed.
    """
    return _set(f"{_PAGE}$ {typst(row)} $\n", "svg").decode()


def formula_png(row: Row) -> bytes:
    """Return a PNG picture of a tree in normal form, black on a transparent ground."""
    return _set(f"{_PAGE}$ {typst(row)} $\n", "png")


def ink_svg(ink: Ink) -> str:
    """Return an SVG picture of an ink, every stroke one black line."""
    low = np.min([stroke.min(axis=0) for stroke in ink.strokes], axis=0)
    high = np.max([stroke.max(axis=0) for stroke in ink.strokes], axis=0)
    scale = _INK_HEIGHT / max(float((high - low)[1]), float((high - low).max()) / 8, 1e-9)
    width, height = (high - low) * scale + 4 * _PEN
    lines = []
    for stroke in ink.strokes:
        points = (stroke - low) * scale + 2 * _PEN
        path = " ".join(f"{x:.2f},{y:.2f}" for x, y in points.tolist())
        lines.append(f'<polyline points="{path} {path.rpartition(" ")[2]}"/>')  # a repeated point shows a dot
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}" height="{height:.2f}" fill="none" stroke="#000" '
        f'stroke-width="{_PEN:g}" stroke-linecap="round" stroke-linejoin="round">{"".join(lines)}</svg>'
    )


def ink_png(ink: Ink) -> bytes:
    """Return a PNG picture of an ink, black on a transparent ground."""
    text = ink_svg(ink).replace('"', '\\"')
    return _set(f'{_PAGE}#image(bytes("{text}"), format: "svg")\n', "png")


def _set(source: str, form: str) -> bytes:
    """Return what Typst makes of a page."""
    compiled: Any = _compiler().compile(source.encode(), format=form, ppi=float(RESOLUTION))
    return compiled[0] if isinstance(compiled, list) else compiled


def _compiler() -> Any:
    try:
        import typst as compiler
    except ModuleNotFoundError:
        raise ConversionError("pictures need the package typst: pip install 'tegashiki[typst]'") from None
    return compiler
