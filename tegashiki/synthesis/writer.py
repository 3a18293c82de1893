"""Simulated writers: the habits that distinguish one writer from another, and drawing with these habits.

The habits are a pure function of (seed, number). An ink is drawn with arrays over all its points at once, which is fast
enough for more than 500 inks/s per core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from tegashiki.synthesis import glyphs
from tegashiki.synthesis.glyphs import Glyph
from tegashiki.synthesis.typeset import Layout, Mark

STYLE_WEIGHTS = {"plain": 1.0, "joined": 1.5, "drawn": 1.2, "script": 0.5}
SCRIPT_CAPITAL = 0.12  # weight of the ornate capitals
WARPS = 3  # number of waves that bend a glyph
FORMS = 256  # number of distortions of each writer; glyphs are assigned to them by a hash
FREQUENCIES = np.array([2.5, 3.5, 4.5])  # radians per diagonal of a glyph


@dataclass(frozen=True, eq=False)
class Writer:
    """The habits of one writer. Lengths are in em.

    Attributes:
        number: Number of the writer.
        seed: Seed of all writers.
        layout: Layout habits.
        slant: Horizontal shear to the right.
        aspect: Ratio of width to height.
        climb: Rise of the baseline per em.
        wander: Amplitude of the waves of the baseline.
        wavelength: Wavelength of the baseline.
        shape: Size of the distortion that this writer always applies to a glyph.
        sloppy: Size of the additional random distortion of each glyph.
        tremor: Standard deviation of the noise of pen and device.
        rate: Number of sampled points relative to the font.
        scale: Device units per em.
        grid: Resolution of the device in its units, 0 for no rounding.
    """

    number: int
    seed: int
    layout: Layout
    slant: float
    aspect: float
    climb: float
    wander: float
    wavelength: float
    shape: float
    sloppy: float
    tremor: float
    rate: float
    scale: float
    grid: float

    @property
    def name(self) -> str:
        """The name for `Ink.writer`."""
        return f"embedded-{self.seed}-{self.number}"

    def habit(self, token: str) -> int:
        """Return a fixed pseudo-random number below 2**32 for a choice of this writer."""
        return crc32(f"{self.seed}/{self.number}/{token}".encode())

    def glyph(self, token: str) -> Glyph:
        """Return the glyph that this writer uses for a token.

        Raises:
            KeyError: The font does not contain the token.
        """
        return _choice(self.seed, self.number, token)


@lru_cache(maxsize=2**17)
def _choice(seed: int, number: int, token: str) -> Glyph:
    ways = glyphs.glyphs(token)
    if len(ways) == 1:
        return ways[0]
    weights = [SCRIPT_CAPITAL if g.style == "script" and token.isupper() else STYLE_WEIGHTS[g.style] for g in ways]
    mark = writer(seed, number).habit(token) / 2**32 * sum(weights)
    for way, weight in zip(ways, weights, strict=True):
        mark -= weight
        if mark < 0:
            return way
    return ways[-1]


@lru_cache(maxsize=4096)
def writer(seed: int, number: int) -> Writer:
    """Return the writer with a number. The same seed and number always give the same writer."""
    rng = np.random.default_rng((seed, number, 1))
    layout = Layout(
        script_size=float(rng.uniform(0.55, 0.8)),
        fraction_size=float(rng.uniform(0.75, 1.0)),
        letter_space=float(rng.uniform(0.06, 0.22)),
        binary_space=float(rng.uniform(0.12, 0.32)),
        relation_space=float(rng.uniform(0.18, 0.42)),
        raise_scripts=float(rng.normal(0, 0.05)),
        bar_overhang=float(rng.uniform(0.03, 0.2)),
        bar_gap=float(rng.uniform(0.1, 0.22)),
        bar_first=bool(rng.random() < 0.2),
        limits_beside=bool(rng.random() < 0.2),
        unevenness=float(rng.uniform(0.05, 0.15)),
    )
    scale = float(np.exp(rng.uniform(np.log(10), np.log(1000))))
    return Writer(
        number=number,
        seed=seed,
        layout=layout,
        slant=float(rng.normal(0.1, 0.13)),
        aspect=float(np.exp(rng.normal(0.0, 0.13))),
        climb=float(rng.normal(0, 0.03)),
        wander=float(rng.uniform(0.0, 0.06)),
        wavelength=float(rng.uniform(3, 9)),
        shape=float(rng.uniform(0.03, 0.10)),
        sloppy=float(rng.uniform(0.02, 0.06)),
        tremor=float(rng.uniform(0.0, 0.006)),
        rate=float(np.exp(rng.uniform(np.log(0.3), np.log(1.2)))),
        scale=scale,
        grid=float(scale > 60 and rng.random() < 0.6),
    )


def write(marks: Sequence[Mark], writer: Writer, rng: np.random.Generator) -> tuple[list[np.ndarray], np.ndarray]:
    """Draw the marks with the habits of a writer.

    Args:
        marks: The placed glyphs.
        writer: The writer.
        rng: Source of all random distortions.

    Returns:
        The strokes, each float64 (points, 2) in device units with y downwards, and the index of the token that each
        stroke draws, int32 (strokes,).
    """
    glyph_lengths = [m.glyph.lengths for m in marks]
    owner = np.repeat(np.arange(len(marks)), [len(each) for each in glyph_lengths])  # the mark of each stroke
    rate = writer.rate * np.exp(rng.normal(0, 0.15))
    points, lengths = _sample(np.concatenate([m.glyph.points for m in marks]), np.concatenate(glyph_lengths), rate)
    points = _distort(points, np.repeat(owner, lengths), marks, writer, rng)
    points += _stray(lengths, owner, marks, writer, rng)
    _slope(points, writer, rng)
    points += rng.normal(0, 1, points.shape) * writer.tremor
    points = points * writer.scale + rng.uniform(0, 10, 2) * writer.scale
    if writer.grid:
        points = np.round(points / writer.grid) * writer.grid
    stroke_tokens = np.array([m.token for m in marks], np.int32)[owner]
    return np.split(points, np.cumsum(lengths)[:-1]), stroke_tokens


def _sample(points: np.ndarray, lengths: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Resample strokes to `rate` times as many points at equal time steps, with at least two points per stroke.

    Args:
        points: Points of all strokes, (N, 2).
        lengths: Number of points of each stroke.
        rate: Factor of the number of points.

    Returns:
        The points (M, 2) and the number of points of each stroke.
    """
    counts = np.maximum(2, np.round(lengths * rate)).astype(np.int64)
    which = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = place * ((lengths - 1) / (counts - 1))[which] + (np.cumsum(lengths) - lengths)[which]
    low = np.minimum(at.astype(np.int64), len(points) - 2)
    rest = (at - low)[:, None]
    return points[low] * (1 - rest) + points[low + 1] * rest, counts


def _distort(
    points: np.ndarray, which: np.ndarray, marks: Sequence[Mark], writer: Writer, rng: np.random.Generator
) -> np.ndarray:
    """Place every glyph with the writer's constant distortion of it and a random distortion.

    Args:
        points: Points in the frames of their glyphs, (N, 2).
        which: Index of the mark of each point, (N,).
        marks: The placed glyphs.
        writer: The writer.
        rng: Source of the random distortion.

    Returns:
        The points in the formula, (N, 2) in em.
    """
    frame = np.array([(m.left, m.base, m.across, m.up) for m in marks])
    starts = np.flatnonzero(np.diff(which, prepend=-1))
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    centre, extent = (low + high) / 2, (high - low) * frame[:, 2:]
    placed = frame[:, :2] + centre * frame[:, 2:]  # the centres of the glyphs in the formula
    local = (points - centre[which]) * frame[which, 2:]  # em, relative to the centre of the glyph
    own = _own_forms(writer.seed, writer.number)[[_row(m.glyph) for m in marks]]  # (M, WARPS * 4 + 4)
    form = own * writer.shape + rng.normal(0, writer.sloppy, own.shape)
    height = np.clip(np.hypot(extent[:, 0], extent[:, 1]), 0.1, 1.2)  # limits the bending of long bars
    # Bend the glyph by smooth waves, which keep touching strokes together.
    waves = form[:, : WARPS * 2].reshape(-1, WARPS, 2)[which]
    phases = own[:, WARPS * 2 : WARPS * 4].reshape(-1, WARPS, 2)[which] * 3
    unit = local / height[which, None]
    argument = np.stack([unit[:, ::-1] if k % 2 else unit for k in range(WARPS)], axis=1)
    bent = (waves * np.sin(argument * FREQUENCIES[:, None] + phases)).sum(1)
    bent -= (np.add.reduceat(bent, starts) / np.diff(np.append(starts, len(which)))[:, None])[which]
    # Stretch, rotate and shift the whole glyph.
    local *= np.exp(form[:, -4:-2] * 1.2)[which]
    turn = form[:, -1] * 0.9 / np.maximum(1.0, extent[:, 0])
    local += local[:, ::-1] * (turn[:, None] * [-1.0, 1.0])[which]
    shift = rng.normal(0, 0.6 * writer.sloppy, placed.shape) * height[:, None]
    return local + bent * (0.6 * height)[which, None] + (placed + shift)[which]


@lru_cache(maxsize=1024)
def _own_forms(seed: int, number: int) -> np.ndarray:
    """Return the constant distortions of a writer, standard normal numbers (FORMS, WARPS * 4 + 4)."""
    return np.random.default_rng((seed, number, 2)).normal(0, 1, (FORMS, WARPS * 4 + 4))


def _row(glyph: Glyph) -> int:
    """Return the row of `_own_forms` for a glyph. A few glyphs share a row, which does no harm."""
    return crc32(glyph.name.encode()) % FORMS


def _stray(
    lengths: np.ndarray, owner: np.ndarray, marks: Sequence[Mark], writer: Writer, rng: np.random.Generator
) -> np.ndarray:
    """Return random offsets of all points, (N, 2): a shift of each stroke and a drift along it."""
    which = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(which)) - (np.cumsum(lengths) - lengths)[which]
    along = place / (lengths - 1)[which] - 0.5
    sizes = np.array([min(m.up, m.across) for m in marks])[owner]
    shift, drift = rng.normal(0, 0.35 * writer.sloppy, (2, len(lengths), 2)) * sizes[:, None]
    return shift[which] + drift[which] * along[:, None]


def _slope(points: np.ndarray, writer: Writer, rng: np.random.Generator) -> None:
    """Apply slant and aspect and let the baseline climb and sway, in place."""
    points[:, 0] *= writer.aspect
    points[:, 0] -= points[:, 1] * (writer.slant + rng.normal(0, 0.03))
    climb = writer.climb + rng.normal(0, 0.02)
    sway = np.sin(points[:, 0] * (2 * np.pi / writer.wavelength) + rng.uniform(0, 2 * np.pi))
    points[:, 1] += sway * writer.wander - points[:, 0] * climb
