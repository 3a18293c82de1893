import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tegashiki.models.layers import Dropout, TokenEmbedding, join_heads, masked_softmax, sinusoids, split_heads


def drop(x, rate, seed=0, deterministic=False):
    return np.asarray(Dropout(rate).apply({}, x, deterministic=deterministic, rngs={"dropout": jax.random.key(seed)}))


def test_sinusoids_follow_the_paper():
    """PE(pos, 2i) = sin(pos / 10000^(2i / d)), but with the cosines after all sines."""
    table = sinusoids(7, 6)
    for place in range(7):
        for i in range(3):
            angle = place / 10000 ** (2 * i / 6)
            np.testing.assert_allclose(table[place, [i, 3 + i]], [np.sin(angle), np.cos(angle)], atol=1e-6)
    assert sinusoids(3, 5).shape == (3, 5)


def test_masked_softmax_is_exactly_zero_in_masked_places():
    logits = np.array([[1.0, 500.0, 2.0], [1e8, -1e8, 3.0]], np.float32)
    weights = np.asarray(masked_softmax(logits, np.array([[True, False, True], [False, True, True]])))
    assert weights[0, 1] == weights[1, 0] == 0
    np.testing.assert_allclose(weights[0, [0, 2]], np.exp([1, 2]) / np.exp([1, 2]).sum(), rtol=1e-6)


def test_masked_softmax_with_everything_masked_is_finite():
    assert np.isfinite(masked_softmax(np.zeros((1, 3), np.float32), np.zeros((1, 3), bool))).all()


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_dropout_zeros_its_share_and_keeps_the_mean(rate):
    out = drop(np.ones((400, 500), np.float32), rate)
    assert set(np.unique(out)) == {0.0, np.float32(1 / (1 - rate))}
    assert (out == 0).mean() == pytest.approx(rate, abs=0.005)
    # There are no stripes: rows and columns drop the same share, and neighbours are independent.
    assert (out == 0).mean(axis=0).std() == pytest.approx(np.sqrt(rate * (1 - rate) / 400), rel=0.2)
    assert (out == 0).mean(axis=1).std() == pytest.approx(np.sqrt(rate * (1 - rate) / 500), rel=0.2)
    both = (out[:, 1:] == 0) & (out[:, :-1] == 0)
    assert both.mean() == pytest.approx(rate**2, abs=0.005)


def test_dropout_depends_on_the_key():
    x = np.ones((50, 50), np.float32)
    np.testing.assert_array_equal(drop(x, 0.3, seed=1), drop(x, 0.3, seed=1))
    assert ((drop(x, 0.3, seed=1) == 0) & (drop(x, 0.3, seed=2) == 0)).mean() == pytest.approx(0.09, abs=0.03)


def test_disabled_dropout_is_the_identity():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(drop(x, 0.5, deterministic=True), x)
    np.testing.assert_array_equal(drop(x, 0.0), x)


def test_dropout_passes_gradients_of_kept_elements():
    x = jnp.ones((20, 20))
    keys = {"dropout": jax.random.key(0)}
    gradient = jax.grad(lambda x: Dropout(0.4).apply({}, x, deterministic=False, rngs=keys).sum())(x)
    np.testing.assert_array_equal(gradient, drop(x, 0.4))


def test_token_embedding_returns_rows_of_the_table():
    table = np.arange(8, dtype=np.float32).reshape(4, 2)
    vectors = TokenEmbedding(4, 2).apply({"params": {"table": table}}, np.array([[3, 0], [1, 1]]))
    np.testing.assert_array_equal(vectors, table[[[3, 0], [1, 1]]])


def test_heads_split_and_join():
    x = jax.random.normal(jax.random.key(0), (2, 3, 8))
    split = split_heads(x, 4)
    assert split.shape == (2, 4, 3, 2)
    np.testing.assert_array_equal(split[1, 2, 0], x[1, 0, 4:6])
    np.testing.assert_array_equal(join_heads(split), x)
