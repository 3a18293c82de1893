from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from tegashiki.errors import UserError
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import preprocess
from tegashiki.input_pipeline.batching import BatchSource, Limits, batch_rows, evaluation_batches, lengths, pad_batch
from tegashiki.input_pipeline.buckets import Bucket, bucket_cost
from tegashiki.latex.normalize import SLOTS
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID, Vocabulary
from tests.input_pipeline.encoding import encode_example, fits
from tests.models.tiny import BUCKET, random_ink, random_inks

BUCKETS = (Bucket(3, 5), BUCKET)
ROWS = (8, 4)
VOCABULARY = Vocabulary([*"x2y", "^", "{", "}", r"\frac"])


def area(strokes, tokens):
    return strokes * tokens


def source(count=37, steps=100, seed=0, process=(0, 1), inks=None):
    return BatchSource(inks or numbered(count), BUCKETS, ROWS, area, seed, steps, process)


def numbered(count):
    """Return random inks with their number in x of their first point."""
    inks = random_inks(count)
    for number, ink in enumerate(inks):
        ink.points[0, 0, 0] = number
    return inks


def numbers(batch):
    """Return the numbers of the inks in a batch, without empty rows."""
    return batch["points"][batch["mask"].any(axis=1), 0, 0, 0].astype(int).tolist()


def equal(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def example(tokens=("x", "^", "{", "2", "}"), strokes=3, stroke_tokens=(0, 0, 3)):
    rng = np.random.default_rng(0)
    ink = Ink(tuple(rng.normal((i, 0), 1, (5, 2)) for i in range(strokes)))
    return Example(ink, tuple(tokens), np.asarray(stroke_tokens, np.int32))


# One example


def test_encoding_preprocesses_like_a_phone():
    encoded = encode_example(example(), VOCABULARY)
    strokes = preprocess(example().ink)
    np.testing.assert_array_equal(encoded.points, strokes.points_SP2)
    np.testing.assert_array_equal(encoded.boxes, strokes.boxes_S3)
    assert encoded.tokens.tolist() == [*VOCABULARY.encode(["x", "^", "{", "2", "}"]), EOS_ID]
    assert encoded.stroke_tokens.tolist() == [0, 0, 3]
    assert [SLOTS[slot] for slot in encoded.slots] == ["row", "row", "sup"]


def test_a_stroke_with_an_unknown_token_has_no_slot():
    encoded = encode_example(example(stroke_tokens=(-1, 0, -1)), VOCABULARY)
    assert encoded.slots.tolist() == [-1, SLOTS.index("row"), -1]


def test_inks_over_a_limit_or_outside_the_vocabulary_do_not_fit():
    many = example(strokes=4, stroke_tokens=(0, 0, 3, 3))
    long = example(tokens=["x"] * 6, stroke_tokens=(0, 1, 2))
    odd = example(tokens=["z"], stroke_tokens=(0, 0, 0))
    limits = Limits(strokes=3, tokens=6)
    assert fits(example(), VOCABULARY, limits)
    assert not any(fits(each, VOCABULARY, limits) for each in (many, long, odd))


# One batch


def test_a_padded_batch_holds_its_inks_and_padding():
    rng = np.random.default_rng(0)
    inks = [random_ink(rng, 3, 4), random_ink(rng, 5, 2)]
    batch = pad_batch(inks, BUCKET, 3)
    assert {name: value.shape for name, value in batch.items()} == {
        "points": (3, 8, 32, 2),
        "boxes": (3, 8, 3),
        "mask": (3, 8),
        "inputs": (3, 9),
        "targets": (3, 9),
        "weights": (3, 9),
        "stroke_tokens": (3, 8),
        "slots": (3, 8),
    }
    assert batch["mask"].sum(axis=1).tolist() == [3, 5, 0]
    assert batch["weights"].sum(axis=1).tolist() == [5, 3, 0]
    for row, ink in enumerate(inks):
        strokes, tokens = len(ink.boxes), len(ink.tokens)
        np.testing.assert_array_equal(batch["points"][row, :strokes], ink.points)
        np.testing.assert_array_equal(batch["boxes"][row, :strokes], ink.boxes)
        assert batch["inputs"][row, :tokens].tolist() == [BOS_ID, *ink.tokens[:-1]]
        assert batch["targets"][row].tolist() == [*ink.tokens] + [PAD_ID] * (9 - tokens)
        assert batch["stroke_tokens"][row].tolist() == [*ink.stroke_tokens] + [-1] * (8 - strokes)
        assert batch["slots"][row].tolist() == [*ink.slots] + [-1] * (8 - strokes)
    assert not batch["points"][~batch["mask"]].any()
    assert (batch["stroke_tokens"][2] == -1).all()


def test_inks_that_fill_the_bucket_fit():
    ink = random_ink(np.random.default_rng(0), BUCKET.strokes, BUCKET.tokens - 1)
    batch = pad_batch([ink], BUCKET, 1)
    assert batch["mask"].all()
    assert batch["weights"].all()
    assert batch["targets"][0, -1] == EOS_ID


# All batches


def test_batch_t_is_a_pure_function_of_seed_and_t():
    """Batches do not depend on the order of access or on the instance. Another seed gives another order."""
    forwards = [source()[t] for t in (0, 5, 17, 60)]
    again = source()
    backwards = [again[t] for t in (60, 17, 5, 0)][::-1]
    assert all(map(equal, forwards, backwards))
    assert [numbers(source(seed=1)[t]) for t in range(5)] != [numbers(source()[t]) for t in range(5)]


def test_every_epoch_has_every_ink_once_except_for_filling():
    batches = source(37)
    per_epoch = batches.steps_per_epoch
    orders = []
    for epoch in range(3):
        shown = [number for t in range(per_epoch) for number in numbers(batches[epoch * per_epoch + t])]
        counts = Counter(shown)
        assert set(counts) == set(range(37))
        # The last batch of each bucket is filled up with fewer inks than a batch has.
        assert sum(counts.values()) - 37 < sum(ROWS)
        assert max(counts.values()) <= 2
        orders.append(shown)
    assert orders[0] != orders[1] != orders[2]


def test_an_epoch_has_steps_per_epoch_distinct_batches():
    batches = source(37)
    first = {tuple(numbers(batches[t])) for t in range(batches.steps_per_epoch)}
    assert len(first) == batches.steps_per_epoch, "a batch occurs only once in an epoch"


def test_buckets_are_mixed_within_an_epoch():
    shapes = [source(200)[t]["mask"].shape for t in range(source(200).steps_per_epoch)]
    assert sum(a != b for a, b in pairwise(shapes)) > 5


def test_rows_are_full_even_if_a_bucket_has_fewer_inks():
    inks = numbered(3)
    for batch in (source(inks=inks)[t] for t in range(6)):
        assert batch["mask"].any(axis=1).all()


def test_the_rows_of_two_processes_are_the_whole_batch():
    whole, halves = source(), [source(process=(p, 2)) for p in (0, 1)]
    for t in (0, 3, 11, 40):
        joined = {name: np.concatenate([half[t][name] for half in halves]) for name in whole[t]}
        assert equal(joined, whole[t])


def test_rows_that_processes_cannot_share_equally_are_refused():
    with pytest.raises(UserError, match=r"\(8, 4\) rows cannot be divided equally among 3"):
        source(process=(0, 3))


def test_length_is_the_number_of_steps():
    assert len(source(steps=55)) == 55


def test_rows_equalise_the_cost_of_steps():
    inks = random_inks(200)
    rows = batch_rows(BUCKETS, *lengths(inks), area, inks=32, multiple=2)
    costs = [count * bucket_cost(bucket, area) for count, bucket in zip(rows, BUCKETS, strict=True)]
    assert all(count % 2 == 0 for count in rows)
    assert max(costs) / min(costs) < 1.15
    batches = BatchSource(inks, BUCKETS, rows, area, 0, 10)
    assert 200 / batches.steps_per_epoch == pytest.approx(32, rel=0.25)


def test_rows_are_at_least_one_for_each_device():
    assert min(batch_rows(BUCKETS, *lengths(random_inks(20)), area, inks=1, multiple=8)) == 8


# Evaluation


def test_evaluation_has_every_ink_exactly_once():
    inks = numbered(30)
    seen = []
    for members, batch in evaluation_batches(inks, BUCKETS, ROWS, area):
        assert numbers(batch) == members.tolist()
        assert (batch["weights"][len(members) :] == 0).all()
        assert batch["weights"].shape[0] in ROWS
        seen += members.tolist()
    assert sorted(seen) == list(range(30))
