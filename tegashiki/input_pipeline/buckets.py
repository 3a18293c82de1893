"""Buckets: the few padded shapes to compile, chosen from the data so that padding costs as little as possible.

A bucket is a shape (strokes, tokens). Every ink is assigned to the cheapest bucket that holds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tegashiki.errors import UserError

FINEST = 96  # maximum number of candidate edges per axis; limits the memory of the search for large datasets
RESTARTS = 6  # number of additional descents from random choices

Cost = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (strokes, tokens) -> FLOPs of one padded ink


@dataclass(frozen=True, order=True)
class Bucket:
    """A padded shape: numbers of strokes and of tokens."""

    strokes: int
    tokens: int


def choose_buckets(strokes_N: np.ndarray, tokens_N: np.ndarray, cost: Cost, count: int) -> tuple[Bucket, ...]:
    """Choose at most `count` buckets with a minimum total padded cost.

    One bucket holds all inks. The others are chosen by coordinate descent: each in turn is replaced by the best shape
    for the given others until the cost no longer decreases. The descent starts from a greedy choice and from several
    random ones.

    Args:
        strokes_N: Number of strokes of each ink.
        tokens_N: Number of target tokens of each ink, including the end token.
        cost: FLOPs of an ink padded to (strokes, tokens), vectorised.
        count: Maximum number of shapes to compile.

    Raises:
        UserError: There is no ink, or `count` is below 1.
    """
    if len(strokes_N) == 0:
        raise UserError("no ink to choose buckets from: the dataset is empty or every ink is over the limits")
    if count < 1:
        raise UserError(f"the number of buckets is {count}; it must be at least 1")
    cells, inks = np.unique(np.stack([_coarse(strokes_N), _coarse(tokens_N)]), axis=1, return_counts=True)
    shapes = np.stack(np.meshgrid(*map(np.unique, cells)), axis=-1).reshape(-1, 2)  # the last is the largest
    # Cost of each cell of the histogram in each shape, infinite where it does not fit: float32 (shapes, cells).
    table = np.where((shapes[:, :1] >= cells[0]) & (shapes[:, 1:] >= cells[1]), cost(*shapes.T)[:, None], np.inf)
    table = (table * inks).astype(np.float32)
    rng = np.random.default_rng(0)
    found = [_descend(table, _greedy(table, count))]
    for _ in range(RESTARTS if count > 2 else 0):
        found.append(_descend(table, [len(shapes) - 1, *rng.choice(len(shapes), count - 1)]))
    best = min(found, key=lambda chosen: table[chosen].min(axis=0).sum())
    return tuple(sorted({Bucket(*map(int, shapes[index])) for index in best}))


def _coarse(lengths_N: np.ndarray) -> np.ndarray:
    """Round lengths up to at most FINEST different values."""
    top = int(lengths_N.max())
    step = -(-top // FINEST)
    return np.minimum(-(-lengths_N // step) * step, top)


def _greedy(table: np.ndarray, count: int) -> list[int]:
    """Start with the largest shape and repeatedly add the shape that saves most."""
    chosen = [len(table) - 1]
    while len(chosen) < count:
        chosen.append(int(np.minimum(table, table[chosen].min(axis=0)).sum(axis=1).argmin()))
    return chosen


def _descend(table: np.ndarray, chosen: list[int]) -> list[int]:
    """Replace each shape except the first (the largest) by the best one for the given others until nothing improves."""
    before = np.inf
    while (total := table[chosen].min(axis=0).sum()) < before:
        before = total
        for place in range(1, len(chosen)):
            others = table[chosen[:place] + chosen[place + 1 :]].min(axis=0)
            chosen[place] = int(np.minimum(table, others).sum(axis=1).argmin())
    return chosen


def assign_buckets(strokes_N: np.ndarray, tokens_N: np.ndarray, buckets: Sequence[Bucket], cost: Cost) -> np.ndarray:
    """Return the index of the cheapest bucket that holds each ink, int32 (N,), -1 if none does."""
    order = sorted(range(len(buckets)), key=lambda i: -float(bucket_cost(buckets[i], cost)))
    assigned = np.full(len(strokes_N), -1, np.int32)
    for index in order:
        fits = (strokes_N <= buckets[index].strokes) & (tokens_N <= buckets[index].tokens)
        assigned[fits] = index
    return assigned


def bucket_cost(bucket: Bucket, cost: Cost) -> float:
    """Return the FLOPs of one ink padded to the bucket."""
    return float(cost(np.asarray(bucket.strokes), np.asarray(bucket.tokens)))


def padded_fraction(strokes_N: np.ndarray, tokens_N: np.ndarray, buckets: Sequence[Bucket], cost: Cost) -> float:
    """Return the share of the FLOPs spent on padding, from 0 to 1."""
    assigned = assign_buckets(strokes_N, tokens_N, buckets, cost)
    padded = np.asarray([bucket_cost(bucket, cost) for bucket in buckets])[assigned].sum()
    return float(1 - cost(strokes_N, tokens_N).sum() / padded)
