import jax
import jax.numpy as jnp
import numpy as np

from tegashiki.models.hashed_random import bits, normal, seed_from, split, uniform

SEED = seed_from(jax.random.key(7))


def test_uniform_numbers_fill_the_range_evenly():
    drawn = np.asarray(uniform(SEED, (200, 500), -1.0, 3.0))
    assert drawn.dtype == np.float32 and drawn.min() >= -1 and drawn.max() < 3
    counts = np.histogram(drawn, bins=20, range=(-1, 3))[0]
    np.testing.assert_allclose(counts / drawn.size, 1 / 20, atol=0.004)  # four standard deviations are 0.0028


def test_normal_numbers_have_the_moments_of_a_normal_distribution():
    drawn = np.asarray(normal(SEED, (200_000,)))
    assert np.isfinite(drawn).all()
    moments = [drawn.mean(), drawn.std(), (drawn**3).mean(), (drawn**4).mean()]
    np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.06)


def test_every_bit_is_set_half_of_the_time():
    drawn = np.asarray(bits(SEED, (50_000,)))
    set_share = [(drawn >> place & 1).mean() for place in range(32)]
    np.testing.assert_allclose(set_share, 0.5, atol=0.012)


def test_seeds_and_neighbours_are_uncorrelated():
    one, other = (np.asarray(uniform(seed, (100_000,), -1.0, 1.0)) for seed in split(SEED, 2))
    for first, second in ((one, other), (one[1:], one[:-1]), (one, np.asarray(uniform(SEED, (100_000,), -1.0, 1.0)))):
        assert abs(np.corrcoef(first, second)[0, 1]) < 0.015


def test_draws_depend_on_the_seed_alone():
    again = seed_from(jax.random.key(7))
    np.testing.assert_array_equal(bits(SEED, (3, 4)), bits(again, (3, 4)))
    assert jnp.any(bits(SEED, (3, 4)) != bits(seed_from(jax.random.key(8)), (3, 4)))
