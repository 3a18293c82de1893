"""Layers that several models share, and the shape suffixes used in models, losses and search.

B batch, S strokes, P points in a stroke, E features of a stroke from the stem, L target tokens, T cached tokens,
D width, H heads, K head size, V vocabulary, W beams. For example, `encoded_BSD` is an array of shape (B, S, D).
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from tegashiki.models import hashed_random

MASKED = -1e9  # logit for masked places; softmax gives them a weight of exactly 0 if any other place is unmasked


def sinusoids(length: int, width: int) -> np.ndarray:
    """Return the sinusoidal position embeddings of Vaswani et al. (2017, section 3.5), float32 (length, width).

    All sines come first, then all cosines.
    """
    rate = np.exp(-np.log(10_000.0) * np.arange(0, width, 2) / width)
    angle = np.arange(length)[:, None] * rate[None, :]
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=-1)[:, :width].astype(np.float32)


def masked_softmax(logits: jax.Array, mask: jax.Array) -> jax.Array:
    """Return the softmax over the last axis in float32.

    Args:
        logits: Logits of any shape.
        mask: bool, broadcastable to the logits. Places with False get weight 0.
    """
    return jax.nn.softmax(jnp.where(mask, logits.astype(jnp.float32), MASKED), axis=-1)


class Dropout(nn.Module):
    """Dropout with the random bits of `hashed_random`; those of `jax.random` would cost more than the layers."""

    rate: float  # probability of setting an element to zero

    @nn.compact
    def __call__(self, x: jax.Array, deterministic: bool) -> jax.Array:
        """Set random elements to zero and scale up the others. Return `x` unchanged if `deterministic`."""
        if deterministic or self.rate == 0.0:
            return x
        bits = hashed_random.bits(hashed_random.seed_from(self.make_rng("dropout")), x.shape)
        kept = bits >= np.uint32(self.rate * 2**32)
        return jnp.where(kept, x / (1.0 - self.rate), 0).astype(x.dtype)


class FeedForward(nn.Module):
    """Two dense layers with a GELU between them.

    The tanh approximation of GELU is used, because the exact form does not convert to a single TFLite operator.
    """

    width: int
    hidden: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Map (..., any) to (..., width)."""
        x = nn.Dense(self.hidden, dtype=self.dtype, name="in")(x)
        return nn.Dense(self.width, dtype=self.dtype, name="out")(nn.gelu(x, approximate=True))


class TokenEmbedding(nn.Module):
    """A table of token vectors.

    It is read by a product with one-hot vectors, which TFLite converts to one EMBEDDING_LOOKUP and can quantise.
    """

    vocabulary_size: int
    width: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, ids: jax.Array) -> jax.Array:
        """Map int32 ids (...) to vectors (..., width). Initially their components have unit variance."""
        table = self.param("table", nn.initializers.normal(1.0), (self.vocabulary_size, self.width))
        return jax.nn.one_hot(ids, self.vocabulary_size, dtype=self.dtype) @ table.astype(self.dtype)


def split_heads(x: jax.Array, heads: int) -> jax.Array:
    """Reshape (B, X, D) to (B, H, X, K)."""
    batch, length, width = x.shape
    return x.reshape(batch, length, heads, width // heads).transpose(0, 2, 1, 3)


def join_heads(x: jax.Array) -> jax.Array:
    """Reshape (B, H, X, K) to (B, X, D)."""
    batch, heads, length, size = x.shape
    return x.transpose(0, 2, 1, 3).reshape(batch, length, heads * size)
