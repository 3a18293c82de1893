"""Results of validation for a fake model, which reads its tokens from the boxes of the ink."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tegashiki.input_pipeline import batching
from tegashiki.input_pipeline.batching import pad_batch
from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.training import validation
from tegashiki.training.validation import make_validate
from tests.models.tiny import VOCABULARY
from tests.training.tiny_run import feed

SURE = 20.0  # the logit of the predicted token; all others are 0


class Parrot:
    """A fake model, whose t-th token is the size in box t."""

    vocabulary_size = len(VOCABULARY)

    def apply(self, variables, *args, method="forward"):
        return getattr(self, method)(*args)

    def says(self, ids):
        return SURE * jax.nn.one_hot(ids.astype(jnp.int32), self.vocabulary_size)

    def forward(self, batch):
        length = batch["targets"].shape[1]
        spelled = jnp.pad(batch["boxes"][..., 2], ((0, 0), (0, length)))[:, :length]
        strokes = jnp.zeros((*batch["mask"].shape, self.vocabulary_size))
        return {
            "logits": self.says(spelled),
            "attention": jnp.zeros((*batch["targets"].shape, batch["mask"].shape[1])),
            "symbol": strokes,
            "same": strokes[..., 0],
            "slot": strokes[..., :7],
        }

    def stem(self, points):
        return points[:, 0]

    def encode(self, stems, boxes, mask):
        return boxes[..., 2]

    def init_cache(self, encoded, max_tokens):
        return {}

    def decode_step(self, encoded, cache, tokens, position):
        return self.says(jax.lax.dynamic_index_in_dim(encoded, position, 1, keepdims=False)), None, None, cache


def spelling(ink, ids):
    """The ink with 8 strokes, as many as the bucket has, whose boxes hold the token ids `ids`."""
    boxes = np.zeros((8, 3), np.float32)
    boxes[: len(ids), 2] = ids
    return replace(
        ink,
        boxes=boxes,
        points=np.zeros((8, 32, 2), np.float32),
        stroke_tokens=np.full(8, -1, np.int32),
        slots=np.full(8, -1, np.int32),
    )


@pytest.fixture(scope="module")
def found():
    """Result for labels of 3 tokens: two readings are right, one has a wrong token, one has two tokens too many."""
    base, truth = feed().validation[0], [4, 5, 6, EOS_ID]
    ink = replace(base, tokens=np.asarray(truth, np.int32))
    read = [[4, 5, 6, EOS_ID], [4, 5, 7, EOS_ID], [4, 5, 6, EOS_ID], [4, 5, 6, 7, 8, EOS_ID]]
    parrot_feed = replace(feed(), validation=[spelling(ink, ids) for ids in read])
    return make_validate(Parrot(), VOCABULARY, parrot_feed, 7)({})


def test_exprate_and_cer(found):
    score = found.score
    assert (score.inks, score.exprate, score.exprate_le1, score.exprate_le2) == (4, 50.0, 75.0, 100.0)
    assert score.cer == pytest.approx(3 / 12)


def test_predictions_and_truths_have_the_order_of_the_inks(found):
    assert [len(tokens) for tokens in found.predictions] == [3, 3, 3, 5]
    assert found.truths == [VOCABULARY.decode([4, 5, 6])] * 4
    assert found.predictions[0] == found.truths[0] != found.predictions[1]


def test_loss_and_accuracy_are_over_all_real_tokens(found):
    """Of 16 tokens two are wrong: a symbol, and an end token in whose place a fourth symbol is predicted."""
    right = np.log1p((len(VOCABULARY) - 1) * np.exp(-SURE))
    assert found.loss == pytest.approx((14 * right + 2 * (SURE + right)) / 16, rel=1e-4)
    assert found.accuracy == pytest.approx(14 / 16)
    assert found.accuracy_without_end == pytest.approx(11 / 12)
    assert found.metrics()["loss_tokens"] == found.loss


def test_every_process_gets_the_whole_result(monkeypatch):
    """Two simulated processes read their own batches, and their sums are added."""
    base = feed().validation[0]
    ink = replace(base, tokens=np.asarray([4, 5, EOS_ID], np.int32))
    parrot_feed = replace(feed(), validation=[spelling(ink, [4, number % 7 + 3, EOS_ID]) for number in range(40)])
    whole = make_validate(Parrot(), VOCABULARY, parrot_feed, 7)({})
    shares = []

    def gathered(tree):
        shares.append(tree)
        return tree if len(shares) == 1 else jax.tree.map(np.add, *shares)

    monkeypatch.setattr(jax, "process_count", lambda: 2)
    monkeypatch.setattr("tegashiki.training.validation.add_over_processes", gathered)
    for rank in range(2):
        monkeypatch.setattr(jax, "process_index", lambda rank=rank: rank)
        found = make_validate(Parrot(), VOCABULARY, parrot_feed, 7)({})
        assert (found == whole) == (rank == 1), "the first process alone has only a part of the result"


def test_batches_are_made_one_ahead_by_the_process_that_reads_them(monkeypatch):
    """Record the order in which batches are made and results are fetched in the second of two processes."""
    base = feed().validation[0]
    inks = [replace(base, tokens=np.asarray([4, EOS_ID], np.int32))] * 32 * 9
    parrot_feed = replace(feed(), validation=[spelling(ink, [4, EOS_ID]) for ink in inks])
    events, place = [], validation.place_locally

    class Read:
        def __init__(self, rows):
            self.ids = np.full((rows, 7), EOS_ID, np.int32)

        def __array__(self, dtype=None, copy=None):
            events.append("fetched")
            return self.ids

    def placed(tree, *, rows):
        events.extend(["made"] if rows else [])
        return place(tree, rows=rows)

    monkeypatch.setattr(validation, "place_locally", placed)
    monkeypatch.setattr(validation, "make_predict", lambda *_: lambda _, batch: Read(len(batch["mask"])))
    monkeypatch.setattr(validation, "add_over_processes", lambda tree: tree)
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    monkeypatch.setattr(jax, "process_index", lambda: 1)
    padded = []
    monkeypatch.setattr(batching, "pad_batch", lambda *args: padded.append(args) or pad_batch(*args))
    make_validate(Parrot(), VOCABULARY, parrot_feed, 7)({})
    assert events == ["made", *["made", "fetched"] * 3, "fetched"]
    assert len(padded) == 4, "of nine batches the second process makes only its own four"
