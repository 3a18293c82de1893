"""From the parameters of trained models to those that a new run starts from: copies, deeper models, averages.

A deeper Transformer that reads exactly as a shallower one gets copies of its last layer on top whose outputs are zero,
so that their input passes through unchanged (identity layers: Wu et al., "LLaMA Pro", ACL 2024, section 3.1; after
Chen et al., "Net2Net", ICLR 2016).
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from tegashiki.errors import UserError
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID, Vocabulary
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.checkpoint import Checkpoint, CheckpointError
from tegashiki.training.state import Params

SPECIAL_IDS = (PAD_ID, BOS_ID, EOS_ID)
OUTPUTS = {"encoder": ("out", "mlp/out"), "decoder": ("self_out", "cross/out", "mlp/out")}


def deepen(shallow: Checkpoint, wanted: ModelConfig) -> Checkpoint:
    """Return the checkpoint with as many layers as `wanted` has, where both are Transformers and none has to go."""
    old = shallow.config.model
    more = {
        "encoder": wanted.encoder_layers - old.encoder_layers,
        "decoder": wanted.decoder_layers - old.decoder_layers,
    }
    if (old.kind, wanted.kind) != ("transformer", "transformer") or min(more.values()) < 0:
        return shallow
    model = dict(shallow.state.ema["model"])
    for stack, layers in (("encoder", old.encoder_layers), ("decoder", old.decoder_layers)):
        last = model[f"{stack}_{layers - 1}"]
        model |= {f"{stack}_{layers + i}": _identity(last, OUTPUTS[stack]) for i in range(more[stack])}
    model["pairs"] = copy.deepcopy(model["pairs"])
    geometry = model["pairs"]["mlp"]["out"]  # a column for each head of each layer, the encoder's first
    for name, columns in geometry.items():
        encoder, decoder = np.split(np.asarray(columns), [old.encoder_layers * old.heads], axis=-1)
        repeated = [
            *[encoder[..., -old.heads :]] * more["encoder"],
            decoder,
            *[decoder[..., -old.heads :]] * more["decoder"],
        ]
        geometry[name] = np.concatenate([encoder, *repeated], axis=-1)
    params = {**shallow.state.ema, "model": model}
    settings = replace(old, encoder_layers=wanted.encoder_layers, decoder_layers=wanted.decoder_layers)
    config = replace(shallow.config, model=settings)
    return replace(shallow, state=shallow.state.replace(params=params, ema=params), config=config)


def _identity(layer: Params, outputs: tuple[str, ...]) -> Params:
    layer = copy.deepcopy(layer)
    for place in outputs:
        parent = layer
        *above, last = place.split("/")
        for name in above:
            parent = parent[name]
        parent[last] = {name: np.zeros_like(value) for name, value in parent[last].items()}
    return layer


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


def transfer_params(old: Checkpoint, new: Params, vocabulary: Vocabulary) -> Params:
    """Start from another run's averaged parameters; rows of tokens that it did not know keep their new values.

    Raises:
      CheckpointError: another model's parameters.
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
                f"--init: {jax.tree_util.keystr(path)} has shape {stored.shape}, the config wants {fresh.shape}; "
                "it needs the same model settings"
            )
        np.moveaxis(fresh, axis, 0)[kept] = np.moveaxis(stored, axis, 0)[source]
        return fresh

    try:
        return jax.tree_util.tree_map_with_path(copy, new, old.state.ema)
    except ValueError as error:
        model = old.config.model
        raise CheckpointError(
            f"--init: another model: that one is a {model.kind} with model.encoder_layers={model.encoder_layers} and "
            f"model.decoder_layers={model.decoder_layers}; --set these, or more layers, which a transformer takes"
        ) from error


def _is_per_token(path: Any) -> bool:
    name = jax.tree_util.keystr(path)
    return any(part in name for part in ("table", "['tokens']", "head_symbol"))
