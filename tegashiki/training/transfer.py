"""A deeper Transformer that reads exactly as a shallower one, to go on training from.

The layers on top are copies of the last one whose outputs are zero, so that what they are given goes through unchanged
(identity layers: Wu et al., "LLaMA Pro", ACL 2024, section 3.1; the idea is Chen et al.'s, "Net2Net", ICLR 2016).
"""

import copy
from dataclasses import replace

import numpy as np

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.checkpoint import Checkpoint
from tegashiki.training.state import Params

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
