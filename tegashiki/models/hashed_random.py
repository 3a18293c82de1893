"""Random numbers for training that are a hash of each element's index and of a seed.

On CPUs the generators of `jax.random` are 5 to 13 times slower, and every draw takes several times as long to compile.
The hash is the finaliser of MurmurHash3 (Appleby, public domain), applied twice. A seed is uint32 (2,).
"""

from math import prod

import jax
import jax.numpy as jnp
import numpy as np

Seed = jax.Array


def seed_from(key: jax.Array) -> Seed:
    """Draw a seed with a key of `jax.random`."""
    return jax.random.bits(key, (2,), jnp.uint32)


def split(seed: Seed, count: int) -> list[Seed]:
    """Return `count` other seeds."""
    return list(bits(seed, (count, 2)))


def bits(seed: Seed, shape: tuple[int, ...]) -> jax.Array:
    """Draw random bits, uint32 of the given shape."""
    index = jax.lax.iota(jnp.uint32, prod(shape))
    return _hash(_hash(index ^ seed[0]) + seed[1]).reshape(shape)


def uniform(seed: Seed, shape: tuple[int, ...], low: jax.Array | float, high: jax.Array | float) -> jax.Array:
    """Draw float32 numbers between `low` and `high`, in steps of 2^-24 of the range."""
    return low + (high - low) * (bits(seed, shape) >> 8).astype(jnp.float32) * np.float32(2.0**-24)


def normal(seed: Seed, shape: tuple[int, ...]) -> jax.Array:
    """Draw float32 numbers of the standard normal distribution, up to 5.4 in magnitude."""
    return np.float32(np.sqrt(2)) * jax.lax.erf_inv(uniform(seed, shape, -1 + 2.0**-24, 1.0))


def _hash(x: jax.Array) -> jax.Array:
    x = (x ^ (x >> 16)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    return x ^ (x >> 16)
