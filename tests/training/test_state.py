import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tegashiki.training.optimizer import OptimizerConfig, learning_rate, make_optimizer
from tegashiki.training.state import apply_gradients, create_state

PARAMS = {"kernel": jnp.arange(1.0, 7.0).reshape(2, 3), "bias": jnp.arange(1.0, 4.0)}


def rates(steps, **settings):
    schedule = learning_rate(OptimizerConfig(learning_rate=1.0, **settings), steps)
    return np.array([float(schedule(step)) for step in range(steps + 1)])


def test_learning_rate_rises_stays_and_falls():
    rate = rates(100, warmup_steps=10, flat=0.3, final=0.05)
    np.testing.assert_allclose(rate[:11], np.arange(11) / 10, atol=1e-6)
    np.testing.assert_allclose(rate[10:31], 1, atol=1e-6)
    falls = 0.05 + 0.95 * (1 + np.cos(np.pi * np.arange(71) / 70)) / 2
    np.testing.assert_allclose(rate[30:], falls, atol=1e-5)


def test_short_run_has_a_complete_schedule():
    for steps in (1, 2, 4, 9, 20):
        rate = rates(steps, warmup_steps=150)
        assert rate.max() == pytest.approx(1)
        assert (rate[1:] > 0).all()
        assert rate[-1] <= 1


def test_weight_decay_shrinks_matrices_only():
    optimizer = make_optimizer(OptimizerConfig(learning_rate=0.1, weight_decay=0.5, warmup_steps=1), 100)
    state = create_state(PARAMS, optimizer)
    for _ in range(3):
        state = apply_gradients(state, jax.tree.map(jnp.zeros_like, PARAMS), optimizer, 0.9)
    np.testing.assert_array_equal(state.params["bias"], PARAMS["bias"])
    # The learning rate of the first step is 0, where the warm-up starts.
    np.testing.assert_allclose(state.params["kernel"], PARAMS["kernel"] * (1 - 0.1 * 0.5) ** 2, rtol=1e-6)


def test_gradients_are_clipped_by_their_global_norm():
    """Above the limit only the direction counts; the moments are computed from the clipped gradient."""
    optimizer = make_optimizer(OptimizerConfig(clip=1.0), 100)
    state = create_state(PARAMS, optimizer)
    gradients = [jax.tree.map(lambda leaf, size=size: jnp.full_like(leaf, size), PARAMS) for size in (10.0, 1000.0)]
    moments = [apply_gradients(state, each, optimizer, 0.9).opt_state for each in gradients]
    for one, other in zip(*map(jax.tree.leaves, moments), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    first_moment = moments[0][1][0].mu["bias"]
    np.testing.assert_allclose(first_moment, 0.1 / np.sqrt(9), rtol=1e-5)


def test_average_follows_faster_in_the_first_steps():
    """The decay is min(limit, (1 + n) / (10 + n)) at step n."""
    optimizer = make_optimizer(OptimizerConfig(learning_rate=0.1, warmup_steps=1), 100)
    state, expected = create_state(PARAMS, optimizer), np.asarray(PARAMS["bias"])
    gradients = jax.tree.map(jnp.ones_like, PARAMS)
    for decay in (1 / 10, 2 / 11, 3 / 12, 0.3, 0.3):
        state = apply_gradients(state, gradients, optimizer, 0.3)
        expected = decay * expected + (1 - decay) * np.asarray(state.params["bias"])
    np.testing.assert_allclose(state.ema["bias"], expected, rtol=1e-6)
    assert int(state.step) == 5


def test_average_starts_as_a_copy():
    """It needs buffers of its own, because a step donates both."""
    state = create_state(PARAMS, make_optimizer(OptimizerConfig(), 10))
    for one, other in zip(*map(jax.tree.leaves, (state.params, state.ema)), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.unsafe_buffer_pointer() != other.unsafe_buffer_pointer()
