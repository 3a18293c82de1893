import dataclasses
import re
from functools import partial
from itertools import chain, islice

import numpy as np
import pytest

from tegashiki.input_pipeline import recombined
from tegashiki.input_pipeline.batching import EncodedInk, Limits, batch_rows, lengths
from tegashiki.input_pipeline.buckets import Bucket, assign_buckets, choose_buckets
from tegashiki.input_pipeline.recombined import Recombination, RecombinedSource
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, EOS_ID
from tegashiki.models.multiply_adds import ink_multiply_adds
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.config import Config, TrainConfig
from tegashiki.training.feed import Feed, prefetch

LIMITS = Limits(strokes=48, tokens=64)
COST = partial(ink_multiply_adds, ModelConfig(), len(DEFAULT_VOCABULARY))


@pytest.fixture(scope="module")
def recombination() -> Recombination:
    framed_inks = [FramedInk.of_example(example) for example in generate("train", 60, seed=5)]
    return Recombination(framed_inks, DEFAULT_VOCABULARY, LIMITS, RecombineConfig(), seed=7)


@pytest.fixture(scope="module")
def make_source(recombination):
    sample = lengths(recombination.inks(0, 200))
    buckets = (*choose_buckets(*sample, COST, 3)[:-1], Bucket(LIMITS.strokes, LIMITS.tokens))
    rows = batch_rows(buckets, *sample, COST, 24, 2)
    return lambda process=(0, 1), steps=60: RecombinedSource(recombination, buckets, rows, COST, steps, process)


def same(one, other) -> bool:
    return all((one[name] == other[name]).all() for name in one)


def test_a_window_depends_only_on_its_number(make_source):
    source, again = make_source(), make_source()
    assert all(same(*pair) for pair in zip(source[1], again[1], strict=True))
    assert len(source[0]) == len(source[1]) == source.batches_per_window
    shapes = {batch["targets"].shape for batch in source[0]}
    assert not all(
        same(*pair) for pair in zip(source[0], source[1], strict=True) if pair[0]["mask"].shape == pair[1]["mask"].shape
    )
    assert len(shapes) > 1


def test_a_window_holds_large_batches(make_source, monkeypatch):
    """A window must grow with the batches, because a small window has no batches of most shapes."""
    monkeypatch.setattr(recombined, "WINDOW", 4)
    source = make_source()
    assert len(source[0]) == source.batches_per_window > 1
    assert all(batch["weights"].any() for batch in source[0])


def ink_of_strokes(count):
    """Return an ink of `count` strokes and two tokens, with zeros as coordinates."""
    unknown = np.full(count, -1, np.int32)
    points, boxes = np.zeros((count, 32, 2), np.float32), np.zeros((count, 3), np.float32)
    return EncodedInk(points, boxes, np.asarray([3, EOS_ID], np.int32), unknown, unknown)


class Pool:
    """A fast source of inks that draws from a few existing ones."""

    def __init__(self, inks):
        self.pool = inks

    def __len__(self):
        return len(self.pool)

    def inks(self, start, count):
        return [self.pool[i] for i in np.random.default_rng(start).integers(len(self.pool), size=count)]


@pytest.mark.parametrize("devices", [1, 16, 128])
def test_every_bucket_has_its_share_of_training(recombination, devices):
    """This includes buckets that never fill half a batch per window."""
    pool = Pool(recombination.inks(0, 300))
    sample = lengths(pool.pool)
    buckets = (*choose_buckets(*sample, COST, 5)[:-1], Bucket(LIMITS.strokes, LIMITS.tokens))
    share = np.bincount(assign_buckets(*sample, buckets, COST), minlength=5) / len(pool)
    source = RecombinedSource(pool, buckets, batch_rows(buckets, *sample, COST, 24, devices), COST, 10_000)
    trained = np.zeros(5)
    for batch in chain.from_iterable(source[window] for window in range(100)):
        trained[buckets.index(Bucket(batch["mask"].shape[1], batch["targets"].shape[1]))] += len(batch["mask"])
    np.testing.assert_allclose(trained / trained.sum(), share, rtol=0.15)


def test_the_seed_decides_order_and_rounding_for_all_processes():
    """The inks are the same for all seeds here, unlike those of a real recombination."""
    inks = [ink_of_strokes(strokes) for strokes in np.random.default_rng(0).integers(1, 9, size=300)]
    buckets = (Bucket(4, 4), Bucket(8, 4))

    def batches(seed, process=(0, 1)):
        feed = Feed(inks, Pool(inks), [], buckets, (16, 16), (), lambda s, t: s * t, ())
        source = feed.source(Config("x", train=TrainConfig(seed=seed, steps=100)), process)
        return [[batch["mask"].shape[1] for batch in source[window]] for window in range(6)]

    assert batches(7) == batches(7) == batches(7, (0, 2)) == batches(7, (1, 2))
    assert batches(7) != batches(8)
    assert len({tuple(window) for window in batches(7)}) > 1


def test_seed_0_gives_the_draws_of_earlier_versions():
    """Runs that began before the seed was used must continue with the same batches."""
    one, other = (np.random.default_rng([5, 2, *seed]).random(4).tolist() for seed in ([], [0]))
    assert one == other


def test_resuming_needs_only_the_step(make_source):
    source = make_source()
    start = source.batches_per_window + 3
    resumed = next(prefetch(source, start))
    assert same(resumed, source[1][3])


def test_worker_processes_make_the_same_batches(make_source):
    source = make_source()
    start = source.batches_per_window - 2
    made = list(islice(prefetch(source, start, workers=2), 6))
    assert all(map(same, made, islice(prefetch(source, start), 6)))


def test_processes_share_each_batch(make_source):
    whole, first, second = make_source(), make_source((0, 2)), make_source((1, 2))
    for batch, *parts in zip(whole[0], first[0], second[0], strict=True):
        joined = {name: np.concatenate([part[name] for part in parts]) for name in batch}
        assert same(batch, joined)


def test_inks_stay_within_the_limits(recombination):
    strokes, tokens = lengths(recombination.inks(0, 300))
    assert strokes.max() <= LIMITS.strokes and tokens.max() <= LIMITS.tokens


def test_typeset_and_unfinished_inks_have_their_share(recombination):
    framed_inks = [FramedInk.of_example(example) for example in generate("train", 60, seed=5)]
    labels = {framed.tokens for framed in framed_inks}
    still = RecombineConfig.none()

    def made(**settings):
        config = dataclasses.replace(still, **settings)
        return Recombination(framed_inks, DEFAULT_VOCABULARY, LIMITS, config, seed=7).inks(0, 120)

    def known(inks):
        return np.mean([DEFAULT_VOCABULARY.decode(ink.tokens[:-1].tolist()) in labels for ink in inks])

    assert known(made()) == 1.0
    assert 0.3 < known(made(typeset=0.5)) < 0.8
    assert known(made(prefix=1.0)) < 0.5
    assert np.mean(lengths(made(prefix=1.0))[0]) < np.mean(lengths(made())[0])


def test_second_scripts_have_their_share():
    framed_inks = [FramedInk.of_example(example) for example in generate("train", 60, seed=5)]

    def both(share):
        config = dataclasses.replace(RecombineConfig.none(), second_script=share)
        inks = Recombination(framed_inks, DEFAULT_VOCABULARY, LIMITS, config, seed=7).inks(0, 120)
        written = [" ".join(DEFAULT_VOCABULARY.decode(ink.tokens)) for ink in inks]
        return sum(re.search(r"_ { [^{}]* } \^ {", latex) is not None for latex in written)

    assert both(0.0) < both(0.5) < both(1.0)
