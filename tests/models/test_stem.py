import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tegashiki.models.stem import (
    PAIR_FEATURES,
    SMALLEST,
    PairGeometry,
    Stem,
    StrokeEmbedding,
    pair_features,
    stroke_shape,
)
from tests.models.tiny import KINDS, tiny_batch, tiny_model, tiny_params


def line(start, end, points=32):
    return np.linspace(start, end, points, dtype=np.float32)


def test_stroke_shape_of_a_known_stroke():
    """A hook, 1 to the right and then 0.5 down."""
    hook = np.concatenate([line((-0.5, -0.25), (0.5, -0.25)), line((0.5, -0.25), (0.5, 0.25))])
    expected = [1.0, 0.5, -0.5, -0.25, 0.5, 0.25, 1.5]  # width, height, first point, last point, length
    np.testing.assert_allclose(stroke_shape(hook[None])[0], expected, atol=1e-4)


def test_stroke_shape_of_a_dot_and_its_gradient_are_finite():
    dot = jnp.zeros((1, 32, 2))
    np.testing.assert_allclose(stroke_shape(dot)[0], np.zeros(7), atol=1e-4)
    assert np.isfinite(jax.grad(lambda points: stroke_shape(points).sum())(dot)).all()


def pair(boxes, shapes):
    """Features of stroke 1 as seen from stroke 0, and of 0 as seen from 1."""
    shapes = np.pad(np.asarray(shapes, np.float32), ((0, 0), (0, 5)))
    features = np.asarray(pair_features(shapes[None], np.asarray(boxes, np.float32)[None]))[0]
    return features[0, 1], features[1, 0]


def test_pair_features_of_two_known_strokes():
    """A square of size 2 at the origin, and a square of size 1 centred 3 to the right and 1 above (y points down)."""
    there, back = pair([(0, 0, 2), (3, -1, 1)], [(1, 1), (1, 1)])
    expected = [
        *np.arcsinh([3, -1]),
        *np.arcsinh([1.5, -0.5]),
        np.log(1 / 2),
        *[(1 - 2.5) / 1, (1 - 0.5) / 1],  # a gap of 1.5 in x, an overlap of 0.5 in y, over the smaller side
        np.log(10 + SMALLEST) / 2,
        *[1 / 8, 1, 0, np.arcsinh(1)],
    ]
    assert len(expected) == PAIR_FEATURES
    np.testing.assert_allclose(there, expected, atol=1e-6)
    np.testing.assert_allclose(back[:4], [*np.arcsinh([-3, 1]), *np.arcsinh([-3, 1])], atol=1e-6)
    np.testing.assert_allclose(back[4], np.log(2), atol=1e-6)
    np.testing.assert_allclose(back[8:], [-1 / 8, 0, 1, -np.arcsinh(1)], atol=1e-6)


def test_pair_features_of_dots_and_far_strokes_are_bounded():
    there, back = pair([(0, 0, 0), (1e4, 1e4, 1e4)], [(0, 0), (1, 1)])
    assert np.isfinite(there).all()
    assert np.isfinite(back).all()
    assert (np.abs(there) < 20).all()


def test_pair_features_of_coinciding_strokes_have_finite_gradients():
    boxes = jnp.zeros((1, 3, 3))
    shapes = jnp.zeros((1, 3, 7))
    gradients = jax.grad(lambda *args: pair_features(*args).sum(), argnums=(0, 1))(shapes, boxes)
    assert all(np.isfinite(leaf).all() for leaf in gradients)


@pytest.mark.parametrize("kind", KINDS)
def test_stem_of_a_stroke_does_not_depend_on_other_strokes(kind):
    """While somebody writes, only the stem of the new stroke is computed."""
    stem = jax.jit(lambda points: tiny_model(kind).apply({"params": tiny_params(kind)}, points, method="stem"))
    points = tiny_batch(1)["points"][0]
    alone = np.concatenate([stem(points[i : i + 1]) for i in range(len(points))])
    np.testing.assert_allclose(stem(points), alone, atol=1e-6)


def test_modules_depend_on_all_their_inputs():
    """Each number of the boxes and shapes changes the embedding of strokes and the bias between them."""
    batch = tiny_batch(1)
    stem = Stem(16)
    params = jax.jit(stem.init)(jax.random.key(0), batch["points"][0])
    stems = stem.apply(params, batch["points"][0])[None]
    for module, sees in ((StrokeEmbedding(16), 7), (PairGeometry(3), 2)):
        given = (stems, batch["boxes"])
        variables = jax.jit(module.init)(jax.random.key(0), *given)
        call = jax.jit(module.apply)
        before = call(variables, *given)
        for place in range(3):
            moved = call(
                variables,
                stems,
                batch["boxes"]
                + np.float32(0.3) * np.eye(3, dtype=np.float32)[place] * batch["mask"][..., None].cumsum(axis=1),
            )
            assert np.abs(moved - before).max() > 1e-3, f"{module} does not see number {place} of the boxes"
        for place in range(sees):
            moved = call(variables, stems.at[..., 16 + place].add(0.3), batch["boxes"])
            assert np.abs(moved - before).max() > 1e-3, f"{module} does not see number {place} of the shapes"
