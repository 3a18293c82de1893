"""Greedy decoding of whole batches in one compiled program, for validation during training.

The tokens are the same as those of `tegashiki/decoding` with a beam of one and no grammar (a test checks this).
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID
from tegashiki.models.seq2seq import Seq2Seq

PREDICT_INPUTS = ("points", "boxes", "mask")  # arrays of a batch that decoding needs
Predict = Callable[[optax.Params, dict[str, np.ndarray]], np.ndarray]


def make_predict(model: Seq2Seq, max_tokens: int) -> Predict:
    """Build the compiled function (params, batch) -> ids, int32 (B, max_tokens), with PAD after the end token."""
    return partial(jax.jit(_greedy, static_argnums=(0, 1)), model, max_tokens)


def _greedy(model: Seq2Seq, max_tokens: int, params: optax.Params, batch: dict[str, jax.Array]) -> jax.Array:
    rows, strokes, points, _ = batch["points"].shape

    def apply(method: str, *args: Any) -> Any:
        return model.apply({"params": params}, *args, method=method)

    stems = apply("stem", batch["points"].reshape(rows * strokes, points, 2))
    encoded = apply("encode", stems.reshape(rows, strokes, -1), batch["boxes"], batch["mask"])
    cache = apply("init_cache", encoded, max_tokens)
    # As in `tegashiki/decoding/constraint.py`: PAD and BOS never occur, and the last place can only hold the end token.
    words_V = ~np.isin(np.arange(model.vocabulary_size), (PAD_ID, BOS_ID))
    end_V = np.arange(model.vocabulary_size) == EOS_ID

    def unfinished(carry: tuple) -> jax.Array:
        position, _, _, _, done = carry
        return (position < max_tokens) & ~done.all()

    def read(carry: tuple) -> tuple:
        position, tokens, cache, ids, done = carry
        logits, _, _, cache = apply("decode_step", encoded, cache, tokens, position)
        allowed_V = jnp.where(position + 1 < max_tokens, words_V, end_V)
        best = jnp.where(allowed_V[None], logits, -jnp.inf).argmax(axis=-1)
        tokens = jnp.where(done, PAD_ID, best.astype(jnp.int32))
        ids = jax.lax.dynamic_update_slice_in_dim(ids, tokens[:, None], position, axis=1)
        return position + 1, tokens, cache, ids, done | (tokens == EOS_ID)

    done = ~batch["mask"].any(axis=1)
    first = (
        jnp.zeros((), jnp.int32),
        jnp.full(rows, BOS_ID, jnp.int32),
        cache,
        jnp.full((rows, max_tokens), PAD_ID, jnp.int32),
        done,
    )
    return jax.lax.while_loop(unfinished, read, first)[3]


def predict_all(
    predict: Predict,
    params: optax.Params,
    batches: Iterable[tuple[np.ndarray, dict[str, np.ndarray]]],
    count: int,
    max_tokens: int,
) -> np.ndarray:
    """Decode the inks of several batches.

    Args:
        predict: From `make_predict`.
        params: Parameters of the model.
        batches: Indices of inks and padded batches, from `evaluation_batches`.
        count: Number of inks.
        max_tokens: As for `make_predict`.

    Returns:
        Token ids, int32 (count, max_tokens); only PAD for inks that are in no batch.
    """
    ids = np.full((count, max_tokens), PAD_ID, np.int32)
    for members, batch in batches:
        ids[members] = predict(params, {name: batch[name] for name in PREDICT_INPUTS})[: len(members)]
    return ids


def words(ids_L: np.ndarray) -> tuple[int, ...]:
    """Return the token ids of a row before the end token."""
    stops = np.flatnonzero(np.isin(ids_L, (EOS_ID, PAD_ID)))
    return tuple(int(i) for i in (ids_L[: stops[0]] if len(stops) else ids_L))
