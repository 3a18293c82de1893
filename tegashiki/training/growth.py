"""Larger Transformers that begin with what a smaller one has learnt.

- Deeper: copies of the last layer whose output projections are zero. They pass their input through unchanged, so that
  the deeper model reads exactly as the smaller one (identity layers: Wu et al., "LLaMA Pro", ACL 2024, section 3.1).
- Wider: copies of channels, heads and hidden units. A layer that reads several copies of a unit splits the unit's
  weights between them (Chen et al., "Net2Net", ICLR 2016, section 2.2). Layer normalisation counts every copy, so the
  wider model reads almost as the smaller one.
"""

import copy
import re
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.checkpoint import Checkpoint
from tegashiki.training.state import Params

OUTPUTS = {"encoder": ("out", "mlp/out"), "decoder": ("self_out", "cross/out", "mlp/out")}

# Units along the last two axes of a layer's kernel, and along the last axis of its bias: of the residual stream,
# hidden ones of a feed-forward layer, those of the attention heads (once, or for query, key and value), heads, or the
# biases of all heads of all layers. The first pattern that is found in the path of a layer counts.
UNITS = (
    (r"(stem/out|waves|table)", "", "stream"),
    (r"numbers/in", "", "embedded"),
    (r"numbers/out", "embedded", "stream"),
    (r"pairs/mlp/in", "", ""),
    (r"pairs/mlp/out", "", "biases"),
    (r"mlp/in", "stream", "hidden"),
    (r"mlp/out", "hidden", "stream"),
    (r"qkv", "stream", "3 heads"),
    (r"key_value", "stream", "2 heads"),
    (r"query", "stream", "1 heads"),
    (r"coverage_in", "weights", ""),
    (r"coverage_out", "", "weight"),
    (r"out", "1 heads", "stream"),
    (r"norm", "", "stream"),
    (r"(tokens|head_)", "stream", ""),
)


def grow(small: Checkpoint, wanted: ModelConfig) -> Checkpoint:
    """Make a Transformer deeper and wider.

    Args:
        small: The checkpoint of the model.
        wanted: The config that gives the numbers of layers, the width and the number of heads. Heads keep their size.

    Returns:
        The checkpoint of the larger model; or `small` itself, if one of the models is no Transformer, or `small` cannot
        grow to `wanted`.
    """
    old = small.config.model
    shrinks = (
        wanted.encoder_layers < old.encoder_layers
        or wanted.decoder_layers < old.decoder_layers
        or wanted.width < old.width
        or wanted.width * old.heads != old.width * wanted.heads
    )
    if (old.kind, wanted.kind) != ("transformer", "transformer") or shrinks:
        return small
    params = _deepen(small.state.ema, old, wanted)
    if wanted.width > old.width:
        params = _widen(params, old, wanted)
    sizes = ("encoder_layers", "decoder_layers", "width", "heads")
    settings = replace(old, **{name: getattr(wanted, name) for name in sizes})
    config = replace(small.config, model=settings)
    return replace(small, state=small.state.replace(params=params, ema=params), config=config)


def _deepen(params: Params, old: ModelConfig, wanted: ModelConfig) -> Params:
    """Add identity layers after the last layer of the encoder and of the decoder."""
    more = {
        "encoder": wanted.encoder_layers - old.encoder_layers,
        "decoder": wanted.decoder_layers - old.decoder_layers,
    }
    model = dict(params["model"])
    for stack, layers in (("encoder", old.encoder_layers), ("decoder", old.decoder_layers)):
        last = model[f"{stack}_{layers - 1}"]
        model |= {f"{stack}_{layers + i}": _identity(last, OUTPUTS[stack]) for i in range(more[stack])}
    model["pairs"] = copy.deepcopy(model["pairs"])
    geometry = model["pairs"]["mlp"]["out"]  # one column per head of each layer, those of the encoder first
    for name, columns in geometry.items():
        encoder, decoder = np.split(np.asarray(columns), [old.encoder_layers * old.heads], axis=-1)
        repeated = [
            *[encoder[..., -old.heads :]] * more["encoder"],
            decoder,
            *[decoder[..., -old.heads :]] * more["decoder"],
        ]
        geometry[name] = np.concatenate([encoder, *repeated], axis=-1)
    return {**params, "model": model}


def _identity(layer: Params, outputs: tuple[str, ...]) -> Params:
    """Return a copy of a layer whose output projections are zero."""
    layer = copy.deepcopy(layer)
    for place in outputs:
        parent = layer
        *above, last = place.split("/")
        for name in above:
            parent = parent[name]
        parent[last] = {name: np.zeros_like(value) for name, value in parent[last].items()}
    return layer


def _widen(params: Params, old: ModelConfig, wanted: ModelConfig) -> Params:
    """Copy channels, heads and hidden units. `params` have the layers of `wanted` already."""
    rng = np.random.default_rng(0)  # splits the weights of copies unevenly, so that the copies do not stay alike
    heads = _copies(old.heads, wanted.heads)
    size, layers = old.width // old.heads, wanted.encoder_layers + wanted.decoder_layers
    half = _copies(old.width // 2, wanted.width // 2)
    head_units = _blocks(heads, size)
    sources = {
        "stream": np.concatenate([half, half + old.width // 2]),  # position encodings are sines, then cosines
        "embedded": _copies(old.width, wanted.width),
        "hidden": _copies(4 * old.width, 4 * wanted.width),
        "weight": heads,
        "weights": _repeats(heads, old.heads, 2),
        "biases": _repeats(heads, old.heads, layers),
    } | {f"{count} heads": _repeats(head_units, old.width, count) for count in (1, 2, 3)}

    def widened(path: Any, value: Any) -> np.ndarray:
        value = np.asarray(value, np.float32)
        name = "/".join(str(key.key) for key in path)
        inputs, outputs = next(((a, b) for pattern, a, b in UNITS if re.search(pattern, name)), ("", ""))
        if outputs:
            value = value[..., sources[outputs]]
        if inputs and value.ndim > 1:
            units = sources[inputs]
            share = rng.uniform(0.5, 1.5, len(units))
            share /= np.bincount(units, share)[units]
            value = value[units] * share[:, None].astype(np.float32)
        return value

    return jax.tree_util.tree_map_with_path(widened, params)


def _copies(old: int, new: int) -> np.ndarray:
    """Return for each of `new` units the one of `old` units at the same relative place, which it copies."""
    return np.arange(new) * old // new


def _blocks(units: np.ndarray, size: int) -> np.ndarray:
    """Return the units of blocks of `size`, given the block that each new block copies."""
    return (units[:, None] * size + np.arange(size)).ravel()


def _repeats(units: np.ndarray, old: int, count: int) -> np.ndarray:
    """Return the units of `count` groups in a row, each of `old` units before."""
    return (units[None] + old * np.arange(count)[:, None]).ravel()
