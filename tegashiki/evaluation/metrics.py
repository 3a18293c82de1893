"""Metrics over tokens: exact matches and edit distances. docs/evaluation.md names the sources."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

Tokens = Sequence[str]

_MATHWRITING_COMMAND = re.compile(
    r"\\(mathbb{[a-zA-Z]}|begin{[a-z]+}|end{[a-z]+}|operatorname\*|[a-zA-Z]+|.)", re.DOTALL
)

# Signs that many people write like another one, so that the ink does not tell which one is meant.
VARIANTS = {
    r"\varepsilon": r"\epsilon",
    r"\varphi": r"\phi",
    r"\vartheta": r"\theta",
    r"\varrho": r"\rho",
    r"\varsigma": r"\sigma",
    r"\varkappa": r"\kappa",
    r"\varnothing": r"\emptyset",
    r"\cdots": r"\ldots",
    r"\sum": r"\Sigma",
    r"\prod": r"\Pi",
    r"\triangle": r"\Delta",
    r"\leqslant": r"\leq",
    r"\geqslant": r"\geq",
    r"\longrightarrow": r"\rightarrow",
}


@dataclass(frozen=True)
class Scores:
    """Scores of a set of inks, as CROHME and MathWriting define them.

    Attributes:
        inks: Number of inks.
        exprate: Percent of inks recognised exactly.
        exprate_le1: Percent with at most one token edit.
        exprate_le2: Percent with at most two token edits.
        cer: Token edits / truth tokens over the whole set (micro-averaged), a fraction.
    """

    inks: int
    exprate: float
    exprate_le1: float
    exprate_le2: float
    cer: float


def edit_distance(prediction: Tokens, truth: Tokens) -> int:
    """Return the Levenshtein distance between two token sequences: insertions, deletions and substitutions."""
    return Levenshtein.distance(prediction, truth)


def score(predictions: Sequence[Tokens | None], truths: Sequence[Tokens]) -> Scores:
    """Score predictions against truths.

    Args:
        predictions: Canonical tokens of each ink. None for an ink that could not be read or whose prediction must not
            count: it is wrong in every rate, and all tokens of its truth count as edits.
        truths: Canonical tokens of each truth, in the same order. Empty if unknown; such an ink adds no edits.

    Raises:
        ValueError: There are no inks, or the numbers of predictions and truths differ.
    """
    if not truths:
        raise ValueError("there is nothing to score: 0 inks")
    pairs = list(zip(predictions, truths, strict=True))
    edits = [None if prediction is None else edit_distance(prediction, truth) for prediction, truth in pairs]
    wrong = sum(len(truth) if count is None else count for count, truth in zip(edits, truths, strict=True))

    def rate(most: int) -> float:
        return 100.0 * sum(count is not None and count <= most for count in edits) / len(edits)

    return Scores(len(edits), rate(0), rate(1), rate(2), wrong / max(1, sum(len(truth) for truth in truths)))


def without_variants(tokens: Tokens) -> tuple[str, ...]:
    """Return the tokens with each sign of `VARIANTS` replaced by the one that stands for it."""
    return tuple(VARIANTS.get(token, token) for token in tokens)


def mathwriting_tokens(latex: str) -> list[str]:
    r"""Split LaTeX into tokens as MathWriting's authors do.

    A token is a command such as `\frac`, `\mathbb{R}` or `\begin{matrix}`, or any other single character, including a
    space. Source: appendix of arXiv 2404.10690. A backslash at the very end, on which their code fails, is a token.
    """
    tokens = []
    start = 0
    while start < len(latex):
        match = _MATHWRITING_COMMAND.match(latex, start)
        tokens.append(match[0] if match else latex[start])
        start += len(tokens[-1])
    return tokens


def bleu(predictions: Sequence[str], truths: Sequence[str]) -> float | None:
    """Return BLEU-4 of a whole set, computed by sacrebleu.

    Args:
        predictions: Canonical tokens of each ink joined by spaces, "" for an ink that could not be read.
        truths: Tokens of the truths in the same form and order.

    Returns:
        BLEU from 0 to 100, or None if sacrebleu is not installed (it is part of the `train` extra).
    """
    try:
        from sacrebleu.metrics import BLEU
    except ModuleNotFoundError:
        return None
    # BLEU shall count our tokens, which sacrebleu's tokenizer would split. `force` silences its warning about that.
    return float(BLEU(tokenize="none", force=True).corpus_score(list(predictions), [list(truths)]).score)
