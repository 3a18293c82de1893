"""The compiled greedy decoding of validation equals the search with a beam of one and no grammar."""

from functools import cache

import jax
import numpy as np
import pytest

from tegashiki.decoding.search import search
from tegashiki.input_pipeline.batching import evaluation_batches, pad_batch
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID
from tegashiki.training.checkpoint_backend import CheckpointBackend
from tegashiki.training.greedy import make_predict, predict_all, words
from tests.models.tiny import BUCKET, KINDS, VOCABULARY, random_inks, tiny_model, tiny_params

MAX_TOKENS = 10
ROWS = 8
INKS = random_inks(10)  # not a multiple of ROWS, so that the second batch has empty rows


class TinyBackend(CheckpointBackend):
    """A checkpoint backend with a model that is not in a checkpoint."""

    stroke_sizes = (BUCKET.strokes,)
    max_tokens = MAX_TOKENS

    def __init__(self, model, params):
        self.vocabulary_size = len(VOCABULARY)
        self._bind(model, params)


# For each model: factor of the token embeddings, factor of the output kernel, and bias of the end token. These values
# give readings of several lengths.
TEMPER = {"transformer": (0.3, 4, 4), "gru": (1, 3, 2)}


@cache
def params_of(kind):
    """Parameters that give different readings, some of which are empty, some of medium length, some at the limit."""
    params = jax.tree.map(np.copy, tiny_params(kind))
    before, sharpness, end = TEMPER[kind]
    params["model"]["embed_tokens"]["table"] *= before
    params["model"]["tokens"]["kernel"] *= sharpness
    params["model"]["tokens"]["bias"] += np.float32([2, 2, end] + [0] * (len(VOCABULARY) - 3))  # PAD, BOS, EOS
    return params


@cache
def batch_readings(kind):
    predict = make_predict(tiny_model(kind), MAX_TOKENS)
    batches = evaluation_batches(INKS, [BUCKET], [ROWS], lambda strokes, tokens: strokes * tokens)
    return [words(ids) for ids in predict_all(predict, params_of(kind), batches, len(INKS), MAX_TOKENS)]


@cache
def searched_readings(kind):
    backend = TinyBackend(tiny_model(kind), params_of(kind))
    found = []
    for ink in INKS:
        batch = pad_batch([ink], BUCKET, 1)
        stems = np.zeros((BUCKET.strokes, 23), np.float32)
        for place, points in enumerate(ink.points):
            stems[place] = backend.stem(points)
        found.append(search(backend, backend.encode(stems, batch["boxes"][0], batch["mask"][0]))[0].ids)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_batches_give_the_same_readings_as_the_search(kind):
    assert batch_readings(kind) == searched_readings(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_readings_are_varied_and_without_special_tokens(kind):
    """The comparison above is meaningful only for readings with several lengths and several tokens."""
    lengths = {len(ids) for ids in batch_readings(kind)}
    assert len(lengths) > 2
    assert max(lengths) <= MAX_TOKENS - 1, "the last place must hold the end token"
    words = {i for ids in batch_readings(kind) for i in ids}
    assert len(words) > 1
    assert not words & {PAD_ID, BOS_ID, EOS_ID}


def test_predictions_have_the_order_of_the_inks_and_stop_at_the_end_token():
    rows = {3: [5, 6, EOS_ID, 7], 0: [EOS_ID, 5, 5, 5], 2: [4, 4, 4, 4], 1: [8, PAD_ID, PAD_ID, PAD_ID]}
    fields = dict.fromkeys(("points", "boxes", "mask", "targets"))
    batches = [(np.array([3, 0]), fields | {"mask": [3, 0]}), (np.array([2, 1]), fields | {"mask": [2, 1]})]

    def predict(params, batch):
        assert set(batch) == {"points", "boxes", "mask"}, "the model must not get the labels"
        return np.array([rows[i] for i in batch["mask"]] + [[9, 9, 9, 9]])  # and an empty row

    read = predict_all(predict, None, batches, 5, 4)
    assert [words(ids) for ids in read] == [(), (8,), (4, 4, 4, 4), (5, 6), ()]
