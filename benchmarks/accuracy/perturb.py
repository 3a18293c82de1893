"""Changes of an ink such as other devices and writers make, to see how far a recogniser's accuracy carries.

These changes are not for training (`tegashiki/synthesis/habits.py` is). They act on raw points, one at a time and each
by a fixed amount, so that a table of them means something. Strokes that are not linked to a token stay where they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tegashiki.evaluation.samples import Sample
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import frame_stroke, unit_size

Strokes = list[np.ndarray]
WIDE = frozenset({r"\frac", r"\sqrt", r"\overline", r"\underline"})  # as wide as their argument


@dataclass(frozen=True, eq=False)
class _Meaning:
    """For each stroke: the index of its token, -1 where unknown, and whether that token is as wide as its argument."""

    stroke_tokens_S: np.ndarray
    wide_S: np.ndarray


def perturb(sample: Sample, name: str, seed: int = 0) -> Sample:
    """Return the sample with its ink changed by `name`, one of `PERTURBATIONS`."""
    if sample.ink is None:
        return sample
    strokes = [np.array(stroke, np.float64) for stroke in sample.ink.strokes]
    meaning = _Meaning(np.full(len(strokes), -1), np.zeros(len(strokes), bool))
    if sample.strokes_of_token is not None:
        for token, (text, group) in enumerate(zip(sample.truth.split(), sample.strokes_of_token, strict=True)):
            meaning.stroke_tokens_S[list(group)] = token
            meaning.wide_S[list(group)] = text in WIDE
    changed = PERTURBATIONS[name](strokes, meaning, np.random.default_rng(seed))
    return replace(sample, ink=Ink(tuple(changed), label=sample.ink.label, source=sample.ink.source))


def _thin(strokes: Strokes, keep: int) -> Strokes:
    """Keep every `keep`-th point and the last, as a device with a lower sampling rate would."""
    return [np.concatenate([stroke[:-1:keep], stroke[-1:]]) for stroke in strokes]


def _double(strokes: Strokes) -> Strokes:
    """Add a point between every two."""
    doubled = []
    for stroke in strokes:
        between = np.empty((2 * len(stroke) - 1, 2))
        between[::2], between[1::2] = stroke, (stroke[1:] + stroke[:-1]) / 2
        doubled.append(between)
    return doubled


def _coarse(strokes: Strokes, steps: float) -> Strokes:
    """Round points to a grid with `steps` cells in the median stroke size."""
    grid = unit_size([frame_stroke(stroke)[1] for stroke in strokes]) / steps
    return [np.round(stroke / grid) * grid for stroke in strokes]


def _space(strokes: Strokes, meaning: _Meaning, factor: float) -> Strokes:
    """Move symbols apart horizontally without stretching them. Fraction bars, roots and overlines are stretched."""
    moved = [stroke.copy() for stroke in strokes]
    for token in np.unique(meaning.stroke_tokens_S[meaning.stroke_tokens_S >= 0]):
        members = np.flatnonzero(meaning.stroke_tokens_S == token)
        points = np.concatenate([strokes[index] for index in members])
        middle = (points.min(axis=0) + points.max(axis=0))[0] / 2
        for index in members:
            origin = strokes[index][:, 0] if meaning.wide_S[index] else middle
            moved[index][:, 0] += (factor - 1.0) * origin
    return moved


def _rotate(strokes: Strokes, degrees: float) -> Strokes:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [stroke @ turn for stroke in strokes]


def _shuffle(strokes: Strokes, meaning: _Meaning, rng: np.random.Generator) -> Strokes:
    """Shuffle the strokes of each symbol. The order of the symbols stays."""
    order = np.arange(len(strokes))
    for token in np.unique(meaning.stroke_tokens_S[meaning.stroke_tokens_S >= 0]):
        members = np.flatnonzero(meaning.stroke_tokens_S == token)
        order[members] = rng.permutation(members)
    return [strokes[index] for index in order]


PERTURBATIONS: dict[str, Callable[[Strokes, _Meaning, np.random.Generator], Strokes]] = {
    "as written": lambda strokes, meaning, rng: strokes,
    "half the points": lambda strokes, meaning, rng: _thin(strokes, 2),
    "a fifth of the points": lambda strokes, meaning, rng: _thin(strokes, 5),
    "twice the points": lambda strokes, meaning, rng: _double(strokes),
    "grid of 1/16 stroke": lambda strokes, meaning, rng: _coarse(strokes, 16),
    "grid of 1/8 stroke": lambda strokes, meaning, rng: _coarse(strokes, 8),
    "spacing x 0.7": lambda strokes, meaning, rng: _space(strokes, meaning, 0.7),
    "spacing x 2": lambda strokes, meaning, rng: _space(strokes, meaning, 2.0),
    "turned by 5 degrees": lambda strokes, meaning, rng: _rotate(strokes, 5),
    "turned by -5 degrees": lambda strokes, meaning, rng: _rotate(strokes, -5),
    "strokes of a symbol shuffled": _shuffle,
    "strokes drawn backwards": lambda strokes, meaning, rng: [stroke[::-1] for stroke in strokes],
}
