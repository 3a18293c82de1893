"""The padded cost by which buckets are chosen, against what XLA counts in the model itself."""

import jax
import numpy as np
import pytest

from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.models.flops import ink_flops
from tests.models.tiny import KINDS, VOCABULARY, tiny_batch, tiny_config, tiny_model, tiny_params


def counted(kind, strokes, tokens):
    model = tiny_model(kind, width=64)
    call = jax.jit(lambda params, batch: model.apply({"params": params}, batch))
    batch = tiny_batch(1, bucket=Bucket(strokes, tokens))
    return call.lower(tiny_params(kind, width=64), batch).cost_analysis()["flops"] / 2


@pytest.mark.parametrize("kind", KINDS)
def test_cost_grows_as_the_models_own(kind):
    """Shapes keep their order and, roughly, their ratios: a shape that costs twice must look so."""
    shapes = [(8, 16), (8, 64), (48, 16), (48, 64), (96, 128)]
    costs = np.array([ink_flops(tiny_config(kind, width=64), len(VOCABULARY), *map(np.asarray, s)) for s in shapes])
    truths = np.array([counted(kind, *shape) for shape in shapes])
    ratios = costs / truths
    assert (np.argsort(costs) == np.argsort(truths)).all()
    assert ratios.max() / ratios.min() < 1.5, f"{costs} by the formula, {truths} by XLA"


def test_cost_is_vectorised():
    config = tiny_config("transformer")
    strokes, tokens = np.array([3, 50]), np.array([9, 70])
    both = ink_flops(config, 100, strokes, tokens)
    assert both.tolist() == [float(ink_flops(config, 100, s, t)) for s, t in zip(strokes, tokens, strict=True)]
