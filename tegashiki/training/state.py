"""What training carries from step to step, and the optimiser that moves it."""

from dataclasses import dataclass
from typing import Any

import flax.struct
import jax
import jax.numpy as jnp
import optax

Params = Any


@dataclass(frozen=True)
class OptimizerConfig:
    """AdamW with a warm-up, a flat part and a cosine."""

    learning_rate: float = 1e-3  # at its height
    warmup_steps: int = 150
    flat: float = 0.1  # share of all steps (the warm-up in it) before the cosine begins
    final: float = 0.02  # of the height, at the last step
    b1: float = 0.9
    b2: float = 0.98
    weight_decay: float = 0.02  # on matrices only
    clip: float = 1.0  # global norm of the gradient
    ema: float = 0.999  # decay of the parameters' moving average, which is evaluated and exported


class TrainState(flax.struct.PyTreeNode):
    """Parameters, their moving average, the optimiser's state and the number of steps done."""

    step: jax.Array  # int32 scalar
    params: Params
    ema: Params
    opt_state: optax.OptState


def learning_rate(config: OptimizerConfig, steps: int) -> optax.Schedule:
    """Warm up linearly, stay, and fall along a cosine to `final` of the height at `steps`."""
    warmup = min(config.warmup_steps, max(1, steps // 5))
    flat = max(0, int(config.flat * steps) - warmup)
    fall = max(1, steps - warmup - flat)
    top = config.learning_rate
    return optax.join_schedules(
        [
            optax.linear_schedule(0.0, top, warmup),
            optax.constant_schedule(top),
            optax.cosine_decay_schedule(top, fall, alpha=config.final),
        ],
        [warmup, warmup + flat],
    )


def make_optimizer(config: OptimizerConfig, steps: int) -> optax.GradientTransformation:
    """Build the optimiser of a run of `steps` steps."""
    return optax.chain(
        optax.clip_by_global_norm(config.clip),
        optax.adamw(
            learning_rate(config, steps),
            b1=config.b1,
            b2=config.b2,
            weight_decay=config.weight_decay,
            mask=lambda params: jax.tree.map(lambda leaf: leaf.ndim > 1, params),
        ),
    )


def create_state(params: Params, optimizer: optax.GradientTransformation) -> TrainState:
    """Return the state before the first step."""
    # A copy: a step donates its state, and one buffer cannot be donated twice.
    ema = jax.tree.map(jnp.copy, params)
    return TrainState(step=jnp.zeros((), jnp.int32), params=params, ema=ema, opt_state=optimizer.init(params))


def apply_gradients(
    state: TrainState, gradients: Params, optimizer: optax.GradientTransformation, ema_decay: float
) -> TrainState:
    """Move the parameters one step; the average's decay grows to `ema_decay` as steps go by."""
    updates, opt_state = optimizer.update(gradients, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    count = state.step.astype(jnp.float32)
    decay = jnp.minimum(ema_decay, (1 + count) / (10 + count))
    ema = jax.tree.map(lambda old, new: old + (1 - decay) * (new - old), state.ema, params)
    return TrainState(step=state.step + 1, params=params, ema=ema, opt_state=opt_state)
