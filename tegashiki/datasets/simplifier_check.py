"""Check on the strokes of a dataset that `tegashiki.ink.simplify` gives the same result as `rdp.rdp`, its reference."""

import warnings
from collections.abc import Iterable

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.preprocess import RDP_EPSILON, unit_stroke
from tegashiki.ink.simplify import rdp_mask


class SimplifierError(UserError):
    """`tegashiki.ink.simplify` keeps other points than `rdp.rdp`."""


def check_simplifier(strokes: Iterable[tuple[str, int, np.ndarray]]) -> int:
    """Simplify strokes with `tegashiki.ink.simplify` and with `rdp`, and compare the kept points.

    Args:
        strokes: (source, stroke index, points (N, 2)) of each stroke.

    Returns:
        Number of compared strokes.

    Raises:
        SimplifierError: The results for a stroke differ. The message names the ink and the stroke.
    """
    count = 0
    for source, index, points in strokes:
        framed, _ = unit_stroke(points)
        if len(framed) > 1:  # a single point cannot be simplified
            expected = _mask_of_rdp(framed)
            kept = np.asarray(rdp_mask(framed, RDP_EPSILON), bool)
            if not np.array_equal(kept, expected):
                places = np.flatnonzero(kept != expected)[:5].tolist()
                raise SimplifierError(
                    f"{source}, stroke {index} of {len(framed)} points: tegashiki.ink.simplify keeps {kept.sum()} "
                    f"points, rdp {expected.sum()}; they differ at points {places}. The dataset was not written; "
                    f"please report the file together with the versions of rdp and numpy"
                )
        count += 1
    return count


def _mask_of_rdp(points: np.ndarray) -> np.ndarray:
    from rdp import rdp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdp 0.8 computes cross products of 2-vectors
        return np.asarray(rdp(points, epsilon=RDP_EPSILON, algo="iter", return_mask=True), bool)
