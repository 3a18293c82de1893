"""Read handwriting from a picture: `read_picture` returns an ink as the readers of ink files do.

The strokes are in pixels of the upright picture. Needs the extra `pictures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import read_limited
from tegashiki.pictures.decode import decode
from tegashiki.pictures.kinds import LINES, MAX_BYTES
from tegashiki.pictures.mask import find_ink
from tegashiki.pictures.pen import pen_width
from tegashiki.pictures.trace import trace

THINNEST, THICKEST = 2.4, 6.0  # pixels; a picture with another pen is enlarged or reduced before it is traced
ENLARGED = 500_000  # pixels that are enlarged at most
MAX_INK = 0.5  # share of the picture that is ink at most; more is no handwriting


@dataclass(frozen=True, eq=False)
class Traced:
    """What was found in a picture.

    Attributes:
        lines: The lines of writing from the top, each the strokes in the order of writing, float64 (points, 2) in
            pixels of the upright picture.
        width: Width of the pen in these pixels.
    """

    lines: list[list[np.ndarray]]
    width: float


def read_picture(picture: str | Path | bytes, source: str = "") -> Ink:
    """Return the handwriting in a picture as an ink: its lines from the top, each in the order of writing.

    Several lines are counted in the annotation `lines`, by which `split_lines` parts them.

    Args:
        picture: The file or its bytes: PNG, JPEG, WebP, BMP, TIFF or GIF.
        source: The name in errors and in `Ink.source`; by default the path.

    Raises:
        InkError: The picture cannot be read, is too large (`decode`), or shows no handwriting.
    """
    if isinstance(picture, bytes):
        data = picture
    else:
        source = source or str(picture)
        data = read_limited(Path(picture), source, MAX_BYTES)
    grey = decode(data, source)
    lines = trace_grey(grey.pixels, source).lines
    counts = {LINES: " ".join(str(len(line)) for line in lines)} if len(lines) > 1 else {}
    strokes = tuple(stroke * grey.scale for line in lines for stroke in line)
    return Ink(strokes, source=source, annotations=counts)


def trace_grey(grey: np.ndarray, source: str = "") -> Traced:
    """Find the strokes in a decoded picture.

    Args:
        grey: uint8 (height, width), upright.
        source: Name of the picture in errors.

    Raises:
        InkError: No ink is found, or more than handwriting has.
    """
    mask, width, factor = ink_and_pen(grey)
    if not mask.any():
        raise InkError("no handwriting found: take a picture with more light or contrast", source=source)
    if mask.mean() > MAX_INK:
        raise InkError("more ink than handwriting has: cut the picture to the formula", source=source)
    try:
        lines = trace(mask, width)
    except InkError as error:
        raise InkError(error.reason, source=source) from None
    return Traced([[(stroke + 0.5) / factor - 0.5 for stroke in line] for line in lines], width / factor)


def ink_and_pen(grey: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Find the ink of a decoded picture, resized if its pen is too thick or too thin to be traced well.

    Args:
        grey: uint8 (height, width), upright.

    Returns:
        The ink, bool (height, width), the width of its pen in pixels, and the factor by which it is larger than `grey`.
    """
    mask = find_ink(grey)
    width = pen_width(mask)
    factor = _resize_factor(width, grey.size)
    if factor == 1.0:
        return mask, width, factor
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    how = Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC
    mask = find_ink(np.asarray(Image.fromarray(grey).resize(size, how)))
    return mask, pen_width(mask), factor


def _resize_factor(width: float, pixels: int) -> float:
    """Return the factor by which a picture is resized so that the pen has a width that traces well."""
    if width > THICKEST:
        return THICKEST / width
    if width < THINNEST and pixels <= ENLARGED:
        return 2.0
    return 1.0
