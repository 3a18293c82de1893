"""Draw written ink as pictures: as the literature draws CROHME, and as cameras and scanners would see it."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy import ndimage

from tegashiki.ink.example import Example
from tegashiki.pictures.render import draw_owners

SYMBOL_HEIGHT = 31.0  # pixels, the mean height of the symbols in published pictures of CROHME
PEN = 4.0  # pixels
MARGIN = 12  # pixels
LARGEST = 2000  # pixels of a side


def drawn(example: Example, pen: float = PEN, size: float = 1.0) -> np.ndarray:
    """Return an ink as published pictures of CROHME show it: white on black, 0 and 255 only, straight segments.

    Args:
        example: The ink.
        pen: Width of the pen in pixels.
        size: Factor of SYMBOL_HEIGHT.
    """
    strokes = example.ink.strokes
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = min(size * SYMBOL_HEIGHT / _symbol_height(example), LARGEST / max(float(extent.max()), 1e-9))
    width, height = (np.ceil(extent * scale).astype(int) + 2 * MARGIN).tolist()
    owners = draw_owners([(stroke - low) * scale + MARGIN for stroke in strokes], pen, (width, height))
    return np.where(owners > 0, 255, 0).astype(np.uint8)


def _symbol_height(example: Example) -> float:
    """Return the mean height of the symbols that are neither dashes nor dots."""
    strokes, owners = example.ink.strokes, example.stroke_tokens
    symbols = [np.concatenate([strokes[i] for i in np.flatnonzero(owners == token)]) for token in np.unique(owners)]
    sides = np.array([np.ptp(symbol, axis=0) for symbol in symbols])
    tall = sides[sides[:, 1] > 0.3 * sides[:, 0], 1]
    return float(tall.mean()) if len(tall) and tall.mean() > 0 else max(float(sides.max()), 1e-9) / 2


def png(picture: np.ndarray) -> bytes:
    """Return a picture as a PNG file."""
    return _file(picture, "PNG")


def _file(picture: np.ndarray, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


def _on_paper(example: Example) -> np.ndarray:
    """Return dark grey ink on paper, with a softened edge."""
    ink = ndimage.gaussian_filter(drawn(example).astype(np.float32) / 255, 0.6)
    return 235 - 170 * ink


def _grey(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _half(example: Example) -> bytes:
    picture = Image.fromarray(drawn(example))
    return _file(np.asarray(picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)), "PNG")


def _noisy(example: Example) -> bytes:
    paper = _on_paper(example)
    return png(_grey(paper + np.random.default_rng(0).normal(0, 20, paper.shape)))


def _turned(example: Example) -> bytes:
    return png(np.asarray(Image.fromarray(drawn(example)).rotate(3, Image.Resampling.BICUBIC, expand=True)))


def _shadowed(example: Example) -> bytes:
    paper = _on_paper(example)
    rows, columns = np.mgrid[: paper.shape[0], : paper.shape[1]] / max(paper.shape)
    light = 1 - 0.35 * columns - 0.4 / (1 + np.exp((rows + columns - 0.45) * 60))
    return _file(_grey(paper * light), "JPEG", quality=85)


def _squared(example: Example) -> bytes:
    paper = np.pad(_on_paper(example), 20, constant_values=235)
    rows, columns = np.indices(paper.shape)
    rules = (rows % 26 == 9) | (columns % 26 == 9)
    return png(_grey(np.where(rules, np.minimum(paper, 150), paper)))


# Name of the look -> the file of the picture.
LOOKS: dict[str, Callable[[Example], bytes]] = {
    "as in the literature": lambda example: png(drawn(example)),
    "pen of 1 pixel": lambda example: png(drawn(example, 1)),
    "pen of 2 pixels": lambda example: png(drawn(example, 2)),
    "pen of 3 pixels": lambda example: png(drawn(example, 3)),
    "pen of 6 pixels": lambda example: png(drawn(example, 6)),
    "pen of 9 pixels": lambda example: png(drawn(example, 9)),
    "three times as large, pen of 4": lambda example: png(drawn(example, 4, 3)),
    "half the size": _half,
    "blur, 1.5 pixels": lambda example: png(_grey(ndimage.gaussian_filter(drawn(example).astype(np.float32), 1.5))),
    "noise, 20 of 255": _noisy,
    "turned by 3 degrees": _turned,
    "JPEG, quality 30": lambda example: _file(_grey(_on_paper(example)), "JPEG", quality=30),
    "shadows": _shadowed,
    "squared paper": _squared,
}
