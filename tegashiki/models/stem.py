"""What every model sees of the ink: a vector a stroke, and the geometry between strokes.

A stroke's points, in its own frame, become one vector (`Stem`); that vector never changes when other strokes are
added. The stroke's box, in units of the median stroke size, enters after it (`StrokeEmbedding`, `PairGeometry`).
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from tegashiki.models.layers import FeedForward, sinusoids

SHAPE_FEATURES = 7  # width and height over size, first point, last point, length: see stroke_shape
PAIR_FEATURES = 12
PAIR_HIDDEN = 48
CONVOLUTIONS = ((48, 5, 1), (96, 3, 2), (128, 3, 2))  # features, kernel and stride, in points
SMALLEST = 0.02  # of the median stroke size (or of the stroke's own): keeps logarithms and ratios of dots finite
WAVELENGTHS = 2.0 ** np.arange(8)  # in median stroke sizes: from one symbol to the longest line


def stroke_shape(points_NP2: jax.Array) -> jax.Array:
    """Measure strokes in their own frames: width, height, first x y, last x y, length; (N, 7), in stroke sizes."""
    extent_N2 = points_NP2.max(axis=1) - points_NP2.min(axis=1)
    steps_NP2 = points_NP2[:, 1:] - points_NP2[:, :-1]
    length_N1 = jnp.sqrt(jnp.sum(steps_NP2**2, axis=-1) + 1e-12).sum(axis=1, keepdims=True)
    return jnp.concatenate([extent_N2, points_NP2[:, 0], points_NP2[:, -1], length_N1], axis=-1)


class Stem(nn.Module):
    """Three convolutions along a stroke's points, flattened to one vector."""

    width: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, points_NP2: jax.Array) -> jax.Array:
        """Map (N, P, 2) points in the strokes' own frames to (N, E = width + 7): a vector and the measured shape."""
        steps_NP2 = jnp.pad(points_NP2[:, 1:] - points_NP2[:, :-1], ((0, 0), (0, 1), (0, 0)))
        direction_NP2 = steps_NP2 / jnp.sqrt(jnp.sum(steps_NP2**2, axis=-1, keepdims=True) + 1e-8)
        x = jnp.concatenate([points_NP2 * 2.0, direction_NP2], axis=-1).astype(self.dtype)
        for index, (features, kernel, stride) in enumerate(CONVOLUTIONS):
            x = nn.Conv(features, (kernel,), strides=(stride,), dtype=self.dtype, name=f"conv{index}")(x)
            x = nn.gelu(x, approximate=True)
        x = nn.Dense(self.width, dtype=self.dtype, name="out")(x.reshape(x.shape[0], -1))
        return jnp.concatenate([x.astype(jnp.float32), stroke_shape(points_NP2)], axis=-1)


def split_stem(strokes_BSE: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Split the stem's output into vectors (B, S, D) and shapes (B, S, 7)."""
    return strokes_BSE[..., :-SHAPE_FEATURES], strokes_BSE[..., -SHAPE_FEATURES:]


def asinh(x: jax.Array) -> jax.Array:
    """Inverse hyperbolic sine of operators that TFLite has; `jnp.arcsinh` is one that it lacks."""
    size = jnp.abs(x)
    return jnp.sign(x) * jnp.log(size + jnp.sqrt(size**2 + 1.0))


def _log_size(size: jax.Array) -> jax.Array:
    return jnp.log(jnp.maximum(size, SMALLEST))


class StrokeEmbedding(nn.Module):
    """The stem's vector plus where the stroke is, how large, and its place in the writing order."""

    width: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, strokes_BSE: jax.Array, boxes_BS3: jax.Array) -> jax.Array:
        """Map stems (B, S, E) and boxes (centre x, centre y, size in median sizes; B, S, 3) to (B, S, D)."""
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
    """Measure each stroke j as seen from stroke i: float32 (B, S i, S j, 12).

    asinh of dx and dy in median sizes and again over i's size, log size ratio, overlap in x and in y over the smaller
    box (clipped to -3..1), log distance, order difference (clipped, is next, is previous, asinh).
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
    """The geometry between strokes as attention biases: one for each of `outputs` heads, over all layers."""

    outputs: int
    dtype: jnp.dtype = jnp.float32

    @nn.compact
    def __call__(self, strokes_BSE: jax.Array, boxes_BS3: jax.Array) -> jax.Array:
        """Map stems (B, S, E) and boxes (B, S, 3) to biases (B, outputs, S, S), row i looking at column j."""
        features = pair_features(split_stem(strokes_BSE)[1], boxes_BS3).astype(self.dtype)
        bias_BSSH = FeedForward(self.outputs, PAIR_HIDDEN, dtype=self.dtype, name="mlp")(features)
        return bias_BSSH.transpose(0, 3, 1, 2)
