"""The readings that a recogniser returns, and the error for ink that it cannot read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tegashiki.convert.answer import SECONDS, answer
from tegashiki.convert.convert import convert
from tegashiki.errors import UserError
from tegashiki.recognizer.doubt import REJECT_BELOW


class RecognizerError(UserError, ValueError):
    """An ink, a model or a request that a recogniser cannot accept."""


@dataclass(frozen=True)
class Candidate:
    r"""One reading of an ink.

    Attributes:
        latex: The LaTeX as one would type it: `\frac{a}{b}`.
        tokens: The canonical tokens.
        probability: The calibrated probability that the reading is right.
        log_probability: Its natural logarithm.
        strokes_of_token: For each token the indices of the strokes that draw it. Every stroke draws one token.
        complete: False if the reading ends at the model's maximum number of tokens, so that the ink may contain more.
        doubtful: The indices of the tokens that are in doubt, ascending (`tegashiki.recognizer.doubt`). Tokens that the
            writer has accepted are not in doubt. Empty for alternatives, which are not searched.
        attention_LS: float32 (tokens, strokes), the model's attention over the strokes for each token; None if unknown.
    """

    latex: str
    tokens: tuple[str, ...]
    probability: float
    log_probability: float
    strokes_of_token: tuple[tuple[int, ...], ...]
    complete: bool = True
    doubtful: tuple[int, ...] = field(default=(), compare=False)
    attention_LS: np.ndarray | None = field(default=None, compare=False, repr=False)

    @property
    def is_sure(self) -> bool:
        """Whether the reading is probable enough to be shown as the answer, as the best candidate of its ink."""
        return self.probability >= REJECT_BELOW

    def to(self, form: str) -> str | bytes:
        """Return the reading in another form: `candidate.to("typst")`.

        Args:
            form: A name in `tegashiki.convert.convert.FORMS`: `mathml`, `typst`, `sympy`, `docx` and others.

        Returns:
            Bytes for docx and png, text for all others.

        Raises:
            ConversionError: There is no such form, or it cannot say a part of the formula.
        """
        return convert(self.tokens, form)

    def answer(self, seconds: float = SECONDS) -> str | None:
        """Return the answer to a reading that expects one, as LaTeX: the value after `=`, the roots of an equation.

        Args:
            seconds: Limit for the calculation, which runs in a process of its own.

        Returns:
            None if the reading expects no answer, or if none is found that can be checked in time.

        Raises:
            ConversionError: The package sympy is not installed.
        """
        return answer(self.tokens, seconds)


def is_within(index: Any, count: int) -> bool:
    """Whether something is an integer from 0 to `count - 1`."""
    return isinstance(index, (int, np.integer)) and bool(0 <= index < count)


def check_stroke_indices(indices: Iterable[int], count: int) -> None:
    """Raise RecognizerError if one of the indices is not that of one of `count` strokes."""
    for index in indices:
        if not is_within(index, count):
            raise RecognizerError(f"no stroke {index}: there are {count}, counted from 0")
