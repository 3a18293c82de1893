"""The average of several models' parameters."""

from collections.abc import Mapping
from dataclasses import replace

import jax
import numpy as np

from tegashiki.errors import UserError
from tegashiki.training.checkpoint import Checkpoint


def average(models: Mapping[str, Checkpoint]) -> Checkpoint:
    """Return the last model with the mean of all models' averaged parameters.

    Args:
      models: at least one, by names for messages; of one config of the model and one vocabulary.

    Raises:
      UserError: two of them do not have the same parameters.
    """
    (first_name, first), *_, (_, last) = models.items()
    for name, model in models.items():
        if model.vocabulary.to_json() != first.vocabulary.to_json():
            raise UserError(f"{name} has another vocabulary than {first_name}: their parameters mean different things")
        if replace(model.config.model, dropout=0.0) != replace(first.config.model, dropout=0.0):
            raise UserError(f"{name} is {model.config.model}, {first_name} {first.config.model}: they have no average")
    trees = [model.state.ema for model in models.values()]
    mean = jax.tree.map(lambda *leaves: np.mean([np.asarray(leaf, np.float32) for leaf in leaves], axis=0), *trees)
    learnt_from = {name for model in models.values() for name in model.datasets}
    progress = last.progress | {"learnt_from": sorted(learnt_from)}
    return replace(last, state=last.state.replace(params=mean, ema=mean), progress=progress)
