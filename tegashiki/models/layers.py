"""Layers that several models share, and the key to the shape suffixes used in models, losses and search.

B batch, S strokes, P points in a stroke, E features of a stroke out of the stem, L target tokens, T cached tokens,
D width, H heads, K head size, V vocabulary, W beams. `encoded_BSD` is an array of shape (B, S, D).
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

MASKED = -1e9  # a logit that the softmax turns into exactly 0 beside any real one


def sinusoids(length: int, width: int) -> np.ndarray:
    """Return the sinusoidal positions of Vaswani et al. (2017, section 3.5), float32 (length, width)."""
    rate = np.exp(-np.log(10_000.0) * np.arange(0, width, 2) / width)
    angle = np.arange(length)[:, None] * rate[None, :]
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=-1)[:, :width].astype(np.float32)


def masked_softmax(logits: jax.Array, mask: jax.Array) -> jax.Array:
    """Softmax over the last axis in float32; False in `mask` (which must broadcast) gets weight 0."""
    return jax.nn.softmax(jnp.where(mask, logits.astype(jnp.float32), MASKED), axis=-1)


class FeedForward(nn.Module):
    """Two dense layers with a tanh-form GELU between them: the exact form does not convert to one TFLite operator."""

    width: int
    hidden: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Map (..., any) to (..., width)."""
        x = nn.Dense(self.hidden, dtype=self.dtype, name="in")(x)
        return nn.Dense(self.width, dtype=self.dtype, name="out")(nn.gelu(x, approximate=True))


class TokenEmbedding(nn.Module):
    """A table of token vectors, read by a one-hot product: TFLite makes one EMBEDDING_LOOKUP of it and quantises it."""

    vocabulary_size: int
    width: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, ids: jax.Array) -> jax.Array:
        """Map int32 ids (...) to vectors (..., width) of about unit length per component."""
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
