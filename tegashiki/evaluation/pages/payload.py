"""Convert inks and recognised formulas to the data format of the page scripts."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tegashiki.evaluation.breakdown import align
from tegashiki.ink.ink import Ink
from tegashiki.ink.simplify import rdp_mask
from tegashiki.latex.errors import LatexError
from tegashiki.latex.mathml import mathml

UNIT = 60  # page units of a median stroke
LARGEST = 4000  # maximum size of an ink in page units, for strokes that are small compared to the ink
TOLERANCE = 0.4  # maximum distance in page units between a drawn line and the ink


def ink_payload(ink: Ink, unit: float = UNIT, tolerance: float = TOLERANCE) -> dict[str, Any]:
    """Return the data from which `drawInk` draws an ink.

    Args:
        ink: An ink with at least one stroke.
        unit: Size of the median stroke in page units.
        tolerance: Largest distance in page units by which RDP simplification may move a line. 0 keeps every point.

    Returns:
        `size`, [width, height] in page units, and `strokes`, each a string "x y dx dy dx dy ..." of whole page units.
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
    """Return the data from which `drawReading` draws a formula.

    Args:
        tokens: Tokens of the formula.
        strokes_of_token: For each token the indices of its strokes. None if unknown.
        differs: Indices of the tokens to mark as different.
        attention: For each token the attention over strokes, as (stroke, percent, stroke, percent, ...). Empty if
            unknown.
        **more: Further entries of the result.

    Returns:
        `tokens` joined by spaces, `math` (MathML, or None if the tokens do not parse), `strokes`, `differs`, `more`,
        and, if it is known, `attention` as "stroke percent stroke percent,..." with a comma between tokens.
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
    """Compare recognised tokens with the truth.

    Args:
        read: The recognised tokens.
        truth: The tokens of the truth.

    Returns:
        The indices that differ in `read`, the indices that differ in `truth`, and the differing pairs (truth token,
        recognised token) with "" for a token that the other side lacks.
    """
    wrong = [(i, j) for i, j in align(read, truth) if i is None or j is None or read[i] != truth[j]]
    pairs = [("" if j is None else truth[j], "" if i is None else read[i]) for i, j in wrong]
    return [i for i, _ in wrong if i is not None], [j for _, j in wrong if j is not None], pairs
