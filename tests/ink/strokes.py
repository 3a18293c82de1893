"""Strokes for tests. They are computed by formulas, so that they are free to publish and the same everywhere."""

import warnings

import numpy as np
import numpy.typing as npt
import rdp


def procedural_strokes() -> dict[str, list[list[float]]]:
    """Return named strokes of every kind that matters to RDP and framing, rounded to four decimals."""
    turn = np.linspace(0, 2 * np.pi, 40)
    strokes = {
        "dot": [(3, 4)],
        "dot held": [(3, 4)] * 5,
        "two points": [(0, 0), (30, -40)],
        "two points repeated": [(0, 0), (0, 0), (30, -40), (30, -40)],
        "straight": [(i, 2 * i) for i in range(10)],
        "back and forth": [(0, 0), (10, 0), (4, 0), (12, 0)],
        "closed square": [(0, 0), (8, 0), (8, 8), (0, 8), (0, 0)],
        "closed, all equally far": [(0, 0), (0, 5), (5, 0), (0, -5), (-5, 0), (0, 0)],
        "zigzag of equal teeth": [(i, 10 * (i % 2)) for i in range(24)],
        "fraction bar": np.stack([np.arange(60.0), 0.3 * np.sin(np.arange(60))], axis=1),
        "circle": 100 * np.stack([np.cos(turn), np.sin(turn)], axis=1),
        "spiral": (turn * np.stack([np.cos(3 * turn), np.sin(3 * turn)])).T,
        "integral sign": np.stack([np.tanh(turn - np.pi) + 0.2 * np.sin(2 * turn), turn * 3], axis=1) * 1000,
        "small decimals": np.stack([11.7 + 0.01 * np.cos(turn), 15.5 + 0.02 * np.sin(2 * turn)], axis=1),
    }
    for seed in range(12):
        random = np.random.default_rng(seed)
        strokes[f"pen {seed}"] = random_stroke(random, int(random.integers(3, 90)))
    return {name: np.round(np.array(points, dtype=float), 4).tolist() for name, points in strokes.items()}


def random_stroke(random: np.random.Generator, count: int) -> np.ndarray:
    """Return a smooth pen movement with noise, (count, 2), some hundreds of units long."""
    heading = np.cumsum(random.normal(scale=0.35, size=count)) + random.uniform(0, 6.3)
    speed = random.gamma(2.0, 4.0, size=count)
    steps = speed[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    return np.cumsum(steps, axis=0) + random.normal(scale=0.3, size=(count, 2))


def rdp_of_package(points: npt.ArrayLike, epsilon: float) -> np.ndarray:
    """Return the mask of the package rdp, the reference implementation."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.filterwarnings("ignore", "Arrays of 2-dimensional vectors are deprecated")  # rdp's np.cross
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        return np.asarray(rdp.rdp(np.asarray(points, dtype=float), epsilon, algo="iter", return_mask=True))
