"""The optimiser, and its learning rate over a run."""

from dataclasses import dataclass

import jax
import optax


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
