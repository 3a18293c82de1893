"""What a recogniser gives, a candidate, and how it refuses what it cannot read."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tegashiki.errors import UserError


class RecognizerError(UserError, ValueError):
    """An ink or a model that the recogniser cannot take."""


@dataclass(frozen=True)
class Candidate:
    """One reading of an ink."""

    latex: str  # as one would type it: `\frac{a}{b}`
    tokens: tuple[str, ...]  # canonical
    probability: float  # that this is what is written, as far as the model's calibration goes
    log_probability: float
    strokes_of_token: tuple[tuple[int, ...], ...]  # for each token the strokes that draw it; every stroke draws one
    complete: bool = True  # False where it ends because the model writes no more tokens: the ink is longer
    # float32 (tokens, strokes): how much the model looked at each stroke as it wrote each token; None: not known.
    attention_LS: np.ndarray | None = field(default=None, compare=False, repr=False)


def is_within(index: Any, count: int) -> bool:
    """Whether something is a whole number from 0 to `count`, which is left out."""
    return isinstance(index, (int, np.integer)) and bool(0 <= index < count)
