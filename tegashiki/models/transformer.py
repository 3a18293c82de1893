"""A pre-LN Transformer over strokes, with coverage and location biases in the decoder.

The geometry between strokes adds a bias to the attention of the encoder. The cross-attention of the decoder computes
weights twice: first from queries and keys alone, then again with two biases added to the logits:

- coverage: how much attention earlier tokens have paid to each stroke (as in CoMER, Zhao & Gao, ECCV 2022,
  section 3.2), computed from the first weights of this layer and the final weights of the layer below;
- location: the attention of the previous token, moved along the geometry between strokes, for example to the stroke on
  its right or above.

The first weights do not depend on the biases, so training can process all tokens at once.
"""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp

from tegashiki.models.layers import (
    Dropout,
    FeedForward,
    TokenEmbedding,
    join_heads,
    masked_softmax,
    sinusoids,
    split_heads,
)
from tegashiki.models.stem import PairGeometry, Stem, StrokeEmbedding

COVERAGE_HIDDEN = 24


class EncoderLayer(nn.Module):
    """Self-attention over strokes with a geometry bias, then a feed-forward layer."""

    width: int
    heads: int
    dropout: float
    dtype: jnp.dtype

    @nn.compact
    def __call__(self, x_BSD: jax.Array, bias_BHSS: jax.Array, mask_BS: jax.Array, deterministic: bool) -> jax.Array:
        """Map (B, S, D) to (B, S, D)."""
        drop = partial(Dropout(self.dropout), deterministic=deterministic)
        normed = nn.LayerNorm(dtype=self.dtype, name="norm_attention")(x_BSD)
        qkv = nn.Dense(3 * self.width, dtype=self.dtype, name="qkv")(normed)
        query, key, value = (split_heads(part, self.heads) for part in jnp.split(qkv, 3, axis=-1))
        logits = jnp.einsum("bhik,bhjk->bhij", query, key) / jnp.sqrt(float(self.width // self.heads)) + bias_BHSS
        weights = masked_softmax(logits, mask_BS[:, None, None]).astype(self.dtype)
        mixed = join_heads(jnp.einsum("bhij,bhjk->bhik", weights, value))
        x_BSD += drop(nn.Dense(self.width, dtype=self.dtype, name="out")(mixed))
        normed = nn.LayerNorm(dtype=self.dtype, name="norm_mlp")(x_BSD)
        return x_BSD + drop(FeedForward(self.width, 4 * self.width, dtype=self.dtype, name="mlp")(normed))


class CrossAttention(nn.Module):
    """Attention of tokens to strokes, first by content alone, then with the coverage and location biases."""

    width: int
    heads: int
    dtype: jnp.dtype

    def setup(self) -> None:
        """Create the projections. The coverage bias starts at zero."""
        self.query = nn.Dense(self.width, dtype=self.dtype)
        self.key_value = nn.Dense(2 * self.width, dtype=self.dtype)
        self.out = nn.Dense(self.width, dtype=self.dtype)
        self.coverage_in = nn.Dense(COVERAGE_HIDDEN, dtype=self.dtype)
        self.coverage_out = nn.Dense(self.heads, dtype=self.dtype, kernel_init=nn.initializers.zeros)

    def keys_and_values(self, encoded_BSD: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Project the output of the encoder to keys and values (B, H, S, K), once per ink."""
        key, value = jnp.split(self.key_value(encoded_BSD), 2, axis=-1)
        return split_heads(key, self.heads), split_heads(value, self.heads)

    def content_logits(self, x_BLD: jax.Array, key_BHSK: jax.Array) -> jax.Array:
        """Return the logits (B, H, L, S) from queries and keys alone."""
        query = split_heads(self.query(x_BLD), self.heads)
        return jnp.einsum("bhlk,bhsk->bhls", query, key_BHSK) / jnp.sqrt(float(self.width // self.heads))

    def __call__(
        self,
        logits_BHLS: jax.Array,
        value_BHSK: jax.Array,
        bias_BHSS: jax.Array,
        mask_BS: jax.Array,
        coverage_BCLS: jax.Array,
        previous_BLS: jax.Array,
    ) -> tuple[jax.Array, jax.Array]:
        """Compute the final weights and the weighted sum of the values.

        Args:
            logits_BHLS: Result of `content_logits`.
            value_BHSK: Values of the strokes.
            bias_BHSS: Geometry biases of this layer; row i attends to column j.
            mask_BS: True for real strokes.
            coverage_BCLS: Sums of the weights of earlier tokens (C = 2 H: first weights of this layer, then final
                weights of the layer below).
            previous_BLS: First weights of the previous token, averaged over the heads.

        Returns:
            The mixed values (B, L, D) and the final weights (B, H, L, S), float32.
        """
        hidden = nn.relu(self.coverage_in(coverage_BCLS.transpose(0, 2, 3, 1).astype(self.dtype)))
        coverage_bias = self.coverage_out(hidden).transpose(0, 3, 1, 2)
        location_bias = jnp.einsum("bli,bhij->bhlj", previous_BLS.astype(self.dtype), bias_BHSS)
        final = masked_softmax(logits_BHLS + coverage_bias + location_bias, mask_BS[:, None, None])
        mixed = jnp.einsum("bhls,bhsk->bhlk", final.astype(self.dtype), value_BHSK)
        return self.out(join_heads(mixed)), final


class DecoderLayer(nn.Module):
    """Causal self-attention, cross-attention with coverage and location, feed-forward."""

    width: int
    heads: int
    dropout: float
    dtype: jnp.dtype

    def setup(self) -> None:
        """Create the sub-layers."""
        self.norm_self = nn.LayerNorm(dtype=self.dtype)
        self.norm_cross = nn.LayerNorm(dtype=self.dtype)
        self.norm_mlp = nn.LayerNorm(dtype=self.dtype)
        self.self_qkv = nn.Dense(3 * self.width, dtype=self.dtype)
        self.self_out = nn.Dense(self.width, dtype=self.dtype)
        self.cross = CrossAttention(self.width, self.heads, self.dtype)
        self.mlp = FeedForward(self.width, 4 * self.width, dtype=self.dtype)
        self.drop = Dropout(self.dropout)

    def _query_key_value(self, x_BLD: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        query, key, value = jnp.split(self.self_qkv(self.norm_self(x_BLD)), 3, axis=-1)
        return split_heads(query, self.heads), split_heads(key, self.heads), split_heads(value, self.heads)

    def _self_attend(self, query: jax.Array, key: jax.Array, value: jax.Array, mask: jax.Array) -> jax.Array:
        logits = jnp.einsum("bhik,bhjk->bhij", query, key) / jnp.sqrt(float(self.width // self.heads))
        weights = masked_softmax(logits, mask).astype(self.dtype)
        return self.self_out(join_heads(jnp.einsum("bhij,bhjk->bhik", weights, value)))

    def __call__(
        self, x_BLD: jax.Array, memory: dict[str, jax.Array], below_BHLS: jax.Array, deterministic: bool
    ) -> tuple[jax.Array, jax.Array]:
        """Decode all tokens at once (teacher forcing).

        Args:
            x_BLD: Vectors of the tokens.
            memory: `key`, `value` and `bias` of this layer, and `mask`, for the ink.
            below_BHLS: Final weights of the layer below; zeros for the first layer.
            deterministic: False applies dropout.

        Returns:
            The vectors (B, L, D) and the final weights (B, H, L, S).
        """
        length = x_BLD.shape[1]
        causal = jnp.tril(jnp.ones((length, length), bool))[None, None]
        query, key, value = self._query_key_value(x_BLD)
        x_BLD += self.drop(self._self_attend(query, key, value, causal), deterministic=deterministic)
        logits = self.cross.content_logits(self.norm_cross(x_BLD), memory["key"])
        first = masked_softmax(logits, memory["mask"][:, None, None])
        coverage = jnp.concatenate([_sum_before(first), _sum_before(below_BHLS)], axis=1)
        previous = jnp.pad(first.mean(axis=1)[:, :-1], ((0, 0), (1, 0), (0, 0)))
        mixed, final = self.cross(logits, memory["value"], memory["bias"], memory["mask"], coverage, previous)
        x_BLD += self.drop(mixed, deterministic=deterministic)
        return x_BLD + self.drop(self.mlp(self.norm_mlp(x_BLD)), deterministic=deterministic), final

    def step(
        self,
        x_B1D: jax.Array,
        memory: dict[str, jax.Array],
        cache: dict[str, jax.Array],
        covered_below_BHS: jax.Array,
        position: jax.Array,
    ) -> tuple[jax.Array, jax.Array, dict[str, jax.Array]]:
        """Decode one token with the cache.

        Args:
            x_B1D: Vector of the token.
            memory: `key`, `value` and `bias` of this layer, and `mask`, for the ink.
            cache: State of this layer after the earlier tokens.
            covered_below_BHS: Sum of the final weights of the layer below over the earlier tokens.
            position: Index of the token, int32 scalar.

        Returns:
            The vector (B, 1, D), the final weights (B, H, 1, S) and the next cache.
        """
        query, key, value = self._query_key_value(x_B1D)
        key = jax.lax.dynamic_update_slice_in_dim(cache["key"], key, position, axis=2)
        value = jax.lax.dynamic_update_slice_in_dim(cache["value"], value, position, axis=2)
        seen = (jnp.arange(key.shape[2]) <= position)[None, None, None]
        x_B1D += self._self_attend(query, key, value, seen)
        logits = self.cross.content_logits(self.norm_cross(x_B1D), memory["key"])
        first = masked_softmax(logits, memory["mask"][:, None, None])
        coverage = jnp.concatenate([cache["covered_first"], covered_below_BHS], axis=1)[:, :, None]
        mixed, final = self.cross(
            logits, memory["value"], memory["bias"], memory["mask"], coverage, cache["previous"][:, None]
        )
        x_B1D += mixed
        x_B1D += self.mlp(self.norm_mlp(x_B1D))
        cache = {
            "key": key,
            "value": value,
            "covered_first": cache["covered_first"] + first[:, :, 0],
            "covered_final": cache["covered_final"] + final[:, :, 0],
            "previous": first.mean(axis=1)[:, 0],
        }
        return x_B1D, final, cache


def _sum_before(weights_BHLS: jax.Array) -> jax.Array:
    """Sum the weights of all earlier tokens for each token, without its own.

    On CPUs the product with a triangular matrix is faster than a cumulative sum.
    """
    length = weights_BHLS.shape[2]
    return jnp.einsum("ml,bhls->bhms", jnp.tril(jnp.ones((length, length)), -1), weights_BHLS)


class Transformer(nn.Module):
    """Encoder and decoder with the contract of `seq2seq.py`."""

    vocabulary_size: int
    width: int = 128
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 3
    dropout: float = 0.1
    blind: bool = False
    dtype: jnp.dtype = jnp.float32

    def setup(self) -> None:
        """Create the sub-modules."""
        self.stem = Stem(self.width, self.dtype)
        self.embed_strokes = StrokeEmbedding(self.width, self.dtype)
        self.pairs = PairGeometry((self.encoder_layers + self.decoder_layers) * self.heads, self.dtype)
        layer = (self.width, self.heads, self.dropout, self.dtype)
        self.encoder = [EncoderLayer(*layer) for _ in range(self.encoder_layers)]
        self.encoder_norm = nn.LayerNorm(dtype=self.dtype)
        self.embed_tokens = TokenEmbedding(self.vocabulary_size, self.width, self.dtype)
        self.decoder = [DecoderLayer(*layer) for _ in range(self.decoder_layers)]
        self.decoder_norm = nn.LayerNorm(dtype=self.dtype)
        self.tokens = nn.Dense(self.vocabulary_size, dtype=self.dtype)
        self.drop = Dropout(self.dropout)

    def encode(
        self, strokes_BSE: jax.Array, boxes_BS3: jax.Array, mask_BS: jax.Array, deterministic: bool = True
    ) -> dict[str, jax.Array]:
        """Encode an ink; see the contract in `seq2seq.py`."""
        x_BSD = self.drop(self.embed_strokes(strokes_BSE, boxes_BS3), deterministic=deterministic)
        biases = jnp.split(self.pairs(strokes_BSE, boxes_BS3), self.encoder_layers + self.decoder_layers, axis=1)
        for layer, bias in zip(self.encoder, biases, strict=False):
            x_BSD = layer(x_BSD, bias, mask_BS, deterministic)
        x_BSD = self.encoder_norm(x_BSD)
        if self.blind:
            x_BSD, biases = jnp.zeros_like(x_BSD), [jnp.zeros_like(bias) for bias in biases]
        encoded = {"strokes": x_BSD, "mask": mask_BS}
        for index, decoder_layer in enumerate(self.decoder):
            key, value = decoder_layer.cross.keys_and_values(x_BSD)
            encoded |= {f"key{index}": key, f"value{index}": value, f"bias{index}": biases[self.encoder_layers + index]}
        return encoded

    def decode(
        self, encoded: dict[str, jax.Array], inputs_BL: jax.Array, deterministic: bool = True
    ) -> tuple[jax.Array, jax.Array]:
        """Decode all known tokens at once; return logits (B, L, V) and attention of tokens to strokes (B, L, S)."""
        x_BLD = self.embed_tokens(inputs_BL)
        x_BLD += jnp.asarray(sinusoids(inputs_BL.shape[1], self.width), self.dtype)[None]
        x_BLD = self.drop(x_BLD, deterministic=deterministic)
        batch, length = inputs_BL.shape
        final = jnp.zeros((batch, self.heads, length, encoded["mask"].shape[1]))
        attention = []
        for index, layer in enumerate(self.decoder):
            x_BLD, final = layer(x_BLD, _memory(encoded, index), final, deterministic)
            attention.append(final.mean(axis=1))
        return self.tokens(self.decoder_norm(x_BLD)).astype(jnp.float32), attention[self.guided_layer]

    def init_cache(self, encoded: dict[str, jax.Array], max_tokens: int) -> dict[str, jax.Array]:
        """Return the empty cache for up to `max_tokens` tokens: zeros, with B as the first axis."""
        batch, strokes = encoded["mask"].shape
        sizes = {
            "key": (batch, self.heads, max_tokens, self.width // self.heads),
            "value": (batch, self.heads, max_tokens, self.width // self.heads),
            "covered_first": (batch, self.heads, strokes),
            "covered_final": (batch, self.heads, strokes),
            "previous": (batch, strokes),
        }
        kinds = {"key": self.dtype, "value": self.dtype}
        return {
            f"{name}{index}": jnp.zeros(size, kinds.get(name, jnp.float32))
            for index in range(self.decoder_layers)
            for name, size in sizes.items()
        }

    def decode_step(
        self, encoded: dict[str, jax.Array], cache: dict[str, jax.Array], tokens_B: jax.Array, position: jax.Array
    ) -> tuple[jax.Array, jax.Array, jax.Array, dict[str, jax.Array]]:
        """Decode one token; return logits (B, V), attention (B, S), hidden vector (B, D) and the next cache."""
        places = jnp.asarray(sinusoids(cache["key0"].shape[2], self.width), self.dtype)
        x_B1D = self.embed_tokens(tokens_B)[:, None]
        x_B1D += jax.lax.dynamic_slice_in_dim(places, position, 1, axis=0)[None]
        covered_below = jnp.zeros_like(cache["covered_final0"])
        attention = []
        updated: dict[str, jax.Array] = {}
        for index, layer in enumerate(self.decoder):
            own = {name.removesuffix(str(index)): value for name, value in cache.items() if name.endswith(str(index))}
            x_B1D, final, new = layer.step(x_B1D, _memory(encoded, index), own, covered_below, position)
            covered_below = own["covered_final"]
            attention.append(final.mean(axis=1)[:, 0])
            updated |= {f"{name}{index}": value for name, value in new.items()}
        hidden_B1D = self.decoder_norm(x_B1D)
        logits = self.tokens(hidden_B1D).astype(jnp.float32)[:, 0]
        return logits, attention[self.guided_layer], hidden_B1D.astype(jnp.float32)[:, 0], updated

    @property
    def guided_layer(self) -> int:
        """Index of the decoder layer whose attention is trained on the known alignment: the second, if it exists."""
        return min(1, self.decoder_layers - 1)


def _memory(encoded: dict[str, jax.Array], layer: int) -> dict[str, jax.Array]:
    return {name: encoded[f"{name}{layer}"] for name in ("key", "value", "bias")} | {"mask": encoded["mask"]}
