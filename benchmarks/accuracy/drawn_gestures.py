"""Scratch-outs and strikes as people draw them, made up over real ink for `benchmarks/accuracy/gestures.py`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tegashiki.ink.example import Example
from tegashiki.ink.preprocess import frame_stroke, unit_size

OVER = ("a symbol", "several symbols", "a fraction", "a numerator")
SMALLEST = 0.5  # of the unit of the ink: nobody draws a zigzag that is smaller over a dot or a minus


@dataclass(frozen=True, eq=False)
class Drawn:
    """A gesture over an ink.

    Attributes:
        points: float64 (P, 2).
        targets: The indices of the strokes that it is drawn over.
        kind: "scratch-out" or "strike".
        over: One of `OVER`.
    """

    points: np.ndarray
    targets: frozenset[int]
    kind: str
    over: str


def gestures(example: Example, seed: int) -> Iterator[Drawn]:
    """Yield a scratch-out over each kind of target that an ink has, and a strike through a symbol."""
    rng = np.random.default_rng(seed)
    strokes = example.ink.strokes
    unit = unit_size([frame_stroke(stroke)[1] for stroke in strokes])
    for over, tokens in _targets(example, rng):
        targets = frozenset(np.flatnonzero(np.isin(example.stroke_tokens, tokens)).tolist())
        if not targets or _holds_others(strokes, targets):
            continue
        points = np.concatenate([strokes[index] for index in targets])
        low, high = points.min(axis=0), points.max(axis=0)
        centre, half = (low + high) / 2, np.maximum(high - low, SMALLEST * unit) / 2
        yield Drawn(_scratch(centre, half, over, rng), targets, "scratch-out", over)
        strike = _strike(centre, half, [strokes[index] for index in targets], rng) if over == OVER[0] else None
        if strike is not None:
            yield Drawn(strike, targets, "strike", over)


def _holds_others(strokes: Sequence[np.ndarray], targets: frozenset[int]) -> bool:
    """Whether the middles of other strokes lie in the box of some, as those under a root do."""
    points = np.concatenate([strokes[index] for index in targets])
    low, high = points.min(axis=0), points.max(axis=0)
    middles = [(stroke.min(axis=0) + stroke.max(axis=0)) / 2 for stroke in strokes]
    return any(
        index not in targets and bool((low <= middle).all() and (middle <= high).all())
        for index, middle in enumerate(middles)
    )


def _targets(example: Example, rng: np.random.Generator) -> Iterator[tuple[str, list[int]]]:
    """Yield what gestures are drawn over: a kind of `OVER`, and the indices of the tokens."""
    drawn = sorted(set(example.stroke_tokens[example.stroke_tokens >= 0].tolist()))
    if drawn:
        yield OVER[0], [int(rng.choice(drawn))]
    for count in (3, 2):
        if len(drawn) > count:
            start = int(rng.integers(len(drawn) - count))
            run = drawn[start : start + count]
            if not any(example.tokens[token] in {r"\frac", r"\sqrt"} for token in run):
                yield OVER[1], run
                break
    fractions = [index for index, token in enumerate(example.tokens) if token == r"\frac"]
    if fractions:
        first = int(rng.choice(fractions))
        yield OVER[2], list(range(first, _end(example.tokens, first, 2)))
        yield OVER[3], list(range(first + 1, _end(example.tokens, first, 1)))


def _end(tokens: Sequence[str], start: int, groups: int) -> int:
    """Return the index after a command with its groups."""
    depth, index = 0, start
    while groups:
        index += 1
        depth += {"{": 1, "}": -1}.get(tokens[index], 0)
        groups -= tokens[index] == "}" and depth == 0
    return index + 1


def _scratch(centre: np.ndarray, half: np.ndarray, over: str, rng: np.random.Generator) -> np.ndarray:
    """Return a zigzag over a box: to and fro and downwards, or up and down and to the right, upright or slanted."""
    reach, spread = half if rng.random() < 0.5 else half[::-1]
    angle = (0 if reach == half[0] else np.pi / 2) + rng.normal(0, 0.15)
    sweeps = int(rng.integers(5, 10)) if over == OVER[0] else int(rng.integers(6, 15))
    slant = rng.uniform(-0.5, 0.5) if reach < spread else rng.uniform(-0.15, 0.15)
    reach, spread = reach * rng.uniform(0.9, 1.4), spread * rng.uniform(0.8, 1.2)
    return _zigzag(centre + rng.normal(0, 0.1, 2) * half, angle, reach, spread, sweeps, rng, slant, 0.06)


def _strike(
    centre: np.ndarray, half: np.ndarray, strokes: Sequence[np.ndarray], rng: np.random.Generator
) -> np.ndarray | None:
    """Return a line through ink, drawn there, back and there again; None if there is nothing to go through."""
    for _ in range(10):
        slanted = rng.random() < 0.7
        angle = rng.choice([-1, 1]) * rng.uniform(np.pi / 6, np.pi / 3) if slanted else rng.normal(0, 0.15)
        reach, middle = _reach(half, angle) * rng.uniform(1.2, 1.8), centre + rng.normal(0, 0.08, 2) * half
        if any(_crosses(stroke, middle, angle, reach) for stroke in strokes):
            return _zigzag(middle, angle, reach, reach * rng.uniform(0, 0.1), 3, rng)
    return None


def _crosses(stroke: np.ndarray, middle: np.ndarray, angle: float, reach: float) -> bool:
    """Whether a stroke passes from one side of a line to the other between the line's ends."""
    along = (stroke - middle) @ [np.cos(angle), np.sin(angle)]
    side = np.sign((stroke - middle) @ [-np.sin(angle), np.cos(angle)])
    return bool(np.any((side[1:] != side[:-1]) & (np.abs(along[1:]) < 0.8 * reach)))


def _reach(half: np.ndarray, angle: float) -> float:
    """Return how far the ellipse in a box reaches along a direction, from its middle."""
    return float(np.hypot(half[0] * np.cos(angle), half[1] * np.sin(angle)))


def _zigzag(
    centre: np.ndarray,
    angle: float,
    reach: float,
    spread: float,
    sweeps: int,
    rng: np.random.Generator,
    slant: float = 0.0,
    bow: float = 0.015,
) -> np.ndarray:
    """Return a sloppy zigzag: sweeps of `2 * reach` that advance over `2 * spread`, with round or sharp corners.

    Sweeps lean by `slant` and are bent by about `bow` of their length.
    """
    sides = np.where(np.arange(sweeps + 1) % 2, 1.0, -1.0) * reach * (1 + rng.normal(0, 0.12, sweeps + 1))
    steps = np.linspace(-spread, spread, sweeps + 1) + rng.normal(0, 0.3 * spread / sweeps, sweeps + 1)
    steps += rng.normal(0, 0.04, sweeps + 1) * reach
    corners = np.stack([sides, steps + slant * sides], axis=1)
    samples = int(rng.integers(8, 25))
    at = np.linspace(0, sweeps, sweeps * samples + 1)
    line = np.stack([np.interp(at, np.arange(sweeps + 1), corners[:, axis]) for axis in (0, 1)], axis=1)
    within = at % 1  # a hand swings about its wrist: sweeps are bent, to either side
    bows = np.repeat(rng.normal(bow, bow, sweeps), samples) * np.repeat(np.diff(sides), samples)
    line[:-1, 1] += 4 * within[:-1] * (1 - within[:-1]) * bows
    width = 2 * int(rng.integers(0, max(samples // 4, 1))) + 1  # rounds the corners
    padded = np.pad(line, ((width // 2, width // 2), (0, 0)), mode="edge")
    line = np.stack([np.convolve(padded[:, axis], np.full(width, 1 / width), "valid") for axis in (0, 1)], axis=1)
    line += rng.normal(0, rng.uniform(0, 0.015) * reach, line.shape)
    if rng.random() < 0.5:
        line = line[::-1]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return centre + line @ turn.T
