"""The figures of a set of readings, each a ratio of sums over inks, with bootstrap intervals over the inks."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.metrics import edit_distance, mathwriting_tokens
from tegashiki.latex.errors import LatexError
from tegashiki.latex.layout import FIRST_PATH, Layout, labelled_paths, layout, paths, structure
from tegashiki.latex.tokenizer import join

RESAMPLES = 1000
SEED = 0
_CELLS_AT_ONCE = 4_000_000  # of the table resamples x inks: 32 MB


@dataclass(frozen=True)
class Ratio:
    """A figure as `scale` x sum of numerators / sum of denominators, or 1 minus that where `complement`.

    numerators_N, denominators_N: float64 (N,), one of each for an ink.
    """

    numerators_N: np.ndarray
    denominators_N: np.ndarray
    scale: float = 1.0
    complement: bool = False

    def value(self, weights_RN: np.ndarray | None = None) -> np.ndarray:
        """The figure, () float64; or with `weights_RN`, how often each resample drew each ink, one a resample, (R,)."""
        weights = np.ones(len(self.numerators_N)) if weights_RN is None else weights_RN
        ratio = weights @ self.numerators_N / np.maximum(weights @ self.denominators_N, 1)
        return self.scale * (1 - ratio if self.complement else ratio)


@dataclass(frozen=True)
class Figure:
    """A figure with its interval: 95 % of bootstrap resamples lie within."""

    value: float
    low: float
    high: float


# Name -> what a table calls it, digits after the point, and whether more is better.
NAMES = {
    "exprate": ("ExpRate %", 2, True),
    "exprate_le1": ("<=1 %", 2, True),
    "exprate_le2": ("<=2 %", 2, True),
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


def ratios(readings: Sequence[InkResult]) -> dict[str, Ratio]:
    """Return every figure but BLEU, which is no ratio of sums, by its name in `NAMES`.

    Those of teacher forcing are there where some reading knows what a model makes of the truth.

    Raises:
        ValueError: no readings.
    """
    if not readings:
        raise ValueError("there is nothing to score: 0 inks")
    rows = [_counts(reading) for reading in readings]
    columns = {name: np.array([row[name] for row in rows], float) for name in rows[0]}
    one = np.ones(len(rows))
    forced = {
        "accuracy": Ratio(columns["forced_right"] + columns["ends_right"], columns["length"] + columns["known"], 100),
        "accuracy_without_end": Ratio(columns["forced_right"], columns["length"], 100),
    }
    return {
        "exprate": Ratio(columns["edits"] == 0, one, 100),
        "exprate_le1": Ratio(columns["edits"] <= 1, one, 100),
        "exprate_le2": Ratio(columns["edits"] <= 2, one, 100),
        "among_candidates": Ratio(columns["among"], one, 100),
        "label_errors_le1": Ratio(columns["label_errors"] <= 1, one, 100),
        "label_errors_le2": Ratio(columns["label_errors"] <= 2, one, 100),
        "structure_rate": Ratio(columns["structure"], one, 100),
        "symbol_rate": Ratio(columns["symbols_right"], columns["symbols"], 100),
        "cer": Ratio(columns["wrong"], columns["length"]),
        "cer_mathwriting": Ratio(columns["mathwriting_wrong"], columns["mathwriting_length"]),
        "edit_similarity": Ratio(columns["wrong"], columns["longer"], 100, complement=True),
        **(forced if any(reading.forced for reading in readings) else {}),
    }


def figures(readings: Sequence[InkResult], resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Figure]:
    """Return the figures with 95 % intervals of a percentile bootstrap over inks; the same seed gives the same."""
    found = ratios(readings)
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in found}
    for weights_RN in resampled(len(readings), resamples, seed):
        for name, ratio in found.items():
            drawn[name].append(ratio.value(weights_RN))
    intervals = {name: np.percentile(np.concatenate(values), [2.5, 97.5]) for name, values in drawn.items()}
    return {name: Figure(float(found[name].value()), *map(float, intervals[name])) for name in found}


def resampled(inks: int, resamples: int = RESAMPLES, seed: int = SEED) -> Iterator[np.ndarray]:
    """Give how often each resample of a bootstrap draws each ink, int64 (R, inks), some of the resamples at a time."""
    random = np.random.default_rng(seed)
    step = max(1, _CELLS_AT_ONCE // inks)
    for start in range(0, resamples, step):
        yield random.multinomial(inks, np.full(inks, 1 / inks), size=min(step, resamples - start))


def _counts(reading: InkResult) -> Mapping[str, float]:
    """What one ink adds to each sum; an ink that was not read has all of its truth wrong."""
    truth = reading.truth.split()
    read = reading.tokens if reading.comparable else None
    edits = float("inf") if read is None else edit_distance(read, truth)
    wrong = len(truth) if read is None else edits
    plain = mathwriting_tokens(reading.plain_truth or join(truth))
    plain_read = [] if read is None else mathwriting_tokens(join(read))
    return {
        "edits": edits,
        "wrong": wrong,
        "length": len(truth),
        "longer": max(len(truth), len(read or ())),
        "among": any(candidate.tokens == tuple(truth) for candidate in reading.candidates) or edits == 0,
        "mathwriting_wrong": len(plain) if read is None else edit_distance(plain_read, plain),
        "mathwriting_length": len(plain),
        "known": bool(truth),
        "forced_right": reading.forced.right if reading.forced else 0,
        "ends_right": reading.forced.end if reading.forced else 0,
        **_tree_counts(read or (), truth),
    }


def _tree_counts(read: Sequence[str], truth: Sequence[str]) -> Mapping[str, float]:
    expected, found = layout_or_none(truth), layout_or_none(read)
    if expected is None:  # a truth that does not parse has no symbols to find
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
    """Count the labels in which two trees' label graphs differ, as LgEval does (its D_B), symbols known by their paths.

    A wrong label is one error. A symbol that only one tree has is one too, and so is its relation to its parent, which
    the first symbol has not.
    """
    a, b = (dict(zip(paths(tree), (node.label for node in tree), strict=True)) for tree in (found, expected))
    wrong = sum(a[path] != b[path] for path in a.keys() & b.keys())
    return wrong + sum(2 if path != FIRST_PATH else 1 for path in a.keys() ^ b.keys())


def layout_or_none(tokens: Sequence[str]) -> Layout | None:
    """Return the layout tree, or None for tokens that have none: no tokens, or some that do not parse."""
    try:
        return layout(tokens) or None
    except LatexError:
        return None
