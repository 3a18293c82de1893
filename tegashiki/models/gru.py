"""A bidirectional GRU over strokes and an attention-GRU decoder, with the same contract as the Transformer.

The decoder has the two cells of Zhang et al. (Watch, Attend and Parse, 2017, section 3.2). The first cell reads the
last token, its state is the query of the attention, and the second cell reads the attended strokes. Attention is
additive (Bahdanau et al., 2015), with a coverage term (the sum of earlier weights) and a location term (the last
weights, moved along the geometry between strokes).
"""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from tegashiki.models.layers import Dropout, TokenEmbedding, masked_softmax
from tegashiki.models.stem import PairGeometry, Stem, StrokeEmbedding

LOCATIONS = 8  # number of learnt directions in which the last attention is moved
COVERAGE_HIDDEN = 24

Carry = dict[str, jax.Array]  # "state" (B, D), "covered" (B, S), "previous" (B, S)


class EncoderLayer(nn.Module):
    """A bidirectional GRU over strokes with a residual connection."""

    width: int
    dropout: float
    dtype: jnp.dtype

    @nn.compact
    def __call__(self, x_BSD: jax.Array, mask_BS: jax.Array, deterministic: bool) -> jax.Array:
        """Map (B, S, D) to (B, S, D)."""
        normed = nn.LayerNorm(dtype=self.dtype, name="norm")(x_BSD)
        lengths = mask_BS.astype(jnp.int32).sum(axis=1)
        forward = nn.RNN(nn.GRUCell(self.width, dtype=self.dtype), unroll=4, name="forward")
        backward = nn.RNN(
            nn.GRUCell(self.width, dtype=self.dtype), unroll=4, reverse=True, keep_order=True, name="backward"
        )
        both: list[Any] = [forward(normed, seq_lengths=lengths), backward(normed, seq_lengths=lengths)]
        mixed = nn.Dense(self.width, dtype=self.dtype, name="out")(jnp.concatenate(both, axis=-1))
        return x_BSD + Dropout(self.dropout)(mixed, deterministic=deterministic)


class DecoderCell(nn.Module):
    """One step of the decoder. Training scans it over all tokens, decoding calls it once per token."""

    width: int
    dtype: jnp.dtype

    def setup(self) -> None:
        """Create the two cells and the attention between them."""
        self.read = nn.GRUCell(self.width, dtype=self.dtype)
        self.write = nn.GRUCell(self.width, dtype=self.dtype)
        self.query = nn.Dense(self.width, dtype=self.dtype)
        self.memory_in = nn.Dense(COVERAGE_HIDDEN, dtype=self.dtype)
        self.memory_out = nn.Dense(self.width, use_bias=False, dtype=self.dtype)
        self.energy = nn.Dense(1, use_bias=False, dtype=self.dtype)

    def __call__(self, carry: Carry, token_BD: jax.Array, encoded: dict[str, jax.Array]) -> tuple[Carry, tuple]:
        """Read one token.

        Args:
            carry: The state after the tokens before.
            token_BD: Embedding of the token.
            encoded: The encoded ink, from `GRU.encode`.

        Returns:
            The next carry, and a pair: the state joined with the context (B, 2 D), and the attention (B, S).
        """
        state, _ = self.read(carry["state"], token_BD)
        moved_BGS = jnp.einsum("bi,bgij->bgj", carry["previous"].astype(self.dtype), encoded["bias"])
        seen_BSM = jnp.concatenate(
            [moved_BGS.transpose(0, 2, 1), jnp.stack([carry["covered"], carry["previous"]], axis=-1)], axis=-1
        )
        memory_BSD = self.memory_out(nn.relu(self.memory_in(seen_BSM.astype(self.dtype))))
        asked_BSD = nn.tanh(self.query(state)[:, None] + encoded["key"] + memory_BSD)
        attention_BS = masked_softmax(self.energy(asked_BSD)[..., 0], encoded["mask"])
        context_BD = jnp.einsum("bs,bsd->bd", attention_BS.astype(self.dtype), encoded["strokes"])
        state, _ = self.write(state, context_BD)
        carry = {"state": state, "covered": carry["covered"] + attention_BS, "previous": attention_BS}
        return carry, (jnp.concatenate([state, context_BD], axis=-1), attention_BS)


class GRU(nn.Module):
    """Encoder and decoder with the contract of `seq2seq.py`."""

    vocabulary_size: int
    width: int = 128
    encoder_layers: int = 3
    dropout: float = 0.1
    blind: bool = False
    dtype: jnp.dtype = jnp.float32

    def setup(self) -> None:
        """Create the sub-modules."""
        self.stem = Stem(self.width, self.dtype)
        self.embed_strokes = StrokeEmbedding(self.width, self.dtype)
        self.pairs = PairGeometry(LOCATIONS, self.dtype)
        self.encoder = [EncoderLayer(self.width, self.dropout, self.dtype) for _ in range(self.encoder_layers)]
        self.encoder_norm = nn.LayerNorm(dtype=self.dtype)
        self.key = nn.Dense(self.width, dtype=self.dtype)
        self.first_state = nn.Dense(self.width, dtype=self.dtype)
        self.embed_tokens = TokenEmbedding(self.vocabulary_size, self.width, self.dtype)
        self.cell = DecoderCell(self.width, self.dtype)
        self.hidden = nn.Dense(self.width, dtype=self.dtype)
        self.tokens = nn.Dense(self.vocabulary_size, dtype=self.dtype)
        self.drop = Dropout(self.dropout)

    def encode(
        self, strokes_BSE: jax.Array, boxes_BS3: jax.Array, mask_BS: jax.Array, deterministic: bool = True
    ) -> dict[str, jax.Array]:
        """Encode an ink; see the contract in `seq2seq.py`."""
        x_BSD = self.drop(self.embed_strokes(strokes_BSE, boxes_BS3), deterministic=deterministic)
        for layer in self.encoder:
            x_BSD = layer(x_BSD, mask_BS, deterministic)
        x_BSD = self.encoder_norm(x_BSD)
        # Padded strokes are set to zero, so that their contents cannot influence the result.
        mask_BSS = (mask_BS[:, :, None] & mask_BS[:, None])[:, None]
        bias = jnp.where(mask_BSS, self.pairs(strokes_BSE, boxes_BS3), 0)
        x_BSD = jnp.where(mask_BS[..., None], x_BSD, 0)
        if self.blind:
            x_BSD, bias = jnp.zeros_like(x_BSD), jnp.zeros_like(bias)
        return {"strokes": x_BSD, "key": self.key(x_BSD), "bias": bias, "mask": mask_BS}

    def _first_carry(self, encoded: dict[str, jax.Array]) -> Carry:
        count_B1 = jnp.maximum(encoded["mask"].astype(jnp.float32).sum(axis=1, keepdims=True), 1.0)
        summary_BD = (encoded["strokes"].sum(axis=1) / count_B1).astype(self.dtype)
        nowhere_BS = jnp.zeros(encoded["mask"].shape)
        return {"state": nn.tanh(self.first_state(summary_BD)), "covered": nowhere_BS, "previous": nowhere_BS}

    def _hidden(self, read: jax.Array, token: jax.Array) -> jax.Array:
        return nn.tanh(self.hidden(jnp.concatenate([read, token], axis=-1)))

    def _logits(self, hidden: jax.Array, deterministic: bool) -> jax.Array:
        return self.tokens(self.drop(hidden, deterministic=deterministic)).astype(jnp.float32)

    def decode(
        self, encoded: dict[str, jax.Array], inputs_BL: jax.Array, deterministic: bool = True
    ) -> tuple[jax.Array, jax.Array]:
        """Decode known tokens; return logits (B, L, V) and the attention of tokens to strokes (B, L, S)."""
        tokens_BLD = self.drop(self.embed_tokens(inputs_BL), deterministic=deterministic)
        scan = nn.scan(
            lambda cell, carry, token: cell(carry, token, encoded),
            variable_broadcast="params",
            split_rngs={"params": False},
            in_axes=1,
            out_axes=1,
        )
        _, (read_BLD, attention_BLS) = scan(self.cell, self._first_carry(encoded), tokens_BLD)
        return self._logits(self._hidden(read_BLD, tokens_BLD), deterministic), attention_BLS

    def init_cache(self, encoded: dict[str, jax.Array], max_tokens: int) -> Carry:
        """Return the first state of the decoder. `max_tokens` is ignored, since the state does not grow."""
        del max_tokens
        return self._first_carry(encoded)

    def decode_step(
        self, encoded: dict[str, jax.Array], cache: Carry, tokens_B: jax.Array, position: jax.Array
    ) -> tuple[jax.Array, jax.Array, jax.Array, Carry]:
        """Decode one token; return logits (B, V), attention (B, S), hidden vector (B, D) and the next cache.

        `position` is ignored, since the state depends on all earlier tokens.
        """
        del position
        token_BD = self.embed_tokens(tokens_B)
        cache, (read_BD, attention_BS) = self.cell(cache, token_BD, encoded)
        hidden_BD = self._hidden(read_BD, token_BD)
        return self._logits(hidden_BD, True), attention_BS, hidden_BD.astype(jnp.float32), cache
