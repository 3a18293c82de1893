"""Which padded shapes to compile: few of them, chosen from the data so that padding costs least.

A bucket is a shape (strokes, tokens). Every ink goes to the cheapest bucket that holds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tegashiki.errors import UserError

STEP = 4  # edges are multiples of this many strokes or tokens, or the data's maximum

Cost = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (strokes, tokens) -> FLOPs of one padded ink


@dataclass(frozen=True, order=True)
class Bucket:
    """A padded shape."""

    strokes: int
    tokens: int


def choose_buckets(strokes_N: np.ndarray, tokens_N: np.ndarray, cost: Cost, count: int) -> tuple[Bucket, ...]:
    """Choose at most `count` buckets with the least total padded cost.

    The stroke axis is cut first, each of its ranges is then cut along the token axis; both cuts are optimal together
    (dynamic programming over edges that are multiples of 4).

    Args:
      strokes_N: strokes of each ink.
      tokens_N: target tokens of each ink, the end token included.
      cost: FLOPs of an ink padded to (strokes, tokens), vectorised.
      count: the number of shapes that may be compiled.

    Raises:
      UserError: there is no ink, or `count` is below 1.
    """
    if len(strokes_N) == 0:
        raise UserError("no ink to choose buckets from: the dataset is empty or every ink is over the limits")
    if count < 1:
        raise UserError(f"the number of buckets is {count}; it must be at least 1")
    edges_S, edges_L = _edges(strokes_N), _edges(tokens_N)
    histogram = np.zeros((len(edges_S), len(edges_L)))
    np.add.at(histogram, (np.searchsorted(edges_S, strokes_N), np.searchsorted(edges_L, tokens_N)), 1)
    # best[k][j]: the cheapest cover of the stroke edges before j with k shapes, and how it was made.
    best = [{0: (0.0, ())}] + [{} for _ in range(count)]
    for start in range(len(edges_S)):
        for stop in range(start + 1, len(edges_S) + 1):
            tops = _cut_tokens(histogram[start:stop].sum(axis=0), edges_S[stop - 1], edges_L, cost, count)
            for used, state in enumerate(best):
                if start not in state:
                    continue
                for pieces, (price, tokens) in enumerate(tops, start=1):
                    if used + pieces > count:
                        break
                    total = state[start][0] + price
                    if total < best[used + pieces].get(stop, (np.inf,))[0]:
                        shapes = tuple(Bucket(int(edges_S[stop - 1]), int(top)) for top in tokens)
                        best[used + pieces][stop] = (total, state[start][1] + shapes)
    finished = [state[len(edges_S)] for state in best if len(edges_S) in state]
    return min(finished, key=lambda item: item[0])[1]


def assign_buckets(
    strokes_N: np.ndarray, tokens_N: np.ndarray, buckets: Sequence[Bucket], cost: Cost
) -> np.ndarray:
    """Return the index of the cheapest bucket that holds each ink, int32 (N,), -1 where none does."""
    order = sorted(range(len(buckets)), key=lambda i: -float(bucket_cost(buckets[i], cost)))
    assigned = np.full(len(strokes_N), -1, np.int32)
    for index in order:
        fits = (strokes_N <= buckets[index].strokes) & (tokens_N <= buckets[index].tokens)
        assigned[fits] = index
    return assigned


def bucket_cost(bucket: Bucket, cost: Cost) -> float:
    """FLOPs of one ink padded to the bucket."""
    return float(cost(np.asarray(bucket.strokes), np.asarray(bucket.tokens)))


def padded_fraction(strokes_N: np.ndarray, tokens_N: np.ndarray, buckets: Sequence[Bucket], cost: Cost) -> float:
    """Return the share of the FLOPs spent on padding, 0..1."""
    assigned = assign_buckets(strokes_N, tokens_N, buckets, cost)
    padded = np.asarray([bucket_cost(bucket, cost) for bucket in buckets])[assigned].sum()
    return float(1 - cost(strokes_N, tokens_N).sum() / padded)


def _edges(lengths_N: np.ndarray) -> np.ndarray:
    top = int(lengths_N.max())
    return np.unique(np.minimum(np.arange(STEP, top + STEP, STEP), top))


def _cut_tokens(
    count_L: np.ndarray, strokes: int, edges_L: np.ndarray, cost: Cost, pieces: int
) -> list[tuple[float, tuple[int, ...]]]:
    """For 1..pieces cuts of the token axis at a given stroke edge: the cheapest price and its top edges."""
    used = np.flatnonzero(count_L)
    if len(used) == 0:
        return [(0.0, ())]
    edges, below = edges_L[used], np.concatenate([[0.0], np.cumsum(count_L[used])])
    price_L = cost(np.full(len(edges), strokes), edges)
    total = below[1:] * price_L  # the price of everything up to each edge, so far in one piece
    tops = [(int(edge),) for edge in edges]
    results = [(float(total[-1]), tops[-1])]
    for _ in range(1, min(pieces, len(edges))):
        table = total[:, None] + (below[None, 1:] - below[1:, None]) * price_L[None, :]
        table[np.tril_indices(len(edges))] = np.inf
        last = table.argmin(axis=0)
        tops = [(*tops[last[j]], int(edges[j])) for j in range(len(edges))]
        total = table.min(axis=0)
        results.append((float(total[-1]), tops[-1]))
    return results
