"""Figures of a set of results. Each is a ratio of sums over inks and has a bootstrap interval over the inks."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.metrics import edit_distance, mathwriting_tokens, without_variants
from tegashiki.latex.errors import LatexError
from tegashiki.latex.layout import FIRST_PATH, Layout, labelled_paths, layout, paths, structure
from tegashiki.latex.tokenizer import join

RESAMPLES = 1000
SEED = 0
_CELLS_AT_ONCE = 4_000_000  # largest part of the table (resamples x inks) in memory: 32 MB


@dataclass(frozen=True)
class Ratio:
    """A figure: `scale` x (sum of numerators / sum of denominators).

    Attributes:
        numerators_N: Numerator of each ink, float64 or bool (N,).
        denominators_N: Denominator of each ink, float64 (N,).
        scale: Factor, such as 100 for percent.
        complement: Use 1 minus the ratio.
    """

    numerators_N: np.ndarray
    denominators_N: np.ndarray
    scale: float = 1.0
    complement: bool = False

    def value(self, weights_RN: np.ndarray | None = None) -> np.ndarray:
        """Compute the figure.

        Args:
            weights_RN: Number of times each resample drew each ink, int64 (R, N). None counts every ink once.

        Returns:
            The figure of each resample, float64 (R,), or without weights one figure, float64 ().
        """
        weights = np.ones(len(self.numerators_N)) if weights_RN is None else weights_RN
        ratio = weights @ self.numerators_N / np.maximum(weights @ self.denominators_N, 1)
        return self.scale * (1 - ratio if self.complement else ratio)


@dataclass(frozen=True)
class RatioPart:
    """What one ink adds to the sums of a figure, which is scale x (sum of numerators / sum of denominators)."""

    numerator: float
    denominator: float
    scale: float = 1.0
    complement: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % bootstrap interval, from `low` to `high`."""

    value: float
    low: float
    high: float


# Name -> (title in tables, decimal places, whether larger is better).
NAMES = {
    "exprate": ("ExpRate %", 2, True),
    "exprate_le1": ("<=1 %", 2, True),
    "exprate_le2": ("<=2 %", 2, True),
    "exprate_variants": ("ExpRate, variants equal %", 2, True),
    "among_candidates": ("among candidates %", 2, True),
    "label_errors_le1": ("<=1 label errors %", 2, True),
    "label_errors_le2": ("<=2 label errors %", 2, True),
    "structure_rate": ("structure rate %", 2, True),
    "symbol_rate": ("symbol rate %", 2, True),
    "cer": ("CER", 4, False),
    "cer_mathwriting": ("CER, MathWriting's", 4, False),
    "edit_similarity": ("edit similarity %", 2, True),
    "accuracy": ("token accuracy %", 2, True),
    "accuracy_without_end": ("token accuracy, no end %", 2, True),
    "bleu": ("BLEU", 2, True),
}


def ratios(results: Sequence[InkResult]) -> dict[str, Ratio]:
    """Return the figures by their names in `NAMES`.

    BLEU is not a ratio of sums and therefore not included. The figures of teacher forcing are included if at least one
    result has `forced`.

    Raises:
        ValueError: There are no results.
    """
    if not results:
        raise ValueError("there is nothing to score: 0 inks")
    rows = [ratio_parts(result) for result in results]
    found = {}
    for name, first in rows[0].items():
        numerators = np.array([row[name].numerator for row in rows], float)
        denominators = np.array([row[name].denominator for row in rows], float)
        found[name] = Ratio(numerators, denominators, first.scale, first.complement)
    if not any(result.forced for result in results):
        del found["accuracy"], found["accuracy_without_end"]
    return found


def ratio_parts(result: InkResult) -> dict[str, RatioPart]:
    """Return what one ink adds to each figure, by their names in `NAMES`. All parts are integers."""
    counts = _counts(result)
    share = {
        "exprate": counts["edits"] == 0,
        "exprate_le1": counts["edits"] <= 1,
        "exprate_le2": counts["edits"] <= 2,
        "exprate_variants": counts["same_but_variants"],
        "among_candidates": counts["among"],
        "label_errors_le1": counts["label_errors"] <= 1,
        "label_errors_le2": counts["label_errors"] <= 2,
        "structure_rate": counts["structure"],
    }
    return {
        **{name: RatioPart(right, 1, 100) for name, right in share.items()},
        "symbol_rate": RatioPart(counts["symbols_right"], counts["symbols"], 100),
        "cer": RatioPart(counts["wrong"], counts["length"]),
        "cer_mathwriting": RatioPart(counts["mathwriting_wrong"], counts["mathwriting_length"]),
        "edit_similarity": RatioPart(counts["wrong"], counts["longer"], 100, complement=True),
        "accuracy": RatioPart(counts["forced_right"] + counts["ends_right"], counts["length"] + counts["known"], 100),
        "accuracy_without_end": RatioPart(counts["forced_right"], counts["length"], 100),
    }


def figures(results: Sequence[InkResult], resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Figure]:
    """Return the figures with 95 % intervals of a percentile bootstrap over inks.

    Args:
        results: The results.
        resamples: Number of bootstrap resamples.
        seed: Seed of the bootstrap. The same seed gives the same intervals.
    """
    found = ratios(results)
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in found}
    for weights_RN in resampled(len(results), resamples, seed):
        for name, ratio in found.items():
            drawn[name].append(ratio.value(weights_RN))
    intervals = {name: np.percentile(np.concatenate(values), [2.5, 97.5]) for name, values in drawn.items()}
    return {name: Figure(float(found[name].value()), *map(float, intervals[name])) for name in found}


def resampled(inks: int, resamples: int = RESAMPLES, seed: int = SEED) -> Iterator[np.ndarray]:
    """Yield the counts with which bootstrap resamples draw each ink, int64 (R, inks), a part of the resamples each."""
    random = np.random.default_rng(seed)
    step = max(1, _CELLS_AT_ONCE // inks)
    for start in range(0, resamples, step):
        yield random.multinomial(inks, np.full(inks, 1 / inks), size=min(step, resamples - start))


def _counts(result: InkResult) -> Mapping[str, float]:
    """Return what one ink adds to each sum. For an unread ink all tokens of the truth count as wrong."""
    truth = result.truth.split()
    read = result.tokens if result.comparable else None
    edits = float("inf") if read is None else edit_distance(read, truth)
    wrong = len(truth) if read is None else edits
    plain = mathwriting_tokens(result.plain_truth or join(truth))
    plain_read = [] if read is None else mathwriting_tokens(join(read))
    return {
        "edits": edits,
        "wrong": wrong,
        "length": len(truth),
        "longer": max(len(truth), len(read or ())),
        "same_but_variants": read is not None and without_variants(read) == without_variants(truth),
        "among": any(candidate.tokens == tuple(truth) for candidate in result.candidates) or edits == 0,
        "mathwriting_wrong": len(plain) if read is None else edit_distance(plain_read, plain),
        "mathwriting_length": len(plain),
        "known": bool(truth),
        "forced_right": result.forced.right if result.forced else 0,
        "ends_right": result.forced.end if result.forced else 0,
        **_tree_counts(read or (), truth),
    }


def _tree_counts(read: Sequence[str], truth: Sequence[str]) -> Mapping[str, float]:
    expected, found = layout_or_none(truth), layout_or_none(read)
    if expected is None:  # a truth that does not parse has no symbols
        return {"structure": 0, "symbols": 0, "symbols_right": 0, "label_errors": float("inf")}
    if found is None:
        return {"structure": 0, "symbols": len(expected), "symbols_right": 0, "label_errors": float("inf")}
    return {
        "structure": structure(found) == structure(expected),
        "symbols": len(expected),
        "symbols_right": sum((Counter(labelled_paths(found)) & Counter(labelled_paths(expected))).values()),
        "label_errors": label_errors(found, expected),
    }


def label_errors(found: Layout, expected: Layout) -> int:
    """Count the labels that differ between the label graphs of two trees, as LgEval does (its D_B).

    Symbols are matched by their paths. A wrong label is one error. A symbol that only one tree has is one error, and
    its relation to its parent is another; the first symbol has no parent.

    Args:
        found: Tree of the recognised formula.
        expected: Tree of the truth.
    """
    a, b = (dict(zip(paths(tree), (node.label for node in tree), strict=True)) for tree in (found, expected))
    wrong = sum(a[path] != b[path] for path in a.keys() & b.keys())
    return wrong + sum(2 if path != FIRST_PATH else 1 for path in a.keys() ^ b.keys())


def layout_or_none(tokens: Sequence[str]) -> Layout | None:
    """Return the layout tree of tokens. None if there are no tokens or they do not parse."""
    try:
        return layout(tokens) or None
    except LatexError:
        return None
