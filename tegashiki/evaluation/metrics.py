"""How good readings are: exact matches and token edit distance over canonical tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

Tokens = Sequence[str]


@dataclass(frozen=True)
class Scores:
    """A set's figures, as CROHME and MathWriting define them."""

    inks: int
    exprate: float  # percent of inks read exactly
    exprate_le1: float  # percent with at most one token edit
    exprate_le2: float  # percent with at most two
    cer: float  # token edits / truth tokens over the whole set (micro-averaged), a fraction


def edit_distance(prediction: Tokens, truth: Tokens) -> int:
    """Count the token insertions, deletions and substitutions between two token sequences (Levenshtein)."""
    return Levenshtein.distance(prediction, truth)


def score(predictions: Sequence[Tokens | None], truths: Sequence[Tokens]) -> Scores:
    """Score a set of readings against canonical truths.

    Args:
        predictions: canonical tokens, or None for an ink that could not be read or must not count as read: wrong
            in every rate, and all of its truth's tokens count as edits.
        truths: canonical tokens, one sequence per prediction; empty where nobody knows (such an ink adds no edits).

    Raises:
        ValueError: no inks, or unequal numbers of both.
    """
    if not truths:
        raise ValueError("there is nothing to score: 0 inks")
    pairs = list(zip(predictions, truths, strict=True))
    edits = [None if prediction is None else edit_distance(prediction, truth) for prediction, truth in pairs]
    wrong = sum(len(truth) if count is None else count for count, truth in zip(edits, truths, strict=True))

    def rate(most: int) -> float:
        return 100.0 * sum(count is not None and count <= most for count in edits) / len(edits)

    return Scores(len(edits), rate(0), rate(1), rate(2), wrong / max(1, sum(len(truth) for truth in truths)))
