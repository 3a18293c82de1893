"""The functions of an exported file: the stem of a stroke, the encoder and one decoder step, with fixed shapes.

An exported file has these signatures, after the contract of `tegashiki/models/seq2seq.py` (S strokes, W beams):

- `stem`: points (1, P, 2) -> stem (1, E), for one stroke;
- `encode_S`: strokes (1, S, E), boxes (1, S, 3), mask (1, S) -> `encoded_*`, the arrays of the ink that a decoder step
  reads, and `cache_*`, the state before the first token;
- `decode_SxW`: mask (1, S), `encoded_*`, `cache_*` (W, ...), tokens (W,), position (1,) -> logits (W, V), attention
  (W, S), hidden (W, D), `cache_*`.

All arrays are float32, except for the int32 tokens and position. A mask is 1 for a real stroke and 0 for padding.
Arrays of the cache that grow by one row per token ("row caches") are kept by the caller, who starts with zeros. A step
takes the whole array but returns only the new row, which the caller stores at `position`. This way large arrays are
copied only once per step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tegashiki.ink.preprocess import POINTS_PER_STROKE
from tegashiki.models.seq2seq import Seq2Seq, stem_width

Arrays = dict[str, Any]
Params = Any


@dataclass(frozen=True)
class Sizes:
    """The fixed shapes of an exported file. Each shape adds a copy of the graph, but not of the weights."""

    strokes: tuple[int, ...] = (8, 16, 32, 64, 128)  # an ink is padded to the next larger size
    beams: tuple[int, ...] = (1, 5)
    tokens: int = 128  # maximum length of a reading, including the end token


DEFAULT_SIZES = Sizes()


@dataclass(frozen=True)
class Signature:
    """One function of a file: (params, inputs by name) -> outputs by name."""

    name: str
    function: Callable[[Params, Arrays], Arrays]
    inputs: dict[str, jax.ShapeDtypeStruct]


@dataclass(frozen=True)
class Signatures:
    """All functions of a file, and the row caches that their caller keeps."""

    functions: tuple[Signature, ...]
    row_axes: dict[str, int]  # axis of the rows in each row cache, by the name of the input


def make_signatures(model: Seq2Seq, params: Params, sizes: Sizes) -> Signatures:
    """Build the signatures of a model that computes in float32.

    Args:
        model: The model. Its auxiliary heads are not used.
        params: The parameters of the model. Only their shapes are used.
        sizes: The shapes of the file.

    Returns:
        The functions `stem`, `encode_S` and `decode_SxW` for all sizes.
    """
    width = stem_width(model.config)
    functions = [Signature("stem", partial(_stem, model), {"points": _float(1, POINTS_PER_STROKE, 2)})]
    row_axes: dict[str, int] = {}
    for strokes in sizes.strokes:
        inputs = {"strokes": _float(1, strokes, width), "boxes": _float(1, strokes, 3), "mask": _float(1, strokes)}
        encoded = jax.eval_shape(partial(_encode, model), params, inputs)
        cache = _cache_shapes(model, params, encoded, sizes.tokens)
        row_axes = _row_axes(cache, _cache_shapes(model, params, encoded, sizes.tokens + 1))
        names = _names_read(model, params, encoded, cache)
        functions.append(
            Signature(f"encode_{strokes}", partial(_encode_first, model, names, row_axes, sizes.tokens), inputs)
        )
        for beams in sizes.beams:
            step_inputs = {
                "mask": _float(1, strokes),
                **{f"encoded_{name}": _float(*encoded[name].shape) for name in names},
                **{f"cache_{name}": _float(beams, *leaf.shape[1:]) for name, leaf in cache.items()},
                "tokens": jax.ShapeDtypeStruct((beams,), np.int32),
                "position": jax.ShapeDtypeStruct((1,), np.int32),
            }
            functions.append(
                Signature(f"decode_{strokes}x{beams}", partial(_decode, model, names, row_axes), step_inputs)
            )
    return Signatures(tuple(functions), {f"cache_{name}": axis for name, axis in row_axes.items()})


def _apply(model: Seq2Seq, params: Params, method: str, *arguments: Any) -> Any:
    return model.apply({"params": params}, *arguments, method=method)


def _float(*shape: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, np.float32)


def _stem(model: Seq2Seq, params: Params, inputs: Arrays) -> Arrays:
    return {"stem": _apply(model, params, "stem", inputs["points"])}


def _encode(model: Seq2Seq, params: Params, inputs: Arrays) -> Arrays:
    return _apply(model, params, "encode", inputs["strokes"], inputs["boxes"], inputs["mask"] > 0)


def _encode_first(
    model: Seq2Seq, names: tuple[str, ...], row_axes: dict[str, int], tokens: int, params: Params, inputs: Arrays
) -> Arrays:
    """Encode an ink and return it with the initial cache, without the row caches, which are zero in every model."""
    encoded = _encode(model, params, inputs)
    cache = _apply(model, params, "init_cache", encoded, tokens)
    return {f"encoded_{name}": encoded[name] for name in names} | {
        f"cache_{name}": leaf for name, leaf in cache.items() if name not in row_axes
    }


def _decode(model: Seq2Seq, names: tuple[str, ...], row_axes: dict[str, int], params: Params, inputs: Arrays) -> Arrays:
    """Decode one token in all rows. They share one ink, whose arrays are broadcast where they are used."""
    encoded = {name: inputs[f"encoded_{name}"] for name in names} | {"mask": inputs["mask"] > 0}
    cache = {name.removeprefix("cache_"): leaf for name, leaf in inputs.items() if name.startswith("cache_")}
    position = inputs["position"][0]
    logits, attention, hidden, cache = _apply(model, params, "decode_step", encoded, cache, inputs["tokens"], position)
    for name, axis in row_axes.items():
        cache[name] = jax.lax.dynamic_slice_in_dim(cache[name], position, 1, axis)
    outputs = {"logits": logits, "attention": attention, "hidden": hidden}
    return outputs | {f"cache_{name}": leaf for name, leaf in cache.items()}


def _cache_shapes(model: Seq2Seq, params: Params, encoded: Arrays, tokens: int) -> Arrays:
    return jax.eval_shape(lambda params, encoded: _apply(model, params, "init_cache", encoded, tokens), params, encoded)


def _row_axes(cache: Arrays, longer: Arrays) -> dict[str, int]:
    """Find the axes that grow with the number of tokens: axis by name of the array."""
    axes = {}
    for name, leaf in cache.items():
        for axis, (size, more) in enumerate(zip(leaf.shape, longer[name].shape, strict=True)):
            if size != more:
                axes[name] = axis
    return axes


def _names_read(model: Seq2Seq, params: Params, encoded: Arrays, cache: Arrays) -> tuple[str, ...]:
    """Find the encoded arrays that a step reads, except the mask. The Transformer, for example, skips the strokes."""

    def step(encoded: Arrays) -> Any:
        zeros, cache_zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), (params, cache))
        return _apply(model, zeros, "decode_step", encoded, cache_zeros, jnp.zeros(1, jnp.int32), jnp.int32(0))

    jaxpr = jax.make_jaxpr(step)(encoded).jaxpr
    read = {id(var) for equation in jaxpr.eqns for var in equation.invars}
    return tuple(
        name for name, var in zip(sorted(encoded), jaxpr.invars, strict=True) if id(var) in read and name != "mask"
    )
