"""The interface between a search and a model.

A checkpoint in JAX, a .tflite file in LiteRT and a fake model in a test implement it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

# Arrays by name; the first axis is the beam row. The search reorders the rows. Only the backend reads the content.
Cache = dict[str, Any]


class Backend(Protocol):
    """A model as functions over numpy arrays of fixed shapes. Each backend chooses the width E of a stem's output."""

    @property
    def vocabulary_size(self) -> int:
        """Return V, the number of tokens including the special tokens."""

    @property
    def max_tokens(self) -> int:
        """Return the maximum length of an output, including the end token."""

    @property
    def stroke_sizes(self) -> tuple[int, ...]:
        """Return the numbers of strokes that `encode` accepts, in ascending order."""

    @property
    def beam_sizes(self) -> tuple[int, ...]:
        """Return the numbers of rows that `decode_step` accepts, in ascending order."""

    def stem(self, points_P2: np.ndarray) -> np.ndarray:
        """Return the vector (E,) of one framed stroke, float32 (P, 2)."""

    def encode(self, strokes_SE: np.ndarray, boxes_S3: np.ndarray, mask_S: np.ndarray) -> Any:
        """Encode the strokes of one ink, padded to one of `stroke_sizes`. `mask_S` is True for a real stroke."""

    def init_cache(self, encoded: Any, beams: int) -> Cache:
        """Return the state before the first token for `beams` rows. `beams` is one of `beam_sizes`."""

    def decode_step(
        self, encoded: Any, cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, Cache]:
        """Feed the token at `position` (int32, BOS at 0) to every row.

        Returns:
            The logits (W, V) of the next token, the attention (W, S) over the strokes for that token, and the new
            cache.
        """


@dataclass(frozen=True, eq=False)
class Hidden:
    """The facts about a model's hidden vectors that are needed to compare them.

    Attributes:
        mean_D: float32 (D,), the mean of the hidden vectors over many inks.
        fingerprint: Identifies the model. Only vectors of the same model can be compared.
    """

    mean_D: np.ndarray
    fingerprint: str


class HiddenBackend(Backend, Protocol):
    """A model that also returns the hidden vector from which its last layer computes the logits."""

    @property
    def hidden(self) -> Hidden | None:
        """Return the facts about the hidden vectors, or None if the model file does not have them."""

    def decode_hidden(
        self, encoded: Any, cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Cache]:
        """Decode as `decode_step` does; return logits, attention, hidden vectors (W, D) and the new cache."""


def encode_padded(backend: Backend, stems: Sequence[np.ndarray], boxes_S3: np.ndarray, size: int | None = None) -> Any:
    """Encode one ink, padded to `size` strokes.

    Args:
        backend: The model.
        stems: One vector (E,) for each stroke, at least one.
        boxes_S3: The boxes that `preprocess` returns.
        size: One of the backend's `stroke_sizes`; by default the smallest that holds the ink.
    """
    count = len(stems)
    size = size or next(size for size in backend.stroke_sizes if size >= count)
    stems_SE = np.zeros((size, *np.shape(stems[0])), np.float32)
    padded_S3 = np.zeros((size, 3), np.float32)
    stems_SE[:count], padded_S3[:count] = stems, boxes_S3
    return backend.encode(stems_SE, padded_S3, np.arange(size) < count)
