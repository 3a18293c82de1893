"""`rdp.rdp` is the definition of our simplification: strokes of the data at hand are put through both."""

import warnings
from collections.abc import Iterable

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.preprocess import RDP_EPSILON, unit_stroke
from tegashiki.ink.simplify import rdp_mask


class SimplifierError(UserError):
    """Our simplification keeps other points than `rdp.rdp` does."""


def check_simplifier(strokes: Iterable[tuple[str, int, np.ndarray]]) -> int:
    """Simplify strokes with `tegashiki.ink.simplify` and with `rdp`, and compare the points kept.

    Args:
        strokes: (source, stroke index, points (N, 2)) of each.

    Returns:
        How many strokes were compared.

    Raises:
        SimplifierError: at the first stroke whose masks differ, naming ink and stroke.
    """
    count = 0
    for source, index, points in strokes:
        framed, _ = unit_stroke(points)
        if len(framed) > 1:  # one point has no line to simplify
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
        warnings.simplefilter("ignore", DeprecationWarning)  # rdp 0.8 takes the cross product of plane vectors
        return np.asarray(rdp(points, epsilon=RDP_EPSILON, algo="iter", return_mask=True), bool)
