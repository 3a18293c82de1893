"""A random model with hidden vectors, and recognisers with it that can learn."""

from typing import Any

import numpy as np

from tegashiki.decoding.backend import Cache, Hidden
from tegashiki.recognizer.recognizer import Recognizer
from tests.decoding.fake_backend import STATE, FakeBackend
from tests.recognizer.fake_recognizer import VOCABULARY


class TeachableBackend(FakeBackend):
    def __init__(self, *args: Any, fingerprint: str = "one", **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.hidden = Hidden(np.full(STATE, 0.125, np.float32), fingerprint)

    def decode_hidden(
        self, encoded: dict[str, np.ndarray], cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, Cache]:
        logits_WV, attention_WS, cache = self.decode_step(encoded, cache, tokens_W, position)
        return logits_WV, attention_WS, cache["state"].astype(np.float32), cache


def teachable(seed: int = 0, fingerprint: str = "one", max_tokens: int = 12, **settings: Any) -> Recognizer:
    backend = TeachableBackend(len(VOCABULARY), max_tokens, seed, fingerprint=fingerprint)
    return Recognizer(backend, VOCABULARY, **settings)


def strokes(count: int = 3, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [np.cumsum(random.normal(size=(12, 2)), axis=0) for _ in range(count)]
