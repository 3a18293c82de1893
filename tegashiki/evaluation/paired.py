"""Compare two models on the same inks: which is better, by how much, and how certain that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from tegashiki.evaluation.figures import RESAMPLES, SEED, ratios, resampled
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.samples import EvaluationError


@dataclass(frozen=True)
class Difference:
    """The difference of one figure between two models.

    Attributes:
        first: The figure of the first model.
        second: The figure of the second model.
        difference: `second` minus `first`.
        low: Lower end of the 95 % interval of the difference, from a paired bootstrap.
        high: Upper end of it.
        above: Share of the resamples in which the figure of the second model is larger; ties count half.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    above: float


@dataclass(frozen=True)
class Comparison:
    """A comparison of two models on the same inks.

    Attributes:
        inks: Number of inks.
        fixed: Names of the inks that only the second model recognises exactly.
        broken: Names of the inks that only the first model recognises exactly.
        p_value: p-value of `mcnemar`, the probability of so large a difference between two equally good models.
        differences: The differences of all figures that both models have, by their names in `figures.NAMES`.
    """

    inks: int
    fixed: Sequence[str]
    broken: Sequence[str]
    p_value: float
    differences: dict[str, Difference]


def compare(first: Sequence[InkResult], second: Sequence[InkResult], seed: int = SEED) -> Comparison:
    """Compare two models ink by ink.

    Args:
        first: Results of the first model.
        second: Results of the second model on the same inks, in any order.
        seed: Seed of the bootstrap. Its resamples draw the same inks for both models.

    Raises:
        EvaluationError: The inks or their truths differ. The message names one.
    """
    first, second = _matched(first, second)
    right = [[result.edits == 0 for result in results] for results in (first, second)]
    fixed = [result.file for result, a, b in zip(first, *right, strict=True) if b and not a]
    broken = [result.file for result, a, b in zip(first, *right, strict=True) if a and not b]
    return Comparison(len(first), fixed, broken, mcnemar(len(broken), len(fixed)), _differences(first, second, seed))


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the p-value of the exact two-sided McNemar test.

    It is the probability of a split at least as uneven as the given one if both sides are equally likely. Inks that
    both models or neither model recognise exactly do not matter.
    Reference: McNemar, Psychometrika 12, 1947; the exact form is a sign test, binomial with 1/2.

    Args:
        only_first: Number of inks that only the first model recognises exactly.
        only_second: Number of inks that only the second model recognises exactly.
    """
    total, fewer = only_first + only_second, min(only_first, only_second)
    return min(1.0, 2 * sum(comb(total, i) for i in range(fewer + 1)) / 2**total)


def _differences(first: Sequence[InkResult], second: Sequence[InkResult], seed: int) -> dict[str, Difference]:
    """Bootstrap the difference of each figure with the same inks drawn for both models (Koehn, EMNLP 2004)."""
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
    by_file = {result.file: result for result in second}
    if len(by_file) != len(second):
        raise EvaluationError("the second result names an ink twice, but inks are matched by name: rename one of them")
    if {result.file for result in first} != by_file.keys() or len(first) != len(second):
        odd = sorted({result.file for result in first} ^ by_file.keys())
        raise EvaluationError(
            f"the two results have {len(first)} and {len(second)} inks, and {len(odd)} inks are in only one of them "
            f"({', '.join(odd[:3])}): compare results of the same split"
        )
    matched = [by_file[result.file] for result in first]
    for one, other in zip(first, matched, strict=True):
        if one.truth != other.truth:
            raise EvaluationError(
                f"{one.file} has the truth {one.truth!r} in one result and {other.truth!r} in the other: "
                "evaluate both with the same labels and version"
            )
    return list(first), matched
