"""A tiny recurrent model with random weights.

Its logits depend on all earlier tokens, so that a test notices a wrong cache row.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tegashiki.decoding.backend import Cache

STATE = 6


class FakeBackend:
    def __init__(
        self,
        vocabulary_size: int = 7,
        max_tokens: int = 6,
        seed: int = 0,
        *,
        beam_sizes: tuple[int, ...] = (1, 5),
        stroke_sizes: tuple[int, ...] = (4, 8),
        sharpness: float = 2.0,
    ) -> None:
        random = np.random.default_rng(seed)
        self.vocabulary_size = vocabulary_size
        self.max_tokens = max_tokens
        self.beam_sizes = beam_sizes
        self.stroke_sizes = stroke_sizes
        self.metadata: dict[str, Any] = {}
        self.embedding = random.normal(size=(vocabulary_size, STATE))
        self.recurrence = random.normal(size=(STATE, STATE))
        self.output = 2 * random.normal(size=(STATE, vocabulary_size))
        self.bias = np.zeros(vocabulary_size)
        self.look = random.normal(size=(STATE, 64))
        self.encoded_sizes: list[tuple[int, int]] = []

    def stem(self, points_P2: np.ndarray) -> np.ndarray:
        return points_P2[[0, -1]].ravel().astype(np.float32)

    def encode(self, strokes_SE: np.ndarray, boxes_S3: np.ndarray, mask_S: np.ndarray) -> dict[str, np.ndarray]:
        assert len(strokes_SE) == len(boxes_S3) == len(mask_S)
        assert len(mask_S) in self.stroke_sizes
        assert strokes_SE.dtype == boxes_S3.dtype == np.float32
        assert mask_S.dtype == bool
        assert not strokes_SE[~mask_S].any()
        assert not boxes_S3[~mask_S].any()
        self.encoded_sizes.append((len(mask_S), int(mask_S.sum())))
        state = np.zeros(STATE)
        state[:4] = strokes_SE[mask_S].sum(axis=0)
        return {"state": state, "mask": mask_S}

    def init_cache(self, encoded: dict[str, np.ndarray], beams: int) -> Cache:
        assert beams in self.beam_sizes
        return {"state": np.tile(encoded["state"], (beams, 1)), "history": np.full((beams, self.max_tokens), -1)}

    def decode_step(
        self, encoded: dict[str, np.ndarray], cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, Cache]:
        assert tokens_W.dtype == np.int32
        assert tokens_W.shape == (len(cache["state"]),)
        assert 0 <= position < self.max_tokens
        state = np.tanh(cache["state"] @ self.recurrence + self.embedding[tokens_W])
        history = cache["history"].copy()
        history[:, position] = tokens_W
        scores_WS = state @ self.look[:, : len(encoded["mask"])]
        attention_WS = np.exp(scores_WS) * encoded["mask"]
        attention_WS /= attention_WS.sum(axis=1, keepdims=True)
        return state @ self.output + self.bias, attention_WS.astype(np.float32), {"state": state, "history": history}

    def encoded(self, strokes: int = 3) -> dict[str, np.ndarray]:
        mask_S = np.arange(self.stroke_sizes[0]) < strokes
        return {"state": np.linspace(-1, 1, STATE), "mask": mask_S}

    def log_probability(self, encoded: dict[str, np.ndarray], ids: Sequence[int]) -> float:
        """Return the log probability of `ids` and the end token, computed independently of a search."""
        cache = self.init_cache(encoded, 1)
        total, token = 0.0, 1
        for position, following in enumerate([*ids, 2]):
            logits_WV, _, cache = self.decode_step(encoded, cache, np.array([token], np.int32), position)
            total += logits_WV[0, following] - np.log(np.exp(logits_WV[0]).sum())
            token = following
        return total
