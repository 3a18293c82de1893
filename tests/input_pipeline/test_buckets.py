from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from tegashiki.errors import UserError
from tegashiki.input_pipeline.buckets import (
    FINEST,
    Bucket,
    assign_buckets,
    bucket_cost,
    choose_buckets,
    padded_fraction,
)
from tegashiki.models.multiply_adds import ink_multiply_adds
from tegashiki.models.seq2seq import ModelConfig

CROHME_LIKE = partial(ink_multiply_adds, ModelConfig(), 113)


def area(strokes, tokens):
    return strokes * tokens


def histogram(inks=3000, seed=0):
    """Return correlated lengths like those of CROHME: median 12 strokes and 13 tokens, 95th percentile 32 and 38."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(np.log(12), 0.6, inks)
    strokes = np.clip(size * rng.lognormal(0, 0.15, inks), 1, 90).astype(int)
    tokens = np.clip(1.1 * size * rng.lognormal(0, 0.25, inks), 2, 120).astype(int)
    return strokes, tokens


def doubling(strokes_N, tokens_N, count=8):
    """Return buckets of powers of two on both axes, up to the longest ink."""
    top = Bucket(int(strokes_N.max()), int(tokens_N.max()))
    edges = [(2**i, 2**i) for i in range(3, 3 + count - 1)]
    return [Bucket(min(s, top.strokes), min(t, top.tokens)) for s, t in edges] + [top]


def test_chosen_buckets_beat_powers_of_two_and_one_shape():
    lengths = histogram()
    ours = padded_fraction(*lengths, choose_buckets(*lengths, CROHME_LIKE, 8), CROHME_LIKE)
    powers = padded_fraction(*lengths, doubling(*lengths), CROHME_LIKE)
    one = padded_fraction(*lengths, choose_buckets(*lengths, CROHME_LIKE, 1), CROHME_LIKE)
    assert ours < 0.75 * powers < powers < one


def test_more_buckets_never_cost_more():
    lengths = histogram(500)
    fractions = [padded_fraction(*lengths, choose_buckets(*lengths, CROHME_LIKE, n), CROHME_LIKE) for n in range(1, 9)]
    assert all(b <= a + 1e-6 for a, b in pairwise(fractions))


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_every_ink_has_a_bucket_and_no_more_buckets_than_allowed(count):
    strokes, tokens = histogram(700, seed=count)
    buckets = choose_buckets(strokes, tokens, CROHME_LIKE, count)
    assert len(buckets) <= count
    assert list(buckets) == sorted(set(buckets))
    assigned = assign_buckets(strokes, tokens, buckets, CROHME_LIKE)
    assert assigned.min() >= 0
    assert all(strokes <= np.array([b.strokes for b in buckets])[assigned])
    assert all(tokens <= np.array([b.tokens for b in buckets])[assigned])


def test_the_optimum_of_a_small_histogram_is_found():
    """Three buckets hold three clusters without padding. Two buckets are as good as the best of all pairs."""
    strokes, tokens = np.repeat([[3, 10, 20], [5, 4, 30]], 10, axis=1)
    assert choose_buckets(strokes, tokens, area, 3) == (Bucket(3, 5), Bucket(10, 4), Bucket(20, 30))
    assert padded_fraction(strokes, tokens, choose_buckets(strokes, tokens, area, 3), area) == pytest.approx(0)
    pairs = [[Bucket(s, t), Bucket(20, 30)] for s in (3, 10, 20) for t in (4, 5, 30)]
    best = min(padded_fraction(strokes, tokens, pair, area) for pair in pairs)
    chosen = choose_buckets(strokes, tokens, area, 2)
    assert padded_fraction(strokes, tokens, chosen, area) == pytest.approx(best)


def test_an_ink_goes_to_the_cheapest_bucket_that_holds_it():
    buckets = [Bucket(20, 30), Bucket(4, 30), Bucket(20, 5), Bucket(4, 5)]
    strokes, tokens = np.array([4, 5, 4, 20, 21]), np.array([5, 5, 6, 30, 2])
    assert assign_buckets(strokes, tokens, buckets, area).tolist() == [3, 2, 1, 0, -1]


def test_long_axes_are_coarse_but_buckets_hold_every_ink():
    """Lengths may exceed the number of candidate edges per axis, here up to ten times."""
    rng = np.random.default_rng(0)
    strokes, tokens = rng.integers(1, 10 * FINEST, 300), rng.integers(1, 10 * FINEST, 300)
    buckets = choose_buckets(strokes, tokens, area, 4)
    assert assign_buckets(strokes, tokens, buckets, area).min() >= 0
    assert max(b.strokes for b in buckets) == strokes.max()


def test_the_same_lengths_give_the_same_buckets():
    """Every host chooses the buckets by itself, so the choice must be deterministic."""
    lengths = histogram(400)
    assert choose_buckets(*lengths, CROHME_LIKE, 6) == choose_buckets(*lengths, CROHME_LIKE, 6)


def test_padded_fraction_of_a_small_example():
    """Inks of 2 x 3 and 4 x 6 in one shape of 4 x 6 use 30 of 48."""
    assert padded_fraction(np.array([2, 4]), np.array([3, 6]), [Bucket(4, 6)], area) == pytest.approx(1 - 30 / 48)
    assert bucket_cost(Bucket(4, 6), area) == 24


def test_zero_inks_and_zero_buckets_are_refused():
    with pytest.raises(UserError, match="no ink"):
        choose_buckets(np.array([], int), np.array([], int), area, 3)
    with pytest.raises(UserError, match="number of buckets is 0"):
        choose_buckets(np.array([3]), np.array([4]), area, 0)
