"""What a search needs of a model, whatever runs it: a checkpoint in JAX, a .tflite in LiteRT, a table in a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

# One array a name, the beam rows first. The search reorders its rows; otherwise only the backend looks inside.
Cache = dict[str, Any]


class Backend(Protocol):
    """A model as functions over numpy arrays of fixed shapes. The width E of a stem's output is its own affair."""

    @property
    def vocabulary_size(self) -> int:
        """Return V, the special tokens included."""

    @property
    def max_tokens(self) -> int:
        """Return the length of the longest output, the end token included."""

    @property
    def stroke_sizes(self) -> tuple[int, ...]:
        """Return the numbers of strokes that `encode` takes, ascending."""

    @property
    def beam_sizes(self) -> tuple[int, ...]:
        """Return the numbers of rows that `decode_step` takes, ascending."""

    def stem(self, points_P2: np.ndarray) -> np.ndarray:
        """Turn one framed stroke, float32 (P, 2), into its vector (E,)."""

    def encode(self, strokes_SE: np.ndarray, boxes_S3: np.ndarray, mask_S: np.ndarray) -> Any:
        """Encode the strokes of one ink, padded to one of `stroke_sizes`; `mask_S` is True for a real stroke."""

    def init_cache(self, encoded: Any, beams: int) -> Cache:
        """Return the state before the first token for `beams` rows, one of `beam_sizes`."""

    def decode_step(
        self, encoded: Any, cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, Cache]:
        """Feed token `position` (int32, BOS at 0) to every row.

        Returns logits (W, V) of the next token, the attention (W, S) over strokes it was read with, and the new cache.
        """


@dataclass(frozen=True, eq=False)
class Hidden:
    """What has to be known of a model's hidden vectors to compare them.

    mean_D: float32 (D,), their mean over much ink. fingerprint: tells this model's vectors from all others.
    """

    mean_D: np.ndarray
    fingerprint: str


class HiddenBackend(Backend, Protocol):
    """A model that also shows the vector which its last layer turns into logits."""

    @property
    def hidden(self) -> Hidden | None:
        """Return what is known of the vectors; None where the file does not say."""

    def decode_hidden(
        self, encoded: Any, cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Cache]:
        """Do what `decode_step` does; returns logits, attention, hidden vectors (W, D) and the new cache."""


def encode_padded(backend: Backend, stems: Sequence[np.ndarray], boxes_S3: np.ndarray, size: int | None = None) -> Any:
    """Encode one ink, padded to `size` strokes, or to the smallest size that holds it.

    Args:
      backend: the model.
      stems: one a stroke, each (E,); at least one.
      boxes_S3: as `preprocess` gives them.
      size: one of the backend's `stroke_sizes`.
    """
    count = len(stems)
    size = size or next(size for size in backend.stroke_sizes if size >= count)
    stems_SE = np.zeros((size, *np.shape(stems[0])), np.float32)
    padded_S3 = np.zeros((size, 3), np.float32)
    stems_SE[:count], padded_S3[:count] = stems, boxes_S3
    return backend.encode(stems_SE, padded_S3, np.arange(size) < count)
