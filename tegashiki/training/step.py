"""One training step over all devices: the only `jax.pmap` of the project.

The state is replicated, the batch is split along its rows. Sums and counts are added over devices and divided once;
the state is placed with a named sharding before the first step, else the second step traces again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training.augment import AugmentConfig, augment
from tegashiki.training.losses import LossConfig, accuracy_sums, loss_counts, loss_sums
from tegashiki.training.state import TrainState, apply_gradients

Metrics = dict[str, jax.Array]
DEVICES = "devices"


@dataclass(frozen=True)
class StepConfig:
    """What a step needs beside the model and the optimiser."""

    loss: LossConfig
    augment: AugmentConfig | None
    end_id: int
    ema: float
    seed: int = 0
    accumulate: int = 1


def make_train_step(
    model: Seq2Seq, optimizer: optax.GradientTransformation, config: StepConfig
) -> Callable[[TrainState, dict[str, np.ndarray]], tuple[TrainState, Metrics]]:
    """Build the compiled step: (state, batch with a leading device axis) -> (state, metrics).

    Metrics are scalars: `loss`, one `loss_NAME` for each part, `accuracy`, `accuracy_without_end`, `gradient_norm`,
    `inks`.
    """

    def step(state: TrainState, batch: dict[str, jax.Array]) -> tuple[TrainState, Metrics]:
        gradients, metrics = gradients_and_metrics(model, state, batch, config)
        metrics["gradient_norm"] = optax.tree.norm(gradients)
        return apply_gradients(state, gradients, optimizer, config.ema), metrics

    return jax.pmap(step, axis_name=DEVICES, in_axes=(None, 0), out_axes=None, donate_argnums=0)


def gradients_and_metrics(
    model: Seq2Seq, state: TrainState, batch: dict[str, jax.Array], config: StepConfig
) -> tuple[optax.Params, Metrics]:
    """Gradients of the mean loss over all devices, and metrics; runs inside a mapped axis named "devices"."""
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
    gradients, sums = jax.lax.psum((gradients, sums), DEVICES)
    accuracy = sums.pop("right") / jnp.maximum(sums.pop("tokens"), 1.0)
    without_end = sums.pop("right_without_end") / jnp.maximum(sums.pop("tokens_without_end"), 1.0)
    return gradients, sums | {"accuracy": accuracy, "accuracy_without_end": without_end}


def _accumulate(
    gradient: Callable, params: optax.Params, batch: dict[str, jax.Array], key: jax.Array, pieces: int
) -> Any:
    """Add up gradients over `pieces` parts of the batch: the denominators are the whole batch's already."""
    parts = jax.tree.map(lambda leaf: leaf.reshape(pieces, leaf.shape[0] // pieces, *leaf.shape[1:]), batch)
    keys = jax.random.split(key, pieces)
    shapes = jax.eval_shape(gradient, params, jax.tree.map(lambda leaf: leaf[0], parts), keys[0])
    zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)

    def add(total: Any, piece: Any) -> tuple[Any, None]:
        return jax.tree.map(jnp.add, total, gradient(params, *piece)), None

    return jax.lax.scan(add, zeros, (parts, keys))[0]


def replicate(state: TrainState) -> TrainState:
    """Place the state on every device, as the step expects and returns it."""
    mesh = Mesh(np.asarray(jax.devices()), (DEVICES,))
    return jax.device_put(state, NamedSharding(mesh, PartitionSpec()))


def place_locally(tree: Any, *, rows: bool) -> Any:
    """Place arrays on the devices of this process: their rows shared out (a multiple of the devices), or each whole."""
    mesh = Mesh(np.asarray(jax.local_devices()), (DEVICES,))
    return jax.device_put(tree, NamedSharding(mesh, PartitionSpec(DEVICES) if rows else PartitionSpec()))


def add_over_processes(tree: Any) -> Any:
    """Sum arrays of the same shapes over all processes; each gets the result."""
    if jax.process_count() == 1:
        return tree
    return jax.tree.map(lambda leaf: np.sum(leaf, axis=0), multihost_utils.process_allgather(tree))


def split_over_devices(batch: dict[str, np.ndarray], devices: int) -> dict[str, np.ndarray]:
    """Reshape (B, ...) to (devices, B / devices, ...)."""
    return {name: value.reshape(devices, value.shape[0] // devices, *value.shape[1:]) for name, value in batch.items()}
