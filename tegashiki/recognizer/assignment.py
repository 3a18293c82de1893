"""Assign the strokes of an ink to the tokens that were read from them.

When a model writes the token of a symbol, it attends to one stroke of the symbol and hardly to the others. Its
attention therefore shows where a symbol is, but not how far it extends. So each visible token first gets the stroke
with the highest attention, its anchor. The other strokes then join, one by one, the symbol that they touch or follow.
On correctly read inks of CROHME's `validation` split, 99 % of the visible tokens get exactly their own strokes; with
the attention alone, 88 %.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tegashiki.ink.preprocess import POINTS_PER_STROKE, Strokes, place_points
from tegashiki.latex.normalize import visible_tokens
from tegashiki.latex.parser import LatexError

# Tuned on `validation`. The values are not critical: within a factor of two of each, the result is 99.2 to 99.3 %.
DOUBT = 0.05  # added to the attention, so that a weight of 0 does not rule out an assignment
DISTANCE_COST = 3.0  # nats for a distance of one median stroke size between two strokes
GAP_COST = 0.5  # nats for strokes that were not written one after the other
SAMPLES = np.linspace(0, POINTS_PER_STROKE - 1, 8).round().astype(int)  # indices of the points used for distances


def strokes_of_token(tokens: Sequence[str], attention_LS: np.ndarray, strokes: Strokes) -> tuple[tuple[int, ...], ...]:
    """Assign each stroke to one visible token.

    Args:
        tokens: The tokens of a reading.
        attention_LS: The model's attention over the real strokes for each token.
        strokes: The ink as `preprocess` returns it.

    Returns:
        The ascending indices of the strokes of each token. Braces, `_` and `^` get none.
    """
    visible = drawn_tokens(tokens)
    groups: list[list[int]] = [[] for _ in tokens]
    if visible:
        for stroke, owner in enumerate(assign(attention_LS[visible], strokes)):
            groups[visible[owner]].append(stroke)
    return tuple(tuple(group) for group in groups)


def assign(attention_TS: np.ndarray, strokes: Strokes) -> list[int]:
    """Return for each of S strokes the index of the visible token, out of T >= 1, that it draws."""
    tokens_S = _anchors(attention_TS)
    if (tokens_S >= 0).all():
        return tokens_S.tolist()
    reluctance_TS = -np.log(np.asarray(attention_TS, np.float64) + DOUBT)
    distance_SS = DISTANCE_COST * stroke_distances(strokes)
    while True:
        free, owned = np.flatnonzero(tokens_S < 0), np.flatnonzero(tokens_S >= 0)
        if not len(free):
            return tokens_S.tolist()
        apart = np.abs(free[:, None] - owned) > 1
        cost = distance_SS[np.ix_(free, owned)] + GAP_COST * apart + reluctance_TS[np.ix_(tokens_S[owned], free)].T
        row, column = np.unravel_index(cost.argmin(), cost.shape)
        tokens_S[free[row]] = tokens_S[owned[column]]


@lru_cache(maxsize=1)  # all candidates of an ink need the same distances
def stroke_distances(strokes: Strokes) -> np.ndarray:
    """Return the minimum distances (S, S) between sampled points of two strokes, in median stroke sizes, read-only."""
    count = len(strokes)
    points_SN2 = place_points(strokes.points_SP2[:, SAMPLES], strokes.boxes_S3)
    x, y = np.moveaxis(points_SN2.reshape(-1, 2), 1, 0)
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    least_SS = apart.reshape(count, len(SAMPLES), count, len(SAMPLES)).min(axis=(1, 3))
    least_SS.flags.writeable = False
    return least_SS


def _anchors(attention_TS: np.ndarray) -> np.ndarray:
    """Return for each stroke the token whose anchor it is, or -1.

    The pairs of a token and a stroke are formed in the order of their attention, the highest first.
    """
    left_TS = np.array(attention_TS)
    tokens_S = np.full(left_TS.shape[1], -1)
    for _ in range(min(left_TS.shape)):
        token, stroke = np.unravel_index(left_TS.argmax(), left_TS.shape)
        tokens_S[stroke] = token
        left_TS[token] = left_TS[:, stroke] = -1.0
    return tokens_S


def drawn_tokens(tokens: Sequence[str]) -> list[int]:
    """Return the indices of the tokens of a reading that strokes draw."""
    try:
        return visible_tokens(tokens)
    except LatexError:  # only possible without the grammar
        return [index for index, token in enumerate(tokens) if token not in ("{", "}", "_", "^")]
