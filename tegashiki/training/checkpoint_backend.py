"""A checkpoint as a decoding backend: the same search reads with a checkpoint as with an exported file."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tegashiki.input_pipeline.batching import stroke_sizes
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training.checkpoint import load_checkpoint

STROKE_SIZES = (8, 16, 24, 32, 48, 64, 96, 128)
Arrays = dict[str, jax.Array]


class CheckpointBackend:
    """Implementation of `tegashiki.decoding.backend.Backend` with jitted functions of the averaged parameters."""

    beam_sizes = (1, 5)

    def __init__(self, path: str | Path) -> None:
        """Load the best checkpoint of a work directory, or the checkpoint or parameters at `path`.

        Raises:
            CheckpointError: See `load_checkpoint`.
        """
        checkpoint = load_checkpoint(path)
        self.metadata: dict[str, Any] = {
            "vocabulary": list(checkpoint.vocabulary.tokens),
            "name": checkpoint.config.name,
        }
        self.vocabulary_size = len(checkpoint.vocabulary)
        limits = checkpoint.config.data.limits  # the same limits as in the validations of the run
        self.stroke_sizes, self.max_tokens = stroke_sizes(STROKE_SIZES, limits), limits.tokens
        self._bind(checkpoint.model, checkpoint.state.ema)

    def _bind(self, model: Seq2Seq, params: Any) -> None:
        variables = jax.device_put({"params": params}, jax.local_devices()[0])

        def stem(points_P2: jax.Array) -> Any:
            return model.apply(variables, points_P2[None], method="stem")[0]

        def encode(strokes_SE: jax.Array, boxes_S3: jax.Array, mask_S: jax.Array) -> Any:
            return model.apply(variables, strokes_SE[None], boxes_S3[None], mask_S[None], method="encode")

        def init_cache(encoded: Any, beams: int) -> Any:
            cache = model.apply(variables, encoded, self.max_tokens, method="init_cache")
            return jax.tree.map(lambda leaf: jnp.repeat(leaf, beams, axis=0), cache)

        def step(encoded: Any, cache: Any, tokens_W: jax.Array, position: jax.Array) -> Any:
            rows = len(tokens_W)
            wide = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (rows, *leaf.shape[1:])), encoded)
            return model.apply(variables, wide, cache, tokens_W, position, method="decode_step")

        self._stem, self._encode, self._step = jax.jit(stem), jax.jit(encode), jax.jit(step)
        self._init_cache = jax.jit(init_cache, static_argnums=1)

    def stem(self, points_P2: np.ndarray) -> np.ndarray:
        """Map one stroke's points (P, 2) to its vector (E,)."""
        return np.asarray(self._stem(points_P2))

    def encode(self, strokes_SE: np.ndarray, boxes_S3: np.ndarray, mask_S: np.ndarray) -> Arrays:
        """Encode an ink padded to one of `stroke_sizes`."""
        return self._encode(strokes_SE, boxes_S3, mask_S)

    def init_cache(self, encoded: Arrays, beams: int) -> dict[str, np.ndarray]:
        """Return the empty cache with `beams` rows."""
        return {name: np.asarray(leaf) for name, leaf in self._init_cache(encoded, beams).items()}

    def decode_step(
        self, encoded: Arrays, cache: dict[str, np.ndarray], tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Decode one token in each row; return logits (W, V), attention (W, S) and the next cache."""
        logits, attention, _, cache = self._step(encoded, cache, np.asarray(tokens_W, np.int32), np.int32(position))
        return np.asarray(logits), np.asarray(attention), {name: np.asarray(leaf) for name, leaf in cache.items()}
