"""Draw an ink as a picture and trace it: the strokes that a recogniser gets from a photo of it.

Needs the extra `pictures`.
"""

from dataclasses import replace

import numpy as np
from scipy import ndimage

from tegashiki.ink.ink import InkError
from tegashiki.ink.preprocess import POINTS_PER_STROKE, frame_stroke
from tegashiki.pictures.pen import pen_width
from tegashiki.pictures.render import draw_owners
from tegashiki.pictures.trace import trace
from tegashiki.synthesis.framed_ink import FramedInk

PEN = (1.0, 4.5)  # pixels
THINNEST, THICKEST = 0.04, 0.16  # pen widths per median stroke size
UNIT = (12.0, 64.0)  # pixels of the median stroke size
MARGIN = 8  # pixels
LONGEST = 2500  # pixels of a side
BLUR = 0.35  # pen widths
NOISE = 0.25  # of the ink's darkness, at half a pen's width


def trace_again(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Draw the ink with a random pen, blur and noise, and return what the tracer finds.

    Each stroke found has the token whose strokes cover most of it. A token may lose all its strokes, where symbols
    touch. An ink in which nothing is found is returned unchanged.
    """
    if not len(ink):
        return ink
    pen = float(rng.uniform(*PEN))
    unit = pen / float(np.exp(rng.uniform(np.log(THINNEST), np.log(THICKEST))))
    low, high = ink.bounds
    extent = np.maximum(high - low, 1e-9)
    scale = min(float(np.clip(unit, *UNIT)) / ink.unit(), LONGEST / float(extent.max()))
    placed = (ink.lines() - low) * scale + MARGIN
    width, height = (np.ceil(extent * scale).astype(int) + 2 * MARGIN + 1).tolist()
    owners = draw_owners(list(placed), pen, (width, height))
    mask = _photographed(owners > 0, pen, rng)
    try:
        strokes = [stroke for line in trace(mask, pen_width(mask)) for stroke in line]
    except InkError:  # too many pieces
        return ink
    if not strokes:
        return ink
    framed = [frame_stroke(stroke) for stroke in strokes]
    boxes = np.array([box for _, box in framed])
    boxes[:, :2] -= MARGIN
    boxes /= scale
    boxes[:, :2] += low
    return replace(
        ink,
        points_SP2=np.array([points for points, _ in framed], np.float32).reshape(-1, POINTS_PER_STROKE, 2),
        boxes_S3=boxes,
        stroke_tokens=_owning_tokens(strokes, owners, ink.stroke_tokens),
    )


def _photographed(mask: np.ndarray, pen: float, rng: np.random.Generator) -> np.ndarray:
    """Blur a picture, add noise and part ink from paper again, which makes bumps, fills holes and changes the width."""
    if rng.random() < 0.3:  # a picture from a program, without grey
        return mask
    grey = ndimage.gaussian_filter(mask.astype(np.float32), rng.uniform(0.2, BLUR * pen))
    if rng.random() < 0.5:
        grain = rng.standard_normal(mask.shape, np.float32)
        grey += rng.uniform(0.0, NOISE) * 0.5 * grain * (grey > 0.05)
    found = grey > rng.uniform(0.35, 0.6) * float(np.percentile(grey[mask], 75))
    labels, count = ndimage.label(found, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    keep = sizes >= max(2.0, 0.3 * pen * pen)
    keep[0] = False
    return keep[labels]


def _owning_tokens(strokes: list[np.ndarray], owners: np.ndarray, stroke_tokens: np.ndarray) -> np.ndarray:
    """Return for each stroke found the token that drew most of its pixels, or else the pixel nearest to its middle."""
    rows, columns = np.array(owners.shape) - 1
    places = [np.rint(stroke).astype(np.intp) for stroke in strokes]
    drawn: list[int] = []
    for place in places:
        there = owners[place[:, 1].clip(0, rows), place[:, 0].clip(0, columns)]
        there = there[there > 0]
        if not len(there):
            ys, xs = np.nonzero(owners)
            middle = place[len(place) // 2]
            nearest = int(((xs - middle[0]) ** 2 + (ys - middle[1]) ** 2).argmin())
            there = owners[ys[nearest : nearest + 1], xs[nearest : nearest + 1]]
        drawn.append(_most(stroke_tokens[there - 1]))
    return np.array(drawn, np.int32)


def _most(tokens: np.ndarray) -> int:
    """Return the most frequent number, the smallest of several."""
    values, counts = np.unique(tokens, return_counts=True)
    return int(values[counts.argmax()])
