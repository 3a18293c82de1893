"""The training state, which each step updates."""

from typing import Any

import flax.struct
import jax
import jax.numpy as jnp
import numpy as np
import optax

from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training.config import Config
from tegashiki.training.optimizer import make_optimizer

Params = Any


class TrainState(flax.struct.PyTreeNode):
    """Number of steps done, parameters, their moving average, and the state of the optimiser."""

    step: jax.Array  # int32 scalar
    params: Params
    ema: Params
    opt_state: optax.OptState


def create_state(params: Params, optimizer: optax.GradientTransformation) -> TrainState:
    """Return the state before the first step, with the given parameters."""
    # The average is a copy, because a step donates the buffers of its state, and no buffer can be donated twice.
    ema = jax.tree.map(jnp.copy, params)
    return TrainState(step=jnp.zeros((), jnp.int32), params=params, ema=ema, opt_state=optimizer.init(params))


def apply_gradients(
    state: TrainState, gradients: Params, optimizer: optax.GradientTransformation, ema_decay: float
) -> TrainState:
    """Update the state by one step.

    Args:
        state: The state before the step.
        gradients: Tree of gradients, like the parameters.
        optimizer: The optimiser.
        ema_decay: Decay of the moving average; the decay is smaller in the first steps.

    Returns:
        The state after the step.
    """
    updates, opt_state = optimizer.update(gradients, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    count = state.step.astype(jnp.float32)
    decay = jnp.minimum(ema_decay, (1 + count) / (10 + count))
    ema = jax.tree.map(lambda old, new: old + (1 - decay) * (new - old), state.ema, params)
    return TrainState(step=state.step + 1, params=params, ema=ema, opt_state=opt_state)


def abstract_state(config: Config, vocabulary: Vocabulary) -> TrainState:
    """Return the shapes, dtypes and shardings of the state of a run, which Orbax needs to restore it."""
    device = jax.local_devices()[0]
    shapes = jax.eval_shape(lambda: initial_state(config, vocabulary))
    sharding = jax.sharding.SingleDeviceSharding(device)
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding), shapes)


def initial_state(config: Config, vocabulary: Vocabulary) -> TrainState:
    """Return the state before the first step of a run, with random parameters."""
    optimizer = make_optimizer(config.optimizer, config.train.steps)
    return create_state(initial_params(config, vocabulary), optimizer)


def initial_params(config: Config, vocabulary: Vocabulary) -> Params:
    """Draw the parameters of a model with the seed of the run."""
    model = Seq2Seq(config.model, len(vocabulary))
    batch = {
        "points": np.zeros((1, 4, 32, 2), np.float32),
        "boxes": np.zeros((1, 4, 3), np.float32),
        "mask": np.ones((1, 4), bool),
        "inputs": np.zeros((1, 4), np.int32),
    }
    return jax.jit(model.init)(jax.random.key(config.train.seed), batch)["params"]
