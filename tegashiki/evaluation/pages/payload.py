"""Inks and readings as the pages' scripts take them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tegashiki.evaluation.breakdown import align
from tegashiki.ink.ink import Ink
from tegashiki.ink.simplify import rdp_mask
from tegashiki.latex.errors import LatexError
from tegashiki.latex.mathml import mathml

UNIT = 60  # of a page for one median stroke
LARGEST = 4000  # units across, for an ink whose strokes are small against it
TOLERANCE = 0.4  # units by which a drawn line may miss the ink's


def ink_payload(ink: Ink, unit: float = UNIT, tolerance: float = TOLERANCE) -> dict[str, Any]:
    """Return `size`, [width, height] in units, and `strokes`, each "x y dx dy dx dy ..." in whole units.

    Args:
        ink: Any ink with a stroke.
        unit: How many units the median stroke size becomes.
        tolerance: How far in units RDP may move a line; 0 keeps every point.
    """
    points = np.concatenate(ink.strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    sizes = [float(np.ptp(stroke, axis=0).max()) for stroke in ink.strokes]
    extent = max(float((high - low).max()), 1e-12)
    median = float(np.median(sizes)) or max(sizes) or extent
    scale = min(unit / median, LARGEST * unit / UNIT / extent)
    width, height = ((high - low) * scale).round().astype(int).tolist()
    placed = ((stroke - low) * scale for stroke in ink.strokes)
    return {"size": [width, height], "strokes": [_steps(stroke, tolerance) for stroke in placed]}


def _steps(stroke_N2: np.ndarray, tolerance: float) -> str:
    kept = stroke_N2[rdp_mask(stroke_N2, tolerance)] if tolerance else stroke_N2
    whole = kept.round().astype(int)
    steps = np.diff(whole, axis=0)
    return " ".join(map(str, np.concatenate((whole[:1], steps[(steps != 0).any(axis=1)])).ravel().tolist()))


def reading_payload(
    tokens: Sequence[str],
    strokes_of_token: Sequence[Sequence[int]] | None = None,
    differs: Iterable[int] = (),
    attention: Sequence[Sequence[int]] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return a reading for `drawReading`: tokens, their MathML, their strokes, the indices that differ, and `more`.

    Where it is given, also the attention, "stroke percent stroke percent,..." with a comma between tokens.
    """
    try:
        math = mathml(tokens) if tokens else None
    except LatexError:
        math = None
    return {
        "tokens": " ".join(tokens),
        "math": math,
        "strokes": [list(strokes) for strokes in strokes_of_token] if strokes_of_token else None,
        "differs": sorted(differs),
        **({"attention": ",".join(" ".join(map(str, looks)) for looks in attention)} if attention else {}),
        **more,
    }


def differences(read: Sequence[str], truth: Sequence[str]) -> tuple[list[int], list[int], list[tuple[str, str]]]:
    """Return the indices that differ in what was read, those in the truth, and pairs (truth's token, token read).

    In the pairs a token that the other side lacks stands beside "".
    """
    wrong = [(i, j) for i, j in align(read, truth) if i is None or j is None or read[i] != truth[j]]
    pairs = [("" if j is None else truth[j], "" if i is None else read[i]) for i, j in wrong]
    return [i for i, _ in wrong if i is not None], [j for _, j in wrong if j is not None], pairs
