"""A picture of validation inks, as the model sees them, and what was read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tegashiki.evaluation.drawing import SheetEntry, draw_sheet
from tegashiki.ink.example import place_strokes
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import Strokes
from tegashiki.input_pipeline.batching import EncodedInk

SHOWN = 16


def draw_validation(
    inks: Sequence[EncodedInk], read: Sequence[Sequence[str]], truths: Sequence[Sequence[str]], path: Path, title: str
) -> np.ndarray:
    """Draw 16 inks, evenly chosen, to a PNG file; returns the picture, uint8 (height, width, 3)."""
    from matplotlib.image import imread

    chosen = np.unique(np.linspace(0, len(inks) - 1, SHOWN).astype(int))
    readings = [
        SheetEntry(Ink(place_strokes(Strokes(inks[i].points, inks[i].boxes))), " ".join(read[i]), " ".join(truths[i]))
        for i in chosen
    ]
    draw_sheet(readings, path, title=title)
    return (imread(path)[..., :3] * 255).astype(np.uint8)
