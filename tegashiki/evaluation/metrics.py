"""How good readings are: exact matches and edit distances over tokens; docs/evaluation.md names the sources."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

Tokens = Sequence[str]

_MATHWRITING_COMMAND = re.compile(
    r"\\(mathbb{[a-zA-Z]}|begin{[a-z]+}|end{[a-z]+}|operatorname\*|[a-zA-Z]+|.)", re.DOTALL
)


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


def mathwriting_tokens(latex: str) -> list[str]:
    r"""Split LaTeX as MathWriting's authors do: `\frac`, `\mathbb{R}`, `\begin{matrix}`, or one character, a space too.

    Appendix of arXiv 2404.10690. A lone backslash at the end, which theirs fails on, is a token.
    """
    tokens = []
    start = 0
    while start < len(latex):
        match = _MATHWRITING_COMMAND.match(latex, start)
        tokens.append(match[0] if match else latex[start])
        start += len(tokens[-1])
    return tokens


def bleu(predictions: Sequence[str], truths: Sequence[str]) -> float | None:
    """BLEU-4 over a set, 0 to 100, by sacrebleu; None where it is not installed (the `train` extra has it).

    Args:
        predictions: canonical tokens joined by spaces, "" for an ink that was not read.
        truths: the same of the truths, one for each.
    """
    try:
        from sacrebleu.metrics import BLEU
    except ModuleNotFoundError:
        return None
    # Our tokens are what BLEU counts; sacrebleu's own tokenizer would cut them, and `force` stops its warning of that.
    return float(BLEU(tokenize="none", force=True).corpus_score(list(predictions), [list(truths)]).score)
