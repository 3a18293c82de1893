"""Pictures for tests: embedded ink drawn as pixels, as files, and degraded as cameras do."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy import ndimage

from tegashiki.ink.ink import Ink
from tegashiki.pictures.render import draw_owners
from tegashiki.synthesis.embedded import generate


def embedded_inks(count: int, seed: int = 0) -> list[Ink]:
    """Return inks that the package draws itself."""
    return [example.ink for example in generate("train", count, seed=seed)]


def place(strokes: Sequence[np.ndarray], height: float, margin: int = 12) -> tuple[list[np.ndarray], tuple[int, int]]:
    """Move and scale strokes so that the whole ink is so high in pixels; return them and the picture's size."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = height / max(float(extent[1]), 0.2 * float(extent[0]), 1e-9)
    width, rows = (np.ceil(extent * scale).astype(int) + 2 * margin + 1).tolist()
    return [(stroke - low) * scale + margin for stroke in strokes], (width, rows)


def drawn(strokes: Sequence[np.ndarray], height: float = 90, pen: float = 3) -> np.ndarray:
    """Return dark ink on white paper, uint8 (height, width)."""
    placed, size = place(strokes, height)
    return np.where(draw_owners(placed, pen, size) > 0, 20, 255).astype(np.uint8)


def photographed(picture: np.ndarray, seed: int = 0, faint: float = 0.5) -> np.ndarray:
    """Return a picture as a photo: faint blurred ink, light that falls off, a soft shadow and grain."""
    rng = np.random.default_rng(seed)
    ink = ndimage.gaussian_filter(1 - picture / 255.0, 0.7) * faint
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    light = 220 - 80 * columns / picture.shape[1] - 30 * rows / picture.shape[0]
    light -= 40 / (1 + np.exp((columns - 0.6 * picture.shape[1]) / 6))
    return np.clip(light * (1 - ink) + rng.normal(0, 2.5, picture.shape), 0, 255).astype(np.uint8)


def encoded(picture: np.ndarray | Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return a picture as the bytes of a file."""
    file = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(file, kind, **options)
    return file.getvalue()


def distance(found: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> float:
    """Return the mean distance from the points of some strokes to the nearest of others, in their unit."""
    lines = [stroke if len(stroke) > 1 else np.repeat(stroke, 2, axis=0) for stroke in truth]
    count = int(max(np.hypot(*np.diff(line, axis=0).T).max() for line in lines)) + 2
    there = np.concatenate([np.linspace(line[:-1], line[1:], count).reshape(-1, 2) for line in lines])
    points = np.concatenate(found)
    return float(np.mean([np.hypot(*(there - point).T).min() for point in points]))
