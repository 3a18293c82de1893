"""Input layers of every model: a vector for each stroke, and the geometry between strokes.

`Stem` turns the points of a stroke, in the stroke's own frame, into one vector. This vector does not change when other
strokes are added. The boxes of the strokes, in units of the median stroke size, are used after the stem
(`StrokeEmbedding`, `PairGeometry`).
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from tegashiki.models.layers import FeedForward, sinusoids

SHAPE_FEATURES = 7  # width, height, first point (x, y), last point (x, y), length: see stroke_shape
PAIR_FEATURES = 12
PAIR_HIDDEN = 48
CONVOLUTIONS = ((48, 5, 1), (96, 3, 2), (128, 3, 2))  # (features, kernel size in points, stride in points)
SMALLEST = 0.02  # lower limit of sizes, relative to the median or own size; keeps logarithms and ratios of dots finite
WAVELENGTHS = 2.0 ** np.arange(8)  # in median stroke sizes, from the size of a symbol to that of the longest line


def stroke_shape(points_NP2: jax.Array) -> jax.Array:
    """Measure strokes in their own frames.

    Args:
        points_NP2: Points of the strokes, in units of the size of each stroke.

    Returns:
        (N, 7) in the same units: width, height, first point (x, y), last point (x, y), length.
    """
    extent_N2 = points_NP2.max(axis=1) - points_NP2.min(axis=1)
    steps_NP2 = points_NP2[:, 1:] - points_NP2[:, :-1]
    length_N1 = jnp.sqrt(jnp.sum(steps_NP2**2, axis=-1) + 1e-12).sum(axis=1, keepdims=True)
    return jnp.concatenate([extent_N2, points_NP2[:, 0], points_NP2[:, -1], length_N1], axis=-1)


class Stem(nn.Module):
    """Three convolutions along the points of a stroke, and a dense layer that makes one vector of their outputs."""

    width: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, points_NP2: jax.Array) -> jax.Array:
        """Map points (N, P, 2) in the strokes' own frames to (N, E = width + 7): a vector, then `stroke_shape`."""
        steps_NP2 = jnp.pad(points_NP2[:, 1:] - points_NP2[:, :-1], ((0, 0), (0, 1), (0, 0)))
        direction_NP2 = steps_NP2 / jnp.sqrt(jnp.sum(steps_NP2**2, axis=-1, keepdims=True) + 1e-8)
        x = jnp.concatenate([points_NP2 * 2.0, direction_NP2], axis=-1).astype(self.dtype)
        for index, (features, kernel, stride) in enumerate(CONVOLUTIONS):
            x = nn.Conv(features, (kernel,), strides=(stride,), dtype=self.dtype, name=f"conv{index}")(x)
            x = nn.gelu(x, approximate=True)
        x = nn.Dense(self.width, dtype=self.dtype, name="out")(x.reshape(x.shape[0], -1))
        return jnp.concatenate([x.astype(jnp.float32), stroke_shape(points_NP2)], axis=-1)


def split_stem(strokes_BSE: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Split the output of the stem into vectors (B, S, D) and shapes (B, S, 7)."""
    return strokes_BSE[..., :-SHAPE_FEATURES], strokes_BSE[..., -SHAPE_FEATURES:]


def asinh(x: jax.Array) -> jax.Array:
    """Return the inverse hyperbolic sine, composed of builtin operators of TFLite; it lacks `jnp.arcsinh`."""
    size = jnp.abs(x)
    return jnp.sign(x) * jnp.log(size + jnp.sqrt(size**2 + 1.0))


def _log_size(size: jax.Array) -> jax.Array:
    return jnp.log(jnp.maximum(size, SMALLEST))


class StrokeEmbedding(nn.Module):
    """The stem's vector plus embeddings of the stroke's position, size, and index in the writing order."""

    width: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, strokes_BSE: jax.Array, boxes_BS3: jax.Array) -> jax.Array:
        """Map stems (B, S, E) and boxes (B, S, 3; centre x, centre y and size in median stroke sizes) to (B, S, D)."""
        vector_BSD, shape_BS7 = split_stem(strokes_BSE)
        centre_BS2, size_BS1 = boxes_BS3[..., :2], boxes_BS3[..., 2:]
        step_BS2 = jnp.pad(centre_BS2[:, 1:] - centre_BS2[:, :-1], ((0, 0), (1, 0), (0, 0)))
        numbers_BS12 = jnp.concatenate(
            [
                _log_size(size_BS1),
                _log_size(shape_BS7[..., :2]),
                asinh(step_BS2),
                shape_BS7[..., 2:6],
                asinh(centre_BS2),
                shape_BS7[..., 6:],
            ],
            axis=-1,
        ).astype(self.dtype)
        rates_111F = jnp.asarray(2 * np.pi / WAVELENGTHS, jnp.float32)[None, None, None]
        angle_BSF = (centre_BS2[..., None] * rates_111F).reshape(*centre_BS2.shape[:2], 2 * len(WAVELENGTHS))
        waves_BSF = jnp.concatenate([jnp.sin(angle_BSF), jnp.cos(angle_BSF)], axis=-1).astype(self.dtype)
        x_BSD = vector_BSD.astype(self.dtype)
        x_BSD += FeedForward(self.width, self.width, dtype=self.dtype, name="numbers")(numbers_BS12)
        x_BSD += nn.Dense(self.width, use_bias=False, dtype=self.dtype, name="waves")(waves_BSF)
        return x_BSD + jnp.asarray(sinusoids(boxes_BS3.shape[1], self.width), self.dtype)[None]


def pair_features(shape_BS7: jax.Array, boxes_BS3: jax.Array) -> jax.Array:
    """Measure each stroke j relative to each stroke i.

    Args:
        shape_BS7: Shapes of the strokes, from `stroke_shape`.
        boxes_BS3: Centre x, centre y and size of the strokes, in median stroke sizes.

    Returns:
        float32 (B, S i, S j, 12): asinh of dx and dy in median sizes; asinh of dx and dy in sizes of i; log of the
        size ratio; overlap in x and in y relative to the smaller box (clipped to -3..1); log of the distance; the
        difference in writing order (clipped to -8..8 and divided by 8), whether j follows i directly, whether j
        precedes i directly, and asinh of the difference.
    """
    centre_BS2, size_BS1 = boxes_BS3[..., :2], jnp.maximum(boxes_BS3[..., 2:], SMALLEST)
    delta_BSS2 = centre_BS2[:, None] - centre_BS2[:, :, None]
    extent_BS2 = jnp.maximum(shape_BS7[..., :2] * boxes_BS3[..., 2:], SMALLEST)
    low_BS2, high_BS2 = centre_BS2 - extent_BS2 / 2, centre_BS2 + extent_BS2 / 2
    shared_BSS2 = jnp.minimum(high_BS2[:, None], high_BS2[:, :, None]) - jnp.maximum(
        low_BS2[:, None], low_BS2[:, :, None]
    )
    overlap_BSS2 = jnp.clip(shared_BSS2 / jnp.minimum(extent_BS2[:, None], extent_BS2[:, :, None]), -3.0, 1.0)
    log_size_BS1 = jnp.log(size_BS1)
    distance_BSS1 = jnp.log(jnp.sum(delta_BSS2**2, axis=-1, keepdims=True) + SMALLEST) / 2
    order_SS1 = _order_features(boxes_BS3.shape[1])
    return jnp.concatenate(
        [
            asinh(delta_BSS2),
            asinh(delta_BSS2 / size_BS1[:, :, None]),
            log_size_BS1[:, None] - log_size_BS1[:, :, None],
            overlap_BSS2,
            distance_BSS1,
            jnp.broadcast_to(order_SS1[None], (boxes_BS3.shape[0], *order_SS1.shape)),
        ],
        axis=-1,
    )


def _order_features(strokes: int) -> jax.Array:
    difference = np.arange(strokes)[None, :] - np.arange(strokes)[:, None]
    features = [np.clip(difference, -8, 8) / 8, difference == 1, difference == -1, np.arcsinh(difference)]
    return jnp.asarray(np.stack(features, axis=-1), jnp.float32)


class PairGeometry(nn.Module):
    """Attention biases from the geometry between strokes. `outputs` counts the heads of all layers."""

    outputs: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, strokes_BSE: jax.Array, boxes_BS3: jax.Array) -> jax.Array:
        """Map stems (B, S, E) and boxes (B, S, 3) to biases (B, outputs, S, S), where row i attends to column j."""
        features = pair_features(split_stem(strokes_BSE)[1], boxes_BS3).astype(self.dtype)
        bias_BSSH = FeedForward(self.outputs, PAIR_HIDDEN, dtype=self.dtype, name="mlp")(features)
        return bias_BSSH.transpose(0, 3, 1, 2)
