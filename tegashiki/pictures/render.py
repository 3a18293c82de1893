"""Draw strokes as a picture: the inverse of tracing, for training, tests and measurements."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

LARGEST = 4096  # pixels of a side; strokes beyond are cut off


def draw_owners(strokes: Sequence[np.ndarray], width: float, size: tuple[int, int]) -> np.ndarray:
    """Draw strokes with a round pen and tell who drew each pixel.

    Args:
        strokes: The strokes, (points, 2) each, in pixels.
        width: Width of the pen in pixels, 1 or more.
        size: Width and height of the picture in pixels.

    Returns:
        int32 (height, width): 0 for paper, otherwise 1 plus the index of a stroke that covers the pixel.
    """
    image = Image.new("I", (min(size[0], LARGEST), min(size[1], LARGEST)))
    pen = ImageDraw.Draw(image)
    for index, stroke in enumerate(strokes, start=1):
        flat = stroke.ravel().tolist()
        pen.line(flat if len(stroke) > 1 else flat * 2, fill=index)
    return _thicken(np.asarray(image), width)


def _thicken(owners: np.ndarray, width: float) -> np.ndarray:
    """Put the pen's disc on every pixel of a line; where discs overlap, the later stroke wins."""
    thick = np.zeros_like(owners)
    height, length = owners.shape
    for down, right in _disc(width):
        target = thick[max(down, 0) : height + min(down, 0), max(right, 0) : length + min(right, 0)]
        source = owners[max(-down, 0) : height - max(down, 0), max(-right, 0) : length - max(right, 0)]
        np.maximum(target, source, out=target)
    return thick


@lru_cache(maxsize=32)
def _disc(width: float) -> list[tuple[int, int]]:
    """Return the (row, column) offsets of the pixels of a disc; a disc of even width is centred on a corner."""
    centre = 0.5 if round(width) % 2 == 0 else 0.0
    reach = range(-int(width), int(width) + 1)
    radius = max(width / 2, 0.5)
    return [(y, x) for y in reach for x in reach if np.hypot(y - centre, x - centre) <= radius]
