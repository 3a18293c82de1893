"""Losses as sums with their denominators, so that devices add both and divide once.

A mean of per-device means is wrong when masks differ. The denominators depend on the batch alone: they are summed over
devices before the gradient is taken, and the gradient of the weighted sum is then exact.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import optax

Sums = dict[str, jax.Array]


@dataclass(frozen=True)
class LossConfig:
    """What each part of the loss weighs."""

    label_smoothing: float = 0.0  # share of a target spread evenly over the vocabulary
    symbol: float = 0.5  # a stroke's symbol class
    same: float = 0.25  # whether a stroke belongs to the symbol of the stroke before
    slot: float = 0.25  # a stroke's place in its parent (row, numerator, sub, ...)
    attention: float = 0.3  # -log of the attention that a symbol's token pays to the symbol's strokes

    def weight(self, name: str) -> float:
        """Weight of the loss `name`; the tokens' own cross-entropy weighs 1."""
        return 1.0 if name == "tokens" else getattr(self, name)


def loss_counts(batch: dict[str, jax.Array]) -> Sums:
    """Denominators of the losses: how many tokens or strokes of this batch each is taken over."""
    return {name: weight.sum() for name, weight in _weights(batch).items()}


def loss_sums(outputs: dict[str, jax.Array], batch: dict[str, jax.Array], label_smoothing: float) -> Sums:
    """Sum each loss over the batch; the keys are those of `loss_counts`.

    Args:
      outputs: of `Seq2Seq.__call__`.
      batch: as `pad_batch` makes it.
      label_smoothing: of the tokens' cross-entropy.
    """
    weights = _weights(batch)
    targets = optax.smooth_labels(jax.nn.one_hot(batch["targets"], outputs["logits"].shape[-1]), label_smoothing)
    stroke_tokens_BS = jnp.maximum(batch["stroke_tokens"], 0)
    classes_BS = jnp.take_along_axis(batch["targets"], stroke_tokens_BS, axis=1)
    same_BS = jnp.pad(batch["stroke_tokens"][:, 1:] == batch["stroke_tokens"][:, :-1], ((0, 0), (1, 0)))
    seen_BL = jnp.sum(outputs["attention"] * strokes_of_tokens(batch), axis=-1)
    losses = {
        "tokens": optax.softmax_cross_entropy(outputs["logits"], targets),
        "symbol": optax.softmax_cross_entropy_with_integer_labels(outputs["symbol"], classes_BS),
        "same": optax.sigmoid_binary_cross_entropy(outputs["same"], same_BS.astype(jnp.float32)),
        "slot": optax.softmax_cross_entropy_with_integer_labels(outputs["slot"], jnp.maximum(batch["slots"], 0)),
        "attention": -jnp.log(seen_BL + 1e-6),
    }
    return {name: jnp.sum(jnp.where(weights[name] > 0, loss * weights[name], 0)) for name, loss in losses.items()}


def accuracy_sums(outputs: dict[str, jax.Array], batch: dict[str, jax.Array], end_id: int) -> Sums:
    """Counts of teacher-forced tokens, right and in all, with and without the end token."""
    right_BL = (outputs["logits"].argmax(axis=-1) == batch["targets"]) * batch["weights"]
    inner_BL = batch["weights"] * (batch["targets"] != end_id)
    return {
        "right": right_BL.sum(),
        "right_without_end": jnp.sum(right_BL * inner_BL),
        "tokens": batch["weights"].sum(),
        "tokens_without_end": inner_BL.sum(),
    }


def strokes_of_tokens(batch: dict[str, jax.Array]) -> jax.Array:
    """Float32 (B, L, S): 1 where the stroke draws the token, by the known alignment."""
    tokens = jnp.arange(batch["targets"].shape[1])[None, :, None]
    return (batch["stroke_tokens"][:, None, :] == tokens).astype(jnp.float32)


def _weights(batch: dict[str, jax.Array]) -> dict[str, jax.Array]:
    """1 where a loss applies, float32: real tokens, strokes whose symbol is known, tokens whose strokes are known."""
    known_BS = (batch["mask"] & (batch["stroke_tokens"] >= 0)).astype(jnp.float32)
    # The first stroke has none before it; a neighbour of unknown symbol says nothing.
    pair_BS = jnp.pad(known_BS[:, 1:] * known_BS[:, :-1], ((0, 0), (1, 0)))
    drawn_BL = (strokes_of_tokens(batch) * known_BS[:, None]).max(axis=-1)
    return {
        "tokens": batch["weights"],
        "symbol": known_BS,
        "same": pair_BS,
        "slot": known_BS * (batch["slots"] >= 0),
        "attention": drawn_BL * batch["weights"],
    }
