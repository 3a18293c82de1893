"""Distortions of a batch of ink, inside the jitted step.

Strokes are put back on the page, moved, and framed again: with every magnitude at zero the batch comes back as
`tegashiki/ink/preprocess.py` made it (tested), so training sees the coordinates that the phone will see.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from tegashiki.latex.vocabulary import EOS_ID

WARP_WAVES = 2  # smooth waves along each axis of the page
WARP_LENGTHS = (3.0, 12.0)  # shortest and longest of them, in median stroke sizes
WOBBLE_CYCLES = (0.5, 2.0)  # fewest and most waves from one end of a stroke to the other
SMALL = 1e-6  # below this a stroke is a dot


@dataclass(frozen=True)
class AugmentConfig:
    """Largest magnitudes; each ink (or stroke) draws its own, uniformly up to them."""

    rotation: float = 0.1  # radians, the whole ink
    shear: float = 0.2  # x by y, the whole ink
    scale: float = 0.2  # each axis by exp(+-scale)
    perspective: float = 0.1  # how much larger one edge of the page is than its middle
    warp: float = 0.1  # median stroke sizes, smooth waves over the page
    symbol_scale: float = 0.0  # each axis of each symbol by exp(+-symbol_scale), about its middle
    symbol_shear: float = 0.0  # x by y, each symbol
    symbol_rotation: float = 0.0  # radians, each symbol
    stroke_scale: float = 0.08  # each stroke's own size
    stroke_rotation: float = 0.06  # radians, each stroke about its centre
    stroke_shift: float = 0.05  # of the stroke's size
    wobble: float = 0.0  # of the stroke's size, slow waves along the stroke: another hand's curves
    noise: float = 0.012  # of the stroke's size, standard deviation of each point
    token_noise: float = 0.0  # share of the decoder's input tokens that another place of the batch replaces, unless it
    # holds padding: on CROHME 0.7 of them are replaced


def augment(key: jax.Array, batch: dict[str, jax.Array], config: AugmentConfig) -> dict[str, jax.Array]:
    """Return the batch with `points` and `boxes` distorted and noise among the `inputs`; the rest is untouched."""
    keys = jax.random.split(key, 6)
    points = _jitter_strokes(keys[0], batch["points"], config)
    page_BSP2 = points * batch["boxes"][:, :, None, 2:] + batch["boxes"][:, :, None, :2]
    page_BSP2 = _jitter_symbols(keys[5], page_BSP2, batch["stroke_tokens"], batch["mask"], config)
    page_BSP2 = _bend(keys[1], _perspective(keys[2], page_BSP2, batch["mask"], config.perspective), config.warp)
    affine = _affine(keys[3], (len(page_BSP2),), config.scale, config.shear, config.rotation)
    page_BSP2 = jnp.einsum("bspi,bij->bspj", page_BSP2, affine)
    framed, boxes = frame(page_BSP2, batch["mask"], batch["points"])
    inputs_BL = _replace_tokens(keys[4], batch["inputs"], config.token_noise)
    return batch | {"points": framed, "boxes": boxes, "inputs": inputs_BL}


def _replace_tokens(key: jax.Array, inputs_BL: jax.Array, share: float) -> jax.Array:
    """Put tokens from elsewhere in the batch among the inputs: the decoder must look at the ink again.

    The start token and padding stay. Bengio et al., Scheduled Sampling (2015), with draws from the batch's own tokens
    instead of the model's.
    """
    keys = jax.random.split(key)
    others = jax.random.choice(keys[0], inputs_BL.reshape(-1), inputs_BL.shape)
    replaced = jax.random.bernoulli(keys[1], share, inputs_BL.shape) & (others > EOS_ID) & (inputs_BL > EOS_ID)
    return jnp.where(replaced, others, inputs_BL)


def frame(page_BSP2: jax.Array, mask_BS: jax.Array, before_BSP2: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Frame strokes as `preprocess` does: points in their own frames, boxes in median stroke sizes.

    The spaced points cut a stroke's corners, so its box is a little larger than theirs; it keeps that proportion to
    them that it had in the stroke's frame before.

    Args:
      page_BSP2: points on the page, any unit.
      mask_BS: True where a stroke is real.
      before_BSP2: the same points as they lay in the strokes' own frames.

    Returns:
      points (B, S, P, 2) and boxes (B, S, 3); both are 0 where the mask is False.
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
    """Return the unit (B,) of each ink, as `unit_size` defines it."""
    median_B, largest_B = masked_median(size_BS, mask_BS), jnp.where(mask_BS, size_BS, 0.0).max(axis=1)
    low_B2 = jnp.where(mask_BS[..., None], centre_BS2, jnp.inf).min(axis=1)
    high_B2 = jnp.where(mask_BS[..., None], centre_BS2, -jnp.inf).max(axis=1)
    between_B = (high_B2 - low_B2).max(axis=-1) / jnp.maximum(mask_BS.sum(axis=1) - 1, 1)
    between_B = jnp.where(mask_BS.any(axis=1) & (between_B > SMALL), between_B, 1.0)
    return jnp.where(median_B > SMALL, median_B, jnp.where(largest_B > SMALL, largest_B, between_B))


def _box(points_BSP2: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the middle (B, S, 2) and the larger side (B, S) of each stroke's box."""
    low, high = points_BSP2.min(axis=2), points_BSP2.max(axis=2)
    return (low + high) / 2, (high - low).max(axis=-1)


def masked_median(values_BS: jax.Array, mask_BS: jax.Array) -> jax.Array:
    """Median over the real strokes (the mean of the middle two of an even number), 0 where there is none; (B,)."""
    ordered = jnp.sort(jnp.where(mask_BS, values_BS, jnp.inf), axis=1)
    count_B1 = mask_BS.sum(axis=1, keepdims=True)
    middle = [jnp.take_along_axis(ordered, jnp.maximum(count_B1 - back, 0) // 2, axis=1)[:, 0] for back in (1, 0)]
    return jnp.where(count_B1[:, 0] > 0, (middle[0] + middle[1]) / 2, 0.0)


def _uniform(key: jax.Array, shape: tuple[int, ...], magnitude: float) -> jax.Array:
    return jax.random.uniform(key, shape, minval=-magnitude, maxval=magnitude)


def _rotation(angle: jax.Array) -> jax.Array:
    """Matrices (..., 2, 2) that turn row vectors."""
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    return jnp.stack([jnp.stack([cos, sin], axis=-1), jnp.stack([-sin, cos], axis=-1)], axis=-2)


def _jitter_strokes(key: jax.Array, points: jax.Array, config: AugmentConfig) -> jax.Array:
    keys = jax.random.split(key, 5)
    shape_BS = points.shape[:2]
    turn = _rotation(_uniform(keys[0], shape_BS, config.stroke_rotation))
    turn *= jnp.exp(_uniform(keys[1], shape_BS, config.stroke_scale))[..., None, None]
    shift = _uniform(keys[2], (*shape_BS, 1, 2), config.stroke_shift)
    noise = config.noise * jax.random.normal(keys[3], points.shape)
    return jnp.einsum("bspi,bsij->bspj", points, turn) + shift + noise + _wobble(keys[4], points.shape, config.wobble)


def _wobble(key: jax.Array, shape_BSP2: tuple[int, ...], magnitude: float) -> jax.Array:
    """Sine waves from one end of a stroke to the other, one for x and one for y; straight strokes bend too."""
    keys = jax.random.split(key, 3)
    shape = (*shape_BSP2[:2], 1, 2)
    along_11P1 = jnp.linspace(0.0, 2 * jnp.pi, shape_BSP2[2])[None, None, :, None]
    cycles = jax.random.uniform(keys[0], shape, minval=WOBBLE_CYCLES[0], maxval=WOBBLE_CYCLES[1])
    phase = jax.random.uniform(keys[1], shape, maxval=2 * jnp.pi)
    return _uniform(keys[2], shape, magnitude) * jnp.sin(cycles * along_11P1 + phase)


def _affine(key: jax.Array, shape: tuple[int, ...], scale: float, shear: float, rotation: float) -> jax.Array:
    """Matrices (*shape, 2, 2) that stretch both axes, shear x by y, and turn row vectors."""
    keys = jax.random.split(key, 3)
    stretch = jnp.exp(_uniform(keys[0], (*shape, 2), scale))
    slope = _uniform(keys[1], shape, shear)
    one, zero = jnp.ones(shape), jnp.zeros(shape)
    sheared = jnp.stack([jnp.stack([one, zero], axis=-1), jnp.stack([slope, one], axis=-1)], axis=-2)
    return stretch[..., None] * sheared @ _rotation(_uniform(keys[2], shape, rotation))


def _jitter_symbols(
    key: jax.Array, page_BSP2: jax.Array, stroke_tokens_BS: jax.Array, mask_BS: jax.Array, config: AugmentConfig
) -> jax.Array:
    """Stretch, shear and turn each symbol about the middle of its box; strokes that draw no known token stay.

    Args:
      key: of the draws.
      page_BSP2: points on the page.
      stroke_tokens_BS: int32, the token that each stroke draws, -1 where unknown.
      mask_BS: True where a stroke is real.
      config: how far.
    """
    owned_BS = mask_BS & (stroke_tokens_BS >= 0)
    same_BSS = ((stroke_tokens_BS[:, :, None] == stroke_tokens_BS[:, None]) & owned_BS[:, None])[..., None]
    low_BS2 = jnp.where(same_BSS, page_BSP2.min(axis=2)[:, None], jnp.inf).min(axis=2)
    high_BS2 = jnp.where(same_BSS, page_BSP2.max(axis=2)[:, None], -jnp.inf).max(axis=2)
    middle_BS2 = jnp.where(owned_BS[..., None], (low_BS2 + high_BS2) / 2, 0.0)[:, :, None]
    # One draw for each stroke, of which a symbol takes the first one's.
    draws = _affine(key, stroke_tokens_BS.shape, config.symbol_scale, config.symbol_shear, config.symbol_rotation)
    first_BS = same_BSS[..., 0].argmax(axis=2)
    affine = jnp.take_along_axis(draws, first_BS[..., None, None], axis=1)
    moved = middle_BS2 + jnp.einsum("bspi,bsij->bspj", page_BSP2 - middle_BS2, affine)
    return jnp.where(owned_BS[..., None, None], moved, page_BSP2)


def _perspective(key: jax.Array, page_BSP2: jax.Array, mask_BS: jax.Array, magnitude: float) -> jax.Array:
    """Make the page larger towards one side: divide by 1 + t (x - middle) / half width, and the like in y."""
    real = mask_BS[:, :, None, None]
    low_B2 = jnp.where(real, page_BSP2, jnp.inf).min(axis=(1, 2))
    high_B2 = jnp.where(real, page_BSP2, -jnp.inf).max(axis=(1, 2))
    low_B2, high_B2 = (jnp.where(jnp.isfinite(edge), edge, 0.0) for edge in (low_B2, high_B2))
    middle = ((low_B2 + high_B2) / 2)[:, None, None]
    half = jnp.maximum((high_B2 - low_B2) / 2, 1.0)[:, None, None]
    tilt = _uniform(key, (len(page_BSP2), 1, 1, 2), magnitude) / 2
    offset = page_BSP2 - middle
    depth = 1.0 + jnp.sum(tilt * jnp.where(real, offset / half, 0.0), axis=-1, keepdims=True)
    return middle + offset / depth


def _bend(key: jax.Array, page_BSP2: jax.Array, magnitude: float) -> jax.Array:
    """Add slow sine waves: x is moved by waves along y and the other way round, which keeps strokes whole."""
    keys = jax.random.split(key, 3)
    shape = (len(page_BSP2), 1, 1, 2, WARP_WAVES)
    lengths = jnp.exp(
        jax.random.uniform(keys[0], shape, minval=jnp.log(WARP_LENGTHS[0]), maxval=jnp.log(WARP_LENGTHS[1]))
    )
    phase = jax.random.uniform(keys[1], shape, maxval=2 * jnp.pi)
    height = _uniform(keys[2], shape, magnitude / WARP_WAVES)
    return page_BSP2 + jnp.sum(height * jnp.sin(2 * jnp.pi * page_BSP2[..., ::-1, None] / lengths + phase), axis=-1)
