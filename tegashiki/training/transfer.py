"""Parameters out of those of trained models: for another vocabulary, or the average of several."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from tegashiki.errors import UserError
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID, Vocabulary
from tegashiki.training.checkpoint import Checkpoint, CheckpointError
from tegashiki.training.state import Params

SPECIAL_IDS = (PAD_ID, BOS_ID, EOS_ID)


def average(models: Sequence[tuple[str, Checkpoint]]) -> Checkpoint:
    """Return the last model with the mean of the averaged parameters of all models.

    Args:
        models: At least one (name, checkpoint) pair; error messages use the names. All models have the same model
            config and vocabulary. A model that is given twice has twice the weight.

    Raises:
        UserError: Two models have different vocabularies or model configs.
    """
    (first_name, first), (_, last) = models[0], models[-1]
    for name, model in models:
        if model.vocabulary.to_json() != first.vocabulary.to_json():
            raise UserError(f"{name} has another vocabulary than {first_name}: they cannot be averaged")
        if replace(model.config.model, dropout=0.0) != replace(first.config.model, dropout=0.0):
            raise UserError(
                f"{name} is {model.config.model}, but {first_name} is {first.config.model}: they cannot be averaged"
            )
    trees = [model.state.ema for _, model in models]
    mean = jax.tree.map(lambda *leaves: np.mean([np.asarray(leaf, np.float32) for leaf in leaves], axis=0), *trees)
    learnt_from = {name for _, model in models for name in model.datasets}
    unknown = {"best_step": -1, "best_exprate": -1.0, "stale": 0}  # the mean has not been validated
    progress = last.progress | unknown | {"learnt_from": sorted(learnt_from)}
    return replace(last, state=last.state.replace(params=mean, ema=mean), progress=progress)


def transfer_params(old: Checkpoint, new: Params, vocabulary: Vocabulary) -> Params:
    """Return the averaged parameters of another run for a vocabulary that may be different.

    Args:
        old: Checkpoint of the other run.
        new: Random parameters of the new run. New tokens keep their values from there.
        vocabulary: Vocabulary of the new run.

    Raises:
        CheckpointError: The parameters belong to a different model.
    """
    shared = [token for token in vocabulary if token in old.vocabulary]
    kept, source = ([*SPECIAL_IDS, *words.encode(shared)] for words in (vocabulary, old.vocabulary))

    def copy(path: Any, fresh: Any, stored: Any) -> np.ndarray:
        fresh, stored = np.array(fresh), np.asarray(stored)
        if not _is_per_token(path) and fresh.shape == stored.shape:
            return stored
        axis = 0 if "table" in jax.tree_util.keystr(path) else fresh.ndim - 1
        others = [size for i, size in enumerate(fresh.shape) if i != axis]
        if not _is_per_token(path) or others != [size for i, size in enumerate(stored.shape) if i != axis]:
            raise CheckpointError(
                f"--init: {jax.tree_util.keystr(path)} has shape {stored.shape}, but the config needs {fresh.shape}; "
                "use the model settings of the other run"
            )
        np.moveaxis(fresh, axis, 0)[kept] = np.moveaxis(stored, axis, 0)[source]
        return fresh

    try:
        return jax.tree_util.tree_map_with_path(copy, new, old.state.ema)
    except ValueError as error:
        model = old.config.model
        raise CheckpointError(
            f"--init: the config describes a different model. The given one is a {model.kind} with "
            f"model.encoder_layers={model.encoder_layers} and model.decoder_layers={model.decoder_layers}: --set these "
            "values, or for a transformer also larger ones"
        ) from error


def _is_per_token(path: Any) -> bool:
    """Return whether an array of the parameters has one row or column for each token of the vocabulary."""
    name = jax.tree_util.keystr(path)
    return any(part in name for part in ("table", "['tokens']", "head_symbol"))
