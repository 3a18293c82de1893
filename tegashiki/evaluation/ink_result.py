"""The result of one ink: its truth, its prediction, and its entry in a result file."""

import operator
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import UnionType
from typing import Any

from tegashiki.evaluation.metrics import edit_distance

NUMBER = int | float
BY_WRITER = ("writer", "learnt", "prediction_without")  # further parts of an entry of an evaluation by writer


@dataclass(frozen=True)
class ResultCandidate:
    """One candidate of the beam search.

    Attributes:
        tokens: The tokens, canonical if they parse.
        probability: Probability that the candidate is right.
        strokes: For each token the indices of its strokes. () if unknown.
        attention: For each token the attention of the model over the strokes, as (stroke, percent, stroke, percent,
            ...). () if unknown. It is shown on report pages and not stored in result files.
    """

    tokens: tuple[str, ...]
    probability: float
    strokes: tuple[tuple[int, ...], ...] = ()
    attention: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Forced:
    """Result of teacher forcing: the model predicts each token from the correct tokens before it.

    Attributes:
        right: Number of tokens of the truth that were predicted correctly.
        end: Whether the end token was predicted after the complete truth.
    """

    right: int
    end: bool


@dataclass(frozen=True)
class InkResult:
    """The result of one ink.

    Attributes:
        file: Name of the ink.
        truth: Tokens of the truth joined by spaces, canonical if they parse. "" if unknown.
        prediction: Tokens of the best candidate joined by spaces, canonical if they parse. None if the ink could not
            be read.
        probability: Probability of the best candidate. None if unknown.
        ms: Milliseconds from the ink to its candidates. None if unknown.
        error: Reason why this ink cannot count as right, or None.
        comparable: Whether the edit distance between truth and prediction is meaningful.
        candidates: The candidates, most probable first. () if only the prediction is known.
        plain_truth: The label as the data set scores it (MathWriting). "" to use the canonical truth.
        forced: Result of teacher forcing. None if the model was not run with it.
        writer: Writer of the ink in an evaluation by writer, "" if unknown. None in other evaluations.
        learnt: Number of inks of this writer that were learnt before this one.
        prediction_without: Prediction without the writer's memory. None if the ink could not be read.
    """

    file: str
    truth: str
    prediction: str | None
    probability: float | None
    ms: float | None
    error: str | None
    comparable: bool = True
    candidates: tuple[ResultCandidate, ...] = ()
    plain_truth: str = ""
    forced: Forced | None = None
    writer: str | None = None
    learnt: int | None = None
    prediction_without: str | None = None

    @property
    def tokens(self) -> tuple[str, ...] | None:
        """The tokens of the prediction. None if the ink could not be read."""
        return None if self.prediction is None else tuple(self.prediction.split())

    @property
    def edits(self) -> int | None:
        """Number of token edits between prediction and truth; 0 is right. None if they are not comparable."""
        if not self.comparable:
            return None
        return edit_distance((self.prediction or "").split(), self.truth.split())

    def entry(self) -> dict[str, Any]:
        """Return the `per_ink` entry of the result file."""
        return {
            "file": self.file,
            "truth": self.truth,
            "prediction": self.prediction,
            "probability": self.probability,
            "ms": self.ms,
            "error": self.error,
            "edits": self.edits,
            **({"plain_truth": self.plain_truth} if self.plain_truth else {}),
            **({"forced": asdict(self.forced)} if self.forced else {}),
            **({name: getattr(self, name) for name in BY_WRITER} if self.writer is not None else {}),
            "candidates": [
                {"tokens": " ".join(each.tokens), "probability": each.probability, "strokes": each.strokes}
                for each in self.candidates
            ],
        }

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> "InkResult":
        """Build a result from a `per_ink` entry.

        Raises:
            KeyError: The entry lacks a part.
            TypeError: A part has the wrong type.
        """
        return cls(
            file=_part(entry, "file", str),
            truth=_part(entry, "truth", str),
            prediction=_part(entry, "prediction", str | None),
            probability=_part(entry, "probability", NUMBER | None),
            ms=_part(entry, "ms", NUMBER | None),
            error=_part(entry, "error", str | None),
            comparable=_part(entry, "edits", int | None) is not None,
            candidates=tuple(map(_candidate, entry["candidates"])),
            plain_truth=_part(entry, "plain_truth", str) if "plain_truth" in entry else "",
            forced=_forced(entry["forced"]) if "forced" in entry else None,
            writer=_part(entry, "writer", str) if "writer" in entry else None,
            learnt=_part(entry, "learnt", int) if "writer" in entry else None,
            prediction_without=_part(entry, "prediction_without", str | None) if "writer" in entry else None,
        )


def _candidate(entry: Mapping[str, Any]) -> ResultCandidate:
    strokes = tuple(tuple(map(operator.index, of_token)) for of_token in entry["strokes"])
    return ResultCandidate(tuple(_part(entry, "tokens", str).split()), _part(entry, "probability", NUMBER), strokes)


def _forced(entry: Mapping[str, Any]) -> Forced:
    return Forced(_part(entry, "right", int), _part(entry, "end", bool))


def _part(entry: Mapping[str, Any], name: str, kind: type | UnionType) -> Any:
    """Return one part of an entry after checking its type, because result files come from users."""
    if not isinstance(entry[name], kind):
        raise TypeError(f"{name} is {entry[name]!r:.60}")
    return entry[name]
