"""A random model with hidden vectors, and recognisers with it that can learn."""

import numpy as np

from tegashiki.decoding.backend import Hidden
from tegashiki.recognizer.recognizer import Recognizer
from tests.decoding.fake_backend import STATE, FakeBackend
from tests.recognizer.fake_recognizer import VOCABULARY


class TeachableBackend(FakeBackend):
    def __init__(self, *args, fingerprint="one", **settings):
        super().__init__(*args, **settings)
        self.hidden = Hidden(np.full(STATE, 0.125, np.float32), fingerprint)

    def decode_hidden(self, encoded, cache, tokens_W, position):
        logits_WV, attention_WS, cache = self.decode_step(encoded, cache, tokens_W, position)
        return logits_WV, attention_WS, cache["state"].astype(np.float32), cache


def teachable(seed=0, fingerprint="one", max_tokens=12, **settings):
    backend = TeachableBackend(len(VOCABULARY), max_tokens, seed, fingerprint=fingerprint)
    return Recognizer(backend, VOCABULARY, **settings)


def strokes(count=3, seed=0):
    random = np.random.default_rng(seed)
    return [np.cumsum(random.normal(size=(12, 2)), axis=0) for _ in range(count)]
