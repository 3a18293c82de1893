"""One training step on all devices: the gradients with the only `jax.pmap` of the project, then the update.

The state is replicated, and the batch is split along its rows. Sums and counts are added over all devices and divided
once. The state must have a named sharding before the first step (`replicate`), or the second step is traced again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.experimental import multihost_utils
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training.augment import AugmentConfig, augment
from tegashiki.training.losses import LossConfig, accuracy_sums, loss_counts, loss_sums
from tegashiki.training.state import TrainState, apply_gradients

Metrics = dict[str, jax.Array]
DEVICES = "devices"


@dataclass(frozen=True)
class StepConfig:
    """Settings of a step besides the model and the optimiser."""

    loss: LossConfig
    augment: AugmentConfig | None  # None: no augmentation
    end_id: int  # id of the end token
    ema: float  # decay of the moving average of the parameters
    seed: int = 0
    accumulate: int = 1  # micro-batches per step


def make_train_step(
    model: Seq2Seq, optimizer: optax.GradientTransformation, config: StepConfig
) -> Callable[[TrainState, dict[str, np.ndarray]], tuple[TrainState, Metrics]]:
    """Build the compiled step.

    Args:
        model: The model.
        optimizer: The optimiser.
        config: Settings of the step.

    Returns:
        A function (state, batch) -> (state, metrics). The arrays of the batch have a leading device axis, and the step
        donates the old state. The metrics are scalars: `loss`, one `loss_NAME` for each part of the loss, `accuracy`,
        `accuracy_without_end`, `gradient_norm` and `inks`.
    """

    def update(state: TrainState, gradients: optax.Params) -> tuple[TrainState, jax.Array]:
        return apply_gradients(state, gradients, optimizer, config.ema), optax.tree.norm(gradients)

    # The update is a program of its own: it does not depend on the shape of the batch, so it is compiled only once.
    gradients_of = jax.pmap(
        partial(gradients_and_metrics, model, config=config), axis_name=DEVICES, in_axes=(None, 0), out_axes=None
    )
    compiled_update = jax.jit(update, donate_argnums=0)

    def step(state: TrainState, batch: dict[str, np.ndarray]) -> tuple[TrainState, Metrics]:
        gradients, metrics = gradients_of(state, batch)
        state, norm = compiled_update(state, gradients)
        return state, metrics | {"gradient_norm": norm}

    return step


def gradients_and_metrics(
    model: Seq2Seq, state: TrainState, batch: dict[str, jax.Array], config: StepConfig
) -> tuple[optax.Params, Metrics]:
    """Compute the gradients of the mean loss over all devices, and the metrics except `gradient_norm`.

    This function must be called inside a mapped axis named "devices".
    """
    key = jax.random.fold_in(jax.random.key(config.seed), state.step)
    key = jax.random.fold_in(key, jax.lax.axis_index(DEVICES))
    counts = jax.lax.psum(loss_counts(batch), DEVICES)

    def weighted_loss(params: optax.Params, part: dict[str, jax.Array], key: jax.Array) -> tuple[jax.Array, Metrics]:
        augment_key, dropout_key = jax.random.split(key)
        if config.augment is not None:
            part = augment(augment_key, part, config.augment)
        outputs: Any = model.apply({"params": params}, part, deterministic=False, rngs={"dropout": dropout_key})
        sums = loss_sums(outputs, part, config.loss.label_smoothing)
        parts = {f"loss_{name}": value / jnp.maximum(counts[name], 1.0) for name, value in sums.items()}
        loss = jnp.sum(jnp.stack([config.loss.weight(name) * parts[f"loss_{name}"] for name in sums]))
        inks = (part["weights"].sum(axis=1) > 0).sum()
        return loss, {"loss": loss, **parts, **accuracy_sums(outputs, part, config.end_id), "inks": inks}

    gradient = jax.grad(weighted_loss, has_aux=True)
    if config.accumulate == 1:
        gradients, sums = gradient(state.params, batch, key)
    else:
        gradients, sums = _accumulate(gradient, state.params, batch, key, config.accumulate)
    flat, unravel = ravel_pytree((gradients, sums))
    gradients, sums = unravel(jax.lax.psum(flat, DEVICES))  # one sum over the devices instead of one per parameter
    accuracy = sums.pop("right") / jnp.maximum(sums.pop("tokens"), 1.0)
    without_end = sums.pop("right_without_end") / jnp.maximum(sums.pop("tokens_without_end"), 1.0)
    return gradients, sums | {"accuracy": accuracy, "accuracy_without_end": without_end}


def _accumulate(
    gradient: Callable, params: optax.Params, batch: dict[str, jax.Array], key: jax.Array, pieces: int
) -> Any:
    """Add up the gradients and sums of `pieces` parts of the batch. Their losses use the counts of the whole batch."""
    parts = jax.tree.map(lambda leaf: leaf.reshape(pieces, leaf.shape[0] // pieces, *leaf.shape[1:]), batch)
    keys = jax.random.split(key, pieces)
    shapes = jax.eval_shape(gradient, params, jax.tree.map(lambda leaf: leaf[0], parts), keys[0])
    zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)

    def add(total: Any, piece: Any) -> tuple[Any, None]:
        return jax.tree.map(jnp.add, total, gradient(params, *piece)), None

    return jax.lax.scan(add, zeros, (parts, keys))[0]


def replicate(state: TrainState) -> TrainState:
    """Copy the state to every device, with the sharding that the step expects and returns."""
    mesh = Mesh(np.asarray(jax.devices()), (DEVICES,))
    return jax.device_put(state, NamedSharding(mesh, PartitionSpec()))


def place_locally(tree: Any, *, rows: bool) -> Any:
    """Place arrays on the devices of this process.

    Args:
        tree: Tree of arrays.
        rows: True splits the rows over the devices, of whose number they must be a multiple; False copies the arrays to
            each device.
    """
    mesh = Mesh(np.asarray(jax.local_devices()), (DEVICES,))
    return jax.device_put(tree, NamedSharding(mesh, PartitionSpec(DEVICES) if rows else PartitionSpec()))


def add_over_processes(tree: Any) -> Any:
    """Sum a tree of arrays over all processes. The shapes are the same in all processes, and each gets the sums."""
    if jax.process_count() == 1:
        return tree
    return jax.tree.map(lambda leaf: np.sum(leaf, axis=0), multihost_utils.process_allgather(tree))


def split_over_devices(batch: dict[str, np.ndarray], devices: int) -> dict[str, np.ndarray]:
    """Reshape (B, ...) to (devices, B / devices, ...)."""
    return {name: value.reshape(devices, value.shape[0] // devices, *value.shape[1:]) for name, value in batch.items()}
