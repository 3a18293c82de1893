"""Augmentation of a batch of ink, inside the jitted training step.

Strokes are placed on the page, distorted, and framed again. With all magnitudes at zero the batch is unchanged, as
`tegashiki/ink/preprocess.py` made it (a test checks this). Training therefore sees the same coordinates as a phone.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.models.hashed_random import Seed, bits, normal, seed_from, split, uniform

WARP_WAVES = 2  # number of smooth waves along each axis of the page
WARP_LENGTHS = (3.0, 12.0)  # shortest and longest wave, in median stroke sizes
WOBBLE_CYCLES = (0.5, 2.0)  # minimum and maximum number of waves from one end of a stroke to the other
SMALL = 1e-6  # strokes below this size are dots


@dataclass(frozen=True)
class AugmentConfig:
    """Maximum magnitudes. Each ink, symbol or stroke draws its own magnitude uniformly up to the maximum."""

    rotation: float = 0.1  # of the whole ink, in radians
    shear: float = 0.2  # of x by y, of the whole ink
    scale: float = 0.2  # of the whole ink; each axis by exp(+-scale)
    perspective: float = 0.1  # relative difference in scale between an edge of the page and its middle
    warp: float = 0.1  # height of smooth waves over the page, in median stroke sizes
    symbol_scale: float = 0.0  # of each symbol about its middle; each axis by exp(+-symbol_scale)
    symbol_shear: float = 0.0  # of x by y, of each symbol
    symbol_rotation: float = 0.0  # of each symbol, in radians
    stroke_scale: float = 0.08  # of each stroke, by exp(+-stroke_scale)
    stroke_rotation: float = 0.06  # of each stroke about its centre, in radians
    stroke_shift: float = 0.05  # of each stroke, relative to its size
    wobble: float = 0.0  # height of slow waves along a stroke, relative to its size; imitates other handwriting
    noise: float = 0.012  # standard deviation of each point, relative to the size of the stroke
    token_noise: float = 0.0  # share of the decoder's input tokens for which a token is drawn from the batch; draws of
    # padding replace nothing, so that on CROHME 0.7 of this share are replaced


def augment(key: jax.Array, batch: dict[str, jax.Array], config: AugmentConfig) -> dict[str, jax.Array]:
    """Return the batch with distorted `points` and `boxes` and with noise in the `inputs`.

    Args:
        key: Random key of `jax.random`.
        batch: A batch as `pad_batch` makes it; the other arrays stay as they are.
        config: The magnitudes.
    """
    seeds = split(seed_from(key), 6)
    points = _jitter_strokes(seeds[0], batch["points"], config)
    page_BSP2 = points * batch["boxes"][:, :, None, 2:] + batch["boxes"][:, :, None, :2]
    page_BSP2 = _jitter_symbols(seeds[5], page_BSP2, batch["stroke_tokens"], batch["mask"], config)
    page_BSP2 = _bend(seeds[1], _perspective(seeds[2], page_BSP2, batch["mask"], config.perspective), config.warp)
    affine = _affine(seeds[3], (len(page_BSP2),), config.scale, config.shear, config.rotation)
    page_BSP2 = jnp.einsum("bspi,bij->bspj", page_BSP2, affine)
    framed, boxes = frame(page_BSP2, batch["mask"], batch["points"])
    inputs_BL = _replace_tokens(seeds[4], batch["inputs"], config.token_noise)
    return batch | {"points": framed, "boxes": boxes, "inputs": inputs_BL}


def _replace_tokens(seed: Seed, inputs_BL: jax.Array, share: float) -> jax.Array:
    """Replace random input tokens by tokens from elsewhere in the batch, so that the decoder has to rely on the ink.

    The start token and padding stay. This follows Scheduled Sampling (Bengio et al., 2015), but draws tokens from the
    batch instead of the model.
    """
    seeds = split(seed, 2)
    others = inputs_BL.reshape(-1)[bits(seeds[0], inputs_BL.shape) % inputs_BL.size]
    replaced = (uniform(seeds[1], inputs_BL.shape, 0.0, 1.0) < share) & (others > EOS_ID) & (inputs_BL > EOS_ID)
    return jnp.where(replaced, others, inputs_BL)


def frame(page_BSP2: jax.Array, mask_BS: jax.Array, before_BSP2: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Frame strokes as `preprocess` does: points in their own frames, boxes in median stroke sizes.

    Resampled points cut the corners of a stroke, so the box of a stroke is slightly larger than that of its points. The
    ratio of the two boxes is kept as it was before.

    Args:
        page_BSP2: Points on the page, in any unit.
        mask_BS: True for real strokes.
        before_BSP2: The same points in the strokes' own frames, before the distortion.

    Returns:
        Points (B, S, P, 2) and boxes (B, S, 3). Both are 0 where the mask is False.
    """
    (centre_BS2, size_BS), (offset_BS2, share_BS) = _box(page_BSP2), _box(before_BSP2)
    size_BS /= jnp.where(share_BS > SMALL, share_BS, 1.0)
    centre_BS2 -= offset_BS2 * size_BS[..., None]
    points = (page_BSP2 - centre_BS2[:, :, None]) / jnp.where(size_BS > SMALL, size_BS, 1.0)[..., None, None]
    unit_B11 = _unit(centre_BS2, size_BS, mask_BS)[:, None, None]
    left_B = jnp.where(mask_BS, centre_BS2[..., 0], jnp.inf).min(axis=1)
    left_B = jnp.where(jnp.isfinite(left_B), left_B, 0.0)
    origin_B2 = jnp.stack([left_B, masked_median(centre_BS2[..., 1], mask_BS)], axis=-1)
    boxes = jnp.concatenate([centre_BS2 - origin_B2[:, None], size_BS[..., None]], axis=-1) / unit_B11
    return jnp.where(mask_BS[..., None, None], points, 0.0), jnp.where(mask_BS[..., None], boxes, 0.0)


def _unit(centre_BS2: jax.Array, size_BS: jax.Array, mask_BS: jax.Array) -> jax.Array:
    """Return the unit of length (B,) of each ink, as `unit_size` of `tegashiki/ink/preprocess.py` defines it."""
    median_B, largest_B = masked_median(size_BS, mask_BS), jnp.where(mask_BS, size_BS, 0.0).max(axis=1)
    low_B2 = jnp.where(mask_BS[..., None], centre_BS2, jnp.inf).min(axis=1)
    high_B2 = jnp.where(mask_BS[..., None], centre_BS2, -jnp.inf).max(axis=1)
    between_B = (high_B2 - low_B2).max(axis=-1) / jnp.maximum(mask_BS.sum(axis=1) - 1, 1)
    between_B = jnp.where(mask_BS.any(axis=1) & (between_B > SMALL), between_B, 1.0)
    return jnp.where(median_B > SMALL, median_B, jnp.where(largest_B > SMALL, largest_B, between_B))


def _box(points_BSP2: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the centre (B, S, 2) and the longer side (B, S) of the bounding box of each stroke."""
    low, high = points_BSP2.min(axis=2), points_BSP2.max(axis=2)
    return (low + high) / 2, (high - low).max(axis=-1)


def masked_median(values_BS: jax.Array, mask_BS: jax.Array) -> jax.Array:
    """Return the median (B,) over the real strokes, as numpy defines it; 0 for rows without strokes."""
    ordered = jnp.sort(jnp.where(mask_BS, values_BS, jnp.inf), axis=1)
    count_B1 = mask_BS.sum(axis=1, keepdims=True)
    middle = [jnp.take_along_axis(ordered, jnp.maximum(count_B1 - back, 0) // 2, axis=1)[:, 0] for back in (1, 0)]
    return jnp.where(count_B1[:, 0] > 0, (middle[0] + middle[1]) / 2, 0.0)


def _uniform(seed: Seed, shape: tuple[int, ...], magnitude: float) -> jax.Array:
    return uniform(seed, shape, -magnitude, magnitude)


def _rotation(angle: jax.Array) -> jax.Array:
    """Return matrices (..., 2, 2) that rotate row vectors."""
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    return jnp.stack([jnp.stack([cos, sin], axis=-1), jnp.stack([-sin, cos], axis=-1)], axis=-2)


def _jitter_strokes(seed: Seed, points: jax.Array, config: AugmentConfig) -> jax.Array:
    seeds = split(seed, 5)
    shape_BS = points.shape[:2]
    turn = _rotation(_uniform(seeds[0], shape_BS, config.stroke_rotation))
    turn *= jnp.exp(_uniform(seeds[1], shape_BS, config.stroke_scale))[..., None, None]
    shift = _uniform(seeds[2], (*shape_BS, 1, 2), config.stroke_shift)
    noise = config.noise * normal(seeds[3], points.shape)
    return jnp.einsum("bspi,bsij->bspj", points, turn) + shift + noise + _wobble(seeds[4], points.shape, config.wobble)


def _wobble(seed: Seed, shape_BSP2: tuple[int, ...], magnitude: float) -> jax.Array:
    """Return offsets of the points: a sine wave along each stroke for x and one for y, which bend straight strokes too.

    Args:
        seed: Seed of the draws.
        shape_BSP2: Shape of the points.
        magnitude: Maximum height of the waves, relative to the size of the stroke.
    """
    seeds = split(seed, 3)
    shape = (*shape_BSP2[:2], 1, 2)
    along_11P1 = jnp.linspace(0.0, 2 * jnp.pi, shape_BSP2[2])[None, None, :, None]
    cycles = uniform(seeds[0], shape, *WOBBLE_CYCLES)
    phase = uniform(seeds[1], shape, 0.0, 2 * jnp.pi)
    return _uniform(seeds[2], shape, magnitude) * jnp.sin(cycles * along_11P1 + phase)


def _affine(seed: Seed, shape: tuple[int, ...], scale: float, shear: float, rotation: float) -> jax.Array:
    """Return random matrices (*shape, 2, 2) that scale both axes, shear x by y, and rotate row vectors."""
    seeds = split(seed, 3)
    stretch = jnp.exp(_uniform(seeds[0], (*shape, 2), scale))
    slope = _uniform(seeds[1], shape, shear)
    one, zero = jnp.ones(shape), jnp.zeros(shape)
    sheared = jnp.stack([jnp.stack([one, zero], axis=-1), jnp.stack([slope, one], axis=-1)], axis=-2)
    return stretch[..., None] * sheared @ _rotation(_uniform(seeds[2], shape, rotation))


def _jitter_symbols(
    seed: Seed, page_BSP2: jax.Array, stroke_tokens_BS: jax.Array, mask_BS: jax.Array, config: AugmentConfig
) -> jax.Array:
    """Scale, shear and rotate each symbol about the middle of its box. Strokes of unknown tokens stay.

    Args:
        seed: Seed of the draws.
        page_BSP2: Points on the page.
        stroke_tokens_BS: int32, index of the token that each stroke draws, -1 where unknown.
        mask_BS: True for real strokes.
        config: The magnitudes.

    Returns:
        The points on the page, (B, S, P, 2).
    """
    owned_BS = mask_BS & (stroke_tokens_BS >= 0)
    same_BSS = ((stroke_tokens_BS[:, :, None] == stroke_tokens_BS[:, None]) & owned_BS[:, None])[..., None]
    low_BS2 = jnp.where(same_BSS, page_BSP2.min(axis=2)[:, None], jnp.inf).min(axis=2)
    high_BS2 = jnp.where(same_BSS, page_BSP2.max(axis=2)[:, None], -jnp.inf).max(axis=2)
    middle_BS2 = jnp.where(owned_BS[..., None], (low_BS2 + high_BS2) / 2, 0.0)[:, :, None]
    # There is one draw per stroke; all strokes of a symbol use the draw of its first stroke.
    draws = _affine(seed, stroke_tokens_BS.shape, config.symbol_scale, config.symbol_shear, config.symbol_rotation)
    first_BS = same_BSS[..., 0].argmax(axis=2)
    affine = jnp.take_along_axis(draws, first_BS[..., None, None], axis=1)
    moved = middle_BS2 + jnp.einsum("bspi,bsij->bspj", page_BSP2 - middle_BS2, affine)
    return jnp.where(owned_BS[..., None, None], moved, page_BSP2)


def _perspective(seed: Seed, page_BSP2: jax.Array, mask_BS: jax.Array, magnitude: float) -> jax.Array:
    """Enlarge the page towards one side: divide offsets by 1 + t_x (x - middle) / half width, plus the same in y."""
    real = mask_BS[:, :, None, None]
    low_B2 = jnp.where(real, page_BSP2, jnp.inf).min(axis=(1, 2))
    high_B2 = jnp.where(real, page_BSP2, -jnp.inf).max(axis=(1, 2))
    low_B2, high_B2 = (jnp.where(jnp.isfinite(edge), edge, 0.0) for edge in (low_B2, high_B2))
    middle = ((low_B2 + high_B2) / 2)[:, None, None]
    half = jnp.maximum((high_B2 - low_B2) / 2, 1.0)[:, None, None]
    tilt = _uniform(seed, (len(page_BSP2), 1, 1, 2), magnitude) / 2
    offset = page_BSP2 - middle
    depth = 1.0 + jnp.sum(tilt * jnp.where(real, offset / half, 0.0), axis=-1, keepdims=True)
    return middle + offset / depth


def _bend(seed: Seed, page_BSP2: jax.Array, magnitude: float) -> jax.Array:
    """Add slow sine waves: move x by waves along y, and y by waves along x. Strokes stay continuous."""
    seeds = split(seed, 3)
    shape = (len(page_BSP2), 1, 1, 2, WARP_WAVES)
    lengths = jnp.exp(uniform(seeds[0], shape, *np.log(WARP_LENGTHS)))
    phase = uniform(seeds[1], shape, 0.0, 2 * jnp.pi)
    height = _uniform(seeds[2], shape, magnitude / WARP_WAVES)
    return page_BSP2 + jnp.sum(height * jnp.sin(2 * jnp.pi * page_BSP2[..., ::-1, None] / lengths + phase), axis=-1)
