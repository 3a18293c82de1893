"""One formula of a writer's memory: thinned strokes on an integer grid, and their LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import unit_size, unit_stroke
from tegashiki.ink.simplify import rdp_mask
from tegashiki.latex.normalize import normalize
from tegashiki.latex.tokenizer import join

GRID = 128  # grid steps in the unit of an ink, which is usually its median stroke size
EPSILON = 0.01  # tolerance of the simplification, relative to the stroke's size: half of that of `preprocess`
MAX_STEP = 2**30  # largest coordinate on the grid


class LearningError(UserError, ValueError):
    """A request that a memory cannot fulfil, such as learning an ink without strokes."""


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys that one model computes for a formula.

    Attributes:
        model: The fingerprint of the model.
        vectors_ND: int8, one key for each token and one for the end token; N is 0 if the model cannot read or write
            the formula.
        missed: The number of these tokens that are not the model's likeliest token without the memory.
    """

    model: str
    vectors_ND: np.ndarray
    missed: int


@dataclass(eq=False)
class Formula:
    """A formula that a writer wrote and accepted.

    Attributes:
        strokes: The strokes on the grid, int32 (N, 2) each.
        tokens: The canonical tokens.
        learnt: The time of learning in seconds since 1970.
        allowed: The tokens that could be written when the formula was accepted, None for all.
        keys: The keys of the model that read it last, None before the first one.
    """

    strokes: tuple[np.ndarray, ...]
    tokens: tuple[str, ...]
    learnt: int
    allowed: frozenset[str] | None = None
    keys: Keys | None = field(default=None, repr=False)

    @property
    def latex(self) -> str:
        """The LaTeX as one would type it."""
        return join(self.tokens)

    @property
    def size(self) -> int:
        """The number of tokens, including the end token."""
        return len(self.tokens) + 1

    def same_ink(self, other: Formula) -> bool:
        """Whether another formula has the same strokes."""
        pairs = zip(self.strokes, other.strokes, strict=False)
        return len(self.strokes) == len(other.strokes) and all(np.array_equal(a, b) for a, b in pairs)

    def ink(self, writer: str = "") -> Ink:
        """Return the strokes in grid steps, with the LaTeX as their label."""
        return Ink(tuple(stroke.astype(np.float64) for stroke in self.strokes), self.latex, writer)


def make_formula(
    strokes: Sequence[np.ndarray], latex: str | Sequence[str], learnt: int, allowed: Iterable[str] | None = None
) -> Formula:
    """Make a formula from an ink.

    Args:
        strokes: The strokes, (N, 2) each, in any unit.
        latex: The LaTeX of the ink, or its tokens.
        learnt: The time of learning in seconds since 1970.
        allowed: The tokens that could be written, None for all.

    Raises:
        LearningError: There are no strokes, or the LaTeX is empty.
        LatexError: The LaTeX does not parse.
    """
    tokens = normalize(latex)
    if not tokens:
        raise LearningError("the LaTeX is empty: give the LaTeX of the ink")
    if not len(strokes):
        raise LearningError(f"there is no ink to learn {join(tokens)!r} from: give strokes")
    return Formula(place_on_grid(strokes), tokens, learnt, None if allowed is None else frozenset(allowed))


def place_on_grid(strokes: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Thin strokes and round them to the grid.

    Points that repeat the previous point are dropped, and those that RDP drops in the stroke's own frame (steps 1 to 4
    of `preprocess`, with EPSILON). The x of the other points becomes floor((x - minimum x) / step + 1/2), where a step
    is the unit of the ink divided by GRID; y likewise. Repeated points are dropped again.

    Returns:
        The strokes, int32 (N, 2) each. The minimum x and y of all strokes are 0.
    """
    kept, boxes = [], []
    for stroke in strokes:
        unit_M2, (x, y, size) = unit_stroke(stroke)
        thin_M2 = unit_M2[rdp_mask(unit_M2, EPSILON)]
        kept.append(thin_M2 * (size or 1.0) + np.array([x, y]))
        boxes.append((x, y, size))
    step = unit_size(boxes) / GRID
    least = np.min([stroke.min(axis=0) for stroke in kept], axis=0)
    placed = []
    for stroke in kept:
        steps = np.floor((stroke - least) / step + 0.5).clip(0, MAX_STEP).astype(np.int32)
        moved = np.concatenate([[True], (steps[1:] != steps[:-1]).any(axis=1)])
        placed.append(steps[moved])
    return tuple(placed)
