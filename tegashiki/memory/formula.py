"""One formula of a writer, as a memory keeps it: thinned strokes on a grid of whole numbers, and what they say."""

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

GRID = 128  # steps of the grid to an ink's unit, its median stroke size
EPSILON = 0.01  # of the simplification, in a stroke's own size: half of what `preprocess` drops
MAX_STEP = 2**30  # magnitude of a coordinate on the grid


class LearningError(UserError, ValueError):
    """Something that a memory cannot learn, find or be read from."""


@dataclass(frozen=True, eq=False)
class Keys:
    """What one model makes of a formula.

    model: the fingerprint of the model. vectors_ND: int8, a key for each token and one for the end; none where the
    model cannot write the formula. missed: how many of these tokens the model, without any memory, likes less than
    another one.
    """

    model: str
    vectors_ND: np.ndarray
    missed: int


@dataclass(eq=False)
class Formula:
    """What a writer wrote and accepted.

    strokes: int32 (N, 2) each, on the grid. tokens: canonical. learnt: seconds since 1970. allowed: the tokens that
    could be written when it was accepted, None for all. keys: of the model that was asked last, None before.
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
        """How many tokens it takes of a memory, its end included."""
        return len(self.tokens) + 1

    def same_ink(self, other: Formula) -> bool:
        """Whether another formula has the same strokes."""
        pairs = zip(self.strokes, other.strokes, strict=False)
        return len(self.strokes) == len(other.strokes) and all(np.array_equal(a, b) for a, b in pairs)

    def ink(self, writer: str = "") -> Ink:
        """Return the strokes with their label, in steps of the grid."""
        return Ink(tuple(stroke.astype(np.float64) for stroke in self.strokes), self.latex, writer)


def make_formula(
    strokes: Sequence[np.ndarray], latex: str | Sequence[str], learnt: int, allowed: Iterable[str] | None = None
) -> Formula:
    """Return what a memory keeps of an ink.

    Args:
        strokes: (N, 2) each, any unit.
        latex: what they say, LaTeX or its tokens.
        learnt: seconds since 1970.
        allowed: the tokens that could be written, None for all.

    Raises:
        LearningError: no strokes, or LaTeX that says nothing.
        LatexError: the LaTeX does not parse.
    """
    tokens = normalize(latex)
    if not tokens:
        raise LearningError("the LaTeX says nothing: give what the ink says")
    if not len(strokes):
        raise LearningError(f"there is no ink to learn {join(tokens)!r} from: give strokes")
    return Formula(place_on_grid(strokes), tokens, learnt, None if allowed is None else frozenset(allowed))


def place_on_grid(strokes: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Thin strokes and round them to the grid: int32 (N, 2) each, the least x and y of all being 0.

    Each stroke loses the points that repeat the one before and those that RDP drops in the stroke's own frame
    (`preprocess`, steps 1 to 4, with EPSILON). The rest, x for example, becomes floor((x - least x) / step + 1/2), a
    step being the ink's unit over GRID. Repeats are dropped again.
    """
    kept, sizes = [], []
    for stroke in strokes:
        unit_M2, (x, y, size) = unit_stroke(stroke)
        thin_M2 = unit_M2[rdp_mask(unit_M2, EPSILON)]
        kept.append(thin_M2 * (size or 1.0) + np.array([x, y]))
        sizes.append(size)
    step = unit_size(np.array(sizes)) / GRID
    least = np.min([stroke.min(axis=0) for stroke in kept], axis=0)
    placed = []
    for stroke in kept:
        steps = np.floor((stroke - least) / step + 0.5).clip(0, MAX_STEP).astype(np.int32)
        moved = np.concatenate([[True], (steps[1:] != steps[:-1]).any(axis=1)])
        placed.append(steps[moved])
    return tuple(placed)
