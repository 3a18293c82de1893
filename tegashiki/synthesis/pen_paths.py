"""The same symbols along other paths of the pen: drawn backwards, without lifting, or cut where the pen turns.

A person draws a symbol the same way each time, so the path changes for all symbols of a class in an ink alike.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from tegashiki.ink.preprocess import space_evenly, unit_stroke
from tegashiki.synthesis.framed_ink import FramedInk

REDRAWN = 0.4  # probability that a class of the ink gets another path
BACKWARDS = 0.6  # probability that a stroke of such a class is drawn backwards
OTHER_ORDER = 0.3  # probability that the strokes are drawn in another order
RETRACED = 0.6  # probability that a pen that is not lifted goes back along its line before it crosses to the next one
MOST_JOINED = 4  # strokes of a symbol that are drawn without lifting the pen
SMALLEST = 0.2  # size of the smallest stroke that is joined to others, in units of the ink
CUSP = -0.3  # largest cosine of a turn at which a stroke is cut: about 107 degrees


def redraw(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Draw some classes of symbols along another path of the pen. The token of every stroke must be known."""
    for name in sorted({ink.tokens[token] for token in ink.stroke_tokens.tolist()}):
        if rng.random() >= REDRAWN:
            continue
        way, seed = WAYS[rng.integers(len(WAYS))], rng.integers(2**32)
        for token in [token for token, other in enumerate(ink.tokens) if other == name]:
            ink = way(ink, np.flatnonzero(ink.stroke_tokens == token), np.random.default_rng(seed))
    return ink


def replace_strokes(ink: FramedInk, start: int, count: int, lines: list[np.ndarray]) -> FramedInk:
    """Replace `count` strokes of one symbol, from `start` on, by the given lines, each (points, 2)."""
    framed = [_framed(line) for line in lines]
    stop = start + count
    return FramedInk(
        np.concatenate([ink.points_SP2[:start], [points for points, _ in framed], ink.points_SP2[stop:]]),
        np.concatenate([ink.boxes_S3[:start], [box for _, box in framed], ink.boxes_S3[stop:]]),
        ink.tokens,
        np.concatenate(
            [ink.stroke_tokens[:start], [ink.stroke_tokens[start]] * len(lines), ink.stroke_tokens[stop:]]
        ).astype(np.int32),
    )


def _backwards(ink: FramedInk, strokes: np.ndarray, rng: np.random.Generator) -> FramedInk:
    """Draw some strokes from their end to their start, and sometimes the strokes in the opposite order."""
    points, boxes = ink.points_SP2.copy(), ink.boxes_S3.copy()
    turned = strokes[rng.random(len(strokes)) < BACKWARDS]
    points[turned] = points[turned, ::-1]
    if rng.random() < OTHER_ORDER:
        points[strokes], boxes[strokes] = points[strokes[::-1]], boxes[strokes[::-1]]
    return replace(ink, points_SP2=points, boxes_S3=boxes)


def _without_lifting(ink: FramedInk, strokes: np.ndarray, rng: np.random.Generator) -> FramedInk:
    """Draw the strokes of a symbol as one, with the way of the pen between them."""
    if not 1 < len(strokes) <= MOST_JOINED or strokes[-1] - strokes[0] + 1 != len(strokes):
        return ink
    if ink.boxes_S3[strokes, 2].min() < SMALLEST * ink.unit():  # such as the dot of an i
        return ink
    start = int(strokes[0])
    lines = list(ink.lines(slice(start, start + len(strokes))))
    order = rng.permutation(len(lines)) if rng.random() < OTHER_ORDER else range(len(lines))
    lines = [lines[i][::-1] if rng.random() < OTHER_ORDER else lines[i] for i in order]
    path = lines[0]
    for before, line in pairwise(lines):
        if rng.random() < RETRACED:
            back = before[::-1]
            nearest = int(np.hypot(*(back - line[0]).T).argmin())
            path = np.concatenate([path, back[: nearest + 1]])
        path = np.concatenate([path, line])
    return replace_strokes(ink, start, len(lines), [_rounded(path, int(rng.integers(3)))])


def _cut_at_cusps(ink: FramedInk, strokes: np.ndarray, rng: np.random.Generator) -> FramedInk:
    """Cut every stroke where the pen turns most sharply, if it turns back there."""
    for stroke in strokes[::-1].tolist():
        points = ink.points_SP2[stroke]
        steps = points[3:] - points[:-3]
        before, after = steps[:-3], steps[3:]  # around the points 3 to P - 4
        length = np.hypot(*before.T) * np.hypot(*after.T)
        turn = (before * after).sum(axis=1) / np.maximum(length, 1e-9)
        sharpest = int(turn.argmin())
        if turn[sharpest] < CUSP and length[sharpest] > 0:
            (line,) = ink.lines(slice(stroke, stroke + 1))
            ink = replace_strokes(ink, stroke, 1, [line[: sharpest + 4], line[sharpest + 3 :]])
    return ink


WAYS: tuple[Callable[[FramedInk, np.ndarray, np.random.Generator], FramedInk], ...]
WAYS = (_backwards, _without_lifting, _cut_at_cusps)


def _rounded(line_N2: np.ndarray, passes: int) -> np.ndarray:
    """Round the corners of a line, which keeps its ends."""
    line = space_evenly(line_N2).astype(np.float64)
    for _ in range(passes):
        line[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    return line


def _framed(line_N2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frame a line as `tegashiki/ink/preprocess.py` does, without simplifying it a second time."""
    unit, box = unit_stroke(line_N2)
    return space_evenly(unit), box
