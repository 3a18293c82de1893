"""Losses as sums and their denominators. Both are added over all devices and divided once.

The mean of the means of the devices would be wrong, because their masks differ. The denominators depend only on the
batch. They are summed over the devices before the gradient is computed, so that the gradient of the mean is exact.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import optax

Sums = dict[str, jax.Array]


@dataclass(frozen=True)
class LossConfig:
    """Label smoothing, and the weights of the auxiliary losses."""

    label_smoothing: float = 0.0  # share of a target that is spread evenly over the vocabulary
    symbol: float = 0.5  # symbol class of a stroke
    same: float = 0.25  # whether a stroke belongs to the symbol of the stroke before
    slot: float = 0.25  # place of a stroke in its parent (row, numerator, sub, ...)
    attention: float = 0.3  # -log of the attention of a symbol's token to the strokes of the symbol

    def weight(self, name: str) -> float:
        """Return the weight of the loss `name`. The cross-entropy of the tokens has weight 1."""
        return 1.0 if name == "tokens" else getattr(self, name)


def loss_counts(batch: dict[str, jax.Array]) -> Sums:
    """Return the denominator of each loss: the number of tokens or strokes in the batch to which it applies."""
    return {name: weight.sum() for name, weight in _weights(batch).items()}


def loss_sums(outputs: dict[str, jax.Array], batch: dict[str, jax.Array], label_smoothing: float) -> Sums:
    """Sum each loss over the batch.

    Args:
        outputs: Outputs of `Seq2Seq.__call__`.
        batch: A batch as `pad_batch` makes it.
        label_smoothing: Label smoothing of the cross-entropy of the tokens.

    Returns:
        The sums, with the same keys as `loss_counts`.
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
    """Count the teacher-forced tokens, correct ones and all, with and without the end token."""
    right_BL = (outputs["logits"].argmax(axis=-1) == batch["targets"]) * batch["weights"]
    inner_BL = batch["weights"] * (batch["targets"] != end_id)
    return {
        "right": right_BL.sum(),
        "right_without_end": jnp.sum(right_BL * inner_BL),
        "tokens": batch["weights"].sum(),
        "tokens_without_end": inner_BL.sum(),
    }


def strokes_of_tokens(batch: dict[str, jax.Array]) -> jax.Array:
    """Return float32 (B, L, S): 1 where the stroke draws the token according to the known alignment, else 0."""
    tokens = jnp.arange(batch["targets"].shape[1])[None, :, None]
    return (batch["stroke_tokens"][:, None, :] == tokens).astype(jnp.float32)


def _weights(batch: dict[str, jax.Array]) -> dict[str, jax.Array]:
    """Return float32 masks of the places where each loss applies.

    These are real tokens, strokes whose symbol is known, or tokens whose strokes are known.
    """
    known_BS = (batch["mask"] & (batch["stroke_tokens"] >= 0)).astype(jnp.float32)
    # "same" needs a stroke before, and both symbols must be known.
    pair_BS = jnp.pad(known_BS[:, 1:] * known_BS[:, :-1], ((0, 0), (1, 0)))
    drawn_BL = (strokes_of_tokens(batch) * known_BS[:, None]).max(axis=-1)
    return {
        "tokens": batch["weights"],
        "symbol": known_BS,
        "same": pair_BS,
        "slot": known_BS * (batch["slots"] >= 0),
        "attention": drawn_BL * batch["weights"],
    }
