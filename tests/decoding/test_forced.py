import numpy as np
import pytest

from tegashiki.decoding.calibration import Calibration
from tegashiki.decoding.forced import following, force, likeliest
from tegashiki.decoding.search import search
from tegashiki.latex.vocabulary import BOS_ID, PAD_ID
from tests.decoding.fake_backend import FakeBackend


def test_forced_scores_equal_search_scores():
    backend = FakeBackend(vocabulary_size=15, max_tokens=20, seed=3)
    encoded, calibration = backend.encoded(), Calibration(0.8, 0.05)
    for chosen in ({}, {"calibration": calibration}):
        found = search(backend, encoded, beams=5, results=5, **chosen)
        scores = force(backend, encoded, [h.ids for h in found], **chosen)
        for h, scores_L in zip(found, scores, strict=True):
            np.testing.assert_allclose(scores_L, h.token_log_probabilities, atol=1e-12)


def test_one_sequence_uses_the_smallest_beam_size():
    backend = FakeBackend(max_tokens=20)
    (scores_L,) = force(backend, backend.encoded(), [(4, 5, 3)])
    assert scores_L.sum() == pytest.approx(backend.log_probability(backend.encoded(), (4, 5, 3)))


def test_following_agrees_with_forced_scores():
    backend = FakeBackend()
    scores_V = following(backend, backend.encoded(), (4, 5))
    assert np.exp(scores_V).sum() == pytest.approx(1)
    expected = [force(backend, backend.encoded(), [(4, 5, token)])[0][2] for token in range(3, 7)]
    np.testing.assert_allclose(scores_V[3:], expected)


def test_likeliest_returns_the_likeliest_token_after_each_prefix():
    backend, ids = FakeBackend(max_tokens=20, seed=3), (4, 5, 3, 6)
    found = likeliest(backend, backend.encoded(), ids)
    assert found == [int(following(backend, backend.encoded(), ids[:length]).argmax()) for length in range(5)]
    assert len(set(found)) > 1
    backend.bias[[PAD_ID, BOS_ID]] = -100  # a search never takes these
    greedy = search(backend, backend.encoded())[0]  # given its own reading, a model predicts it
    assert likeliest(backend, backend.encoded(), greedy.ids)[:-1] == list(greedy.ids)
