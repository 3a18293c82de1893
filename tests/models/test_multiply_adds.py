"""The estimated cost of padded inks, compared with the products in the model itself."""

import jax
import numpy as np
import pytest

from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.models.multiply_adds import ink_multiply_adds
from tests.models.tiny import KINDS, VOCABULARY, tiny_batch, tiny_config, tiny_model, tiny_params


def multiply_adds(jaxpr):
    """Count the multiply-adds of all products and convolutions. The body of a scan counts as often as it runs."""
    total = 0
    for equation in jaxpr.eqns:
        params = equation.params
        inner = [getattr(value, "jaxpr", value) for value in params.values()]
        times = params["length"] if equation.primitive.name == "scan" else 1
        total += times * sum(multiply_adds(value) for value in inner if hasattr(value, "eqns"))
        left, right = ([*equation.invars, None, None])[:2]
        if equation.primitive.name == "dot_general":
            (contracted, _), _ = params["dimension_numbers"]
            total += equation.outvars[0].aval.size * np.prod([left.aval.shape[axis] for axis in contracted])
        elif equation.primitive.name == "conv_general_dilated":
            features = right.aval.shape[params["dimension_numbers"].rhs_spec[0]]
            total += equation.outvars[0].aval.size * right.aval.size / features
    return total


def counted(kind, strokes, tokens):
    model = tiny_model(kind, width=64)
    batch = tiny_batch(1, bucket=Bucket(strokes, tokens))
    return multiply_adds(
        jax.make_jaxpr(lambda params: model.apply({"params": params}, batch))(tiny_params(kind, width=64)).jaxpr
    )


@pytest.mark.parametrize("kind", KINDS)
def test_cost_is_proportional_to_the_products_in_the_model(kind):
    """Costs of different shapes have the same order, and roughly the same ratios, as the counted products."""
    shapes = [(8, 16), (8, 64), (48, 16), (48, 64), (96, 128)]
    costs = np.array(
        [ink_multiply_adds(tiny_config(kind, width=64), len(VOCABULARY), *map(np.asarray, s)) for s in shapes]
    )
    truths = np.array([counted(kind, *shape) for shape in shapes])
    ratios = costs / truths
    assert (np.argsort(costs) == np.argsort(truths)).all()
    assert ratios.max() / ratios.min() < 1.25, f"{costs} by the formula, {truths} in the model"


def test_cost_is_vectorised():
    config = tiny_config("transformer")
    strokes, tokens = np.array([3, 50]), np.array([9, 70])
    both = ink_multiply_adds(config, 100, strokes, tokens)
    assert both.tolist() == [float(ink_multiply_adds(config, 100, s, t)) for s, t in zip(strokes, tokens, strict=True)]
