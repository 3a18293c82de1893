"""The average of several models' parameters."""

from collections.abc import Sequence
from dataclasses import replace

import jax
import numpy as np

from tegashiki.errors import UserError
from tegashiki.training.checkpoint import Checkpoint


def average(models: Sequence[tuple[str, Checkpoint]]) -> Checkpoint:
    """Return the last model with the mean of all models' averaged parameters.

    Args:
      models: at least one, with names for messages; of one config of the model and one vocabulary. One that is
        given twice weighs twice.

    Raises:
      UserError: two of them do not have the same parameters.
    """
    (first_name, first), (_, last) = models[0], models[-1]
    for name, model in models:
        if model.vocabulary.to_json() != first.vocabulary.to_json():
            raise UserError(f"{name} has another vocabulary than {first_name}: their parameters mean different things")
        if replace(model.config.model, dropout=0.0) != replace(first.config.model, dropout=0.0):
            raise UserError(f"{name} is {model.config.model}, {first_name} {first.config.model}: they have no average")
    trees = [model.state.ema for _, model in models]
    mean = jax.tree.map(lambda *leaves: np.mean([np.asarray(leaf, np.float32) for leaf in leaves], axis=0), *trees)
    learnt_from = {name for _, model in models for name in model.datasets}
    unknown = {"best_step": -1, "best_exprate": -1.0, "stale": 0}  # nobody has validated the mean
    progress = last.progress | unknown | {"learnt_from": sorted(learnt_from)}
    return replace(last, state=last.state.replace(params=mean, ema=mean), progress=progress)
