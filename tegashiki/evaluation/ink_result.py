"""What became of one ink: its truth, what was read in it, and the entry that a result file keeps of it."""

import operator
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import UnionType
from typing import Any

from tegashiki.evaluation.metrics import edit_distance

NUMBER = int | float
BY_WRITER = ("writer", "learnt", "prediction_without")  # what an entry also has where inks are read by writer


@dataclass(frozen=True)
class ResultCandidate:
    """One of the likeliest readings of an ink."""

    tokens: tuple[str, ...]  # canonical where they parse
    probability: float
    strokes: tuple[tuple[int, ...], ...] = ()  # for each token the strokes that draw it; () where nobody knows
    # For each token stroke, percent, stroke, percent ...: where the model looked as it wrote it; () where nobody knows.
    attention: tuple[tuple[int, ...], ...] = ()  # for a page alone: a result's file does not keep it


@dataclass(frozen=True)
class Forced:
    """Teacher forcing: what a model finds likeliest behind each beginning of the truth."""

    right: int  # the truth's tokens for which that is the token itself
    end: bool  # whether behind the whole truth it is the end


@dataclass(frozen=True)
class InkResult:
    """What became of one ink."""

    file: str
    truth: str  # canonical where it parses, otherwise as given
    prediction: str | None  # canonical; None where the ink could not be read
    probability: float | None
    ms: float | None  # from the ink to its candidates
    error: str | None  # why this ink cannot count as right whatever was read
    comparable: bool = True  # whether the edits between truth and prediction mean anything
    candidates: tuple[ResultCandidate, ...] = ()  # the likeliest first; () where only the prediction is known
    plain_truth: str = ""  # the label as its data set scores it, MathWriting's; "" for the canonical one
    forced: Forced | None = None  # what the model makes of the truth; None where none could be asked
    writer: str | None = None  # whose ink it is, where inks are read by writer; "" where nobody knows
    learnt: int | None = None  # inks of this writer that were learnt before
    prediction_without: str | None = None  # what is read without that; None where the ink could not be read

    @property
    def tokens(self) -> tuple[str, ...] | None:
        """The prediction's tokens; None where the ink could not be read."""
        return None if self.prediction is None else tuple(self.prediction.split())

    @property
    def edits(self) -> int | None:
        """Token edits between prediction and truth; None where they mean nothing. 0 is right."""
        if not self.comparable:
            return None
        return edit_distance((self.prediction or "").split(), self.truth.split())

    def entry(self) -> dict[str, Any]:
        """Return the `per_ink` entry."""
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
        """Return the reading of a `per_ink` entry.

        Raises KeyError for an entry that lacks a part, TypeError for a part of another type.
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
    """Return a part of an entry of somebody's file."""
    if not isinstance(entry[name], kind):
        raise TypeError(f"{name} is {entry[name]!r:.60}")
    return entry[name]
