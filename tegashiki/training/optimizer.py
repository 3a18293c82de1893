"""The optimiser and its learning-rate schedule."""

from dataclasses import dataclass

import jax
import optax


@dataclass(frozen=True)
class OptimizerConfig:
    """Settings of AdamW and of a learning rate that rises, stays constant, and falls along a cosine."""

    learning_rate: float = 1e-3  # maximum
    warmup_steps: int = 150
    flat: float = 0.1  # share of all steps before the cosine begins, including the warm-up
    final: float = 0.02  # learning rate at the last step, relative to the maximum
    b1: float = 0.9
    b2: float = 0.98
    weight_decay: float = 0.02  # of matrices only
    clip: float = 1.0  # maximum global norm of the gradient
    ema: float = 0.999  # decay of the moving average of the parameters, which is evaluated and exported


def learning_rate(config: OptimizerConfig, steps: int) -> optax.Schedule:
    """Return the schedule of a run with `steps` steps: linear warm-up, constant, then a cosine down to `final`.

    In short runs the warm-up takes at most a fifth of the steps.
    """
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
    """Build the optimiser of a run with `steps` steps."""
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
