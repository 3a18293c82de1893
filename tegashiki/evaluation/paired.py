"""Two models on the same inks: who is better, by how much, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from tegashiki.evaluation.figures import RESAMPLES, SEED, ratios, resampled
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.samples import EvaluationError


@dataclass(frozen=True)
class Difference:
    """A figure of the second model less that of the first."""

    first: float
    second: float
    difference: float
    low: float  # 95 % of paired bootstrap resamples lie from here ...
    high: float  # ... to here
    above: float  # share of the resamples in which the second model's is the larger


@dataclass(frozen=True)
class Comparison:
    """Two models' readings of the same inks."""

    inks: int
    fixed: Sequence[str]  # the files that only the second model reads right
    broken: Sequence[str]  # the files that only the first one does
    p_value: float  # of `mcnemar`: how often models that are equally good would differ so much in right inks
    differences: dict[str, Difference]  # of the figures that both have, by their names in `figures.NAMES`


def compare(first: Sequence[InkResult], second: Sequence[InkResult], seed: int = SEED) -> Comparison:
    """Compare two models ink by ink.

    Args:
        first: readings of one model.
        second: readings of the other, of the same inks in any order.
        seed: of the bootstrap, whose resamples draw the same inks for both.

    Raises:
        EvaluationError: where the inks or their truths differ, naming one.
    """
    first, second = _matched(first, second)
    right = [[reading.edits == 0 for reading in readings] for readings in (first, second)]
    fixed = [reading.file for reading, a, b in zip(first, *right, strict=True) if b and not a]
    broken = [reading.file for reading, a, b in zip(first, *right, strict=True) if a and not b]
    return Comparison(len(first), fixed, broken, mcnemar(len(broken), len(fixed)), _differences(first, second, seed))


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided McNemar test: p of a split as uneven as this one, were either side as likely.

    Args:
        only_first: how many inks only the one model reads right; those that both or neither read right say nothing.
        only_second: how many only the other one does.

    Reference: McNemar, Psychometrika 12, 1947; the exact form is a sign test, binomial with 1/2.
    """
    total, fewer = only_first + only_second, min(only_first, only_second)
    return min(1.0, 2 * sum(comb(total, i) for i in range(fewer + 1)) / 2**total)


def _differences(first: Sequence[InkResult], second: Sequence[InkResult], seed: int) -> dict[str, Difference]:
    """Bootstrap the difference of each figure, drawing the same inks for both models (Koehn, EMNLP 2004)."""
    a, b = ratios(first), ratios(second)
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in a if name in b}
    for weights_RN in resampled(len(first), RESAMPLES, seed):
        for name in drawn:
            drawn[name].append(b[name].value(weights_RN) - a[name].value(weights_RN))
    found = {}
    for name, parts in drawn.items():
        differences = np.concatenate(parts)
        values = float(a[name].value()), float(b[name].value())
        low, high = np.percentile(differences, [2.5, 97.5])
        above = float((differences > 0).mean() + (differences == 0).mean() / 2)
        found[name] = Difference(*values, values[1] - values[0], float(low), float(high), above)
    return found


def _matched(first: Sequence[InkResult], second: Sequence[InkResult]) -> tuple[list[InkResult], list[InkResult]]:
    by_file = {reading.file: reading for reading in second}
    if len(by_file) != len(second):
        raise EvaluationError("the second result names an ink twice: inks are matched by their names")
    if {reading.file for reading in first} != by_file.keys() or len(first) != len(second):
        odd = sorted({reading.file for reading in first} ^ by_file.keys())
        raise EvaluationError(
            f"the two results have {len(first)} and {len(second)} inks, and {len(odd)} are in one alone "
            f"({', '.join(odd[:3])}): compare results of the same split"
        )
    matched = [by_file[reading.file] for reading in first]
    for one, other in zip(first, matched, strict=True):
        if one.truth != other.truth:
            raise EvaluationError(
                f"{one.file} has the truth {one.truth!r} in one result and {other.truth!r} in the other: "
                "evaluate both with the same labels and version"
            )
    return list(first), matched
