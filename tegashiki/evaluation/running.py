"""Figures of any number of inks, added up one ink after the other in constant memory."""

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tegashiki.evaluation.figures import RESAMPLES, SEED, Figure, ratio_parts
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.report import align, figure_lines
from tegashiki.evaluation.samples import EvaluationError

BLOCK = 1000  # inks that are weighted together


class RunningFigures:
    """Adds up results. The figures are exact; only their intervals are estimated, as ever.

    The intervals come from a Poisson bootstrap: a resample draws each ink a Poisson-distributed number of times,
    independently of the others (Chamandy et al., "Estimating Uncertainty for Massive Data Streams", 2012). For many
    inks that is the usual bootstrap, and needs only sums. The numbers depend on the seed and the order of the inks.

    Attributes:
        inks: The number of results.
        failed: The number of results that cannot count as right, for example because the ink could not be read.
        with_truth: The number of results whose truth is known.
    """

    def __init__(self, resamples: int = RESAMPLES, seed: int = SEED) -> None:
        self.inks = self.failed = self.with_truth = 0
        self._resamples, self._seed = resamples, seed
        self._forced = False  # whether a result has figures of teacher forcing
        self._names: list[str] = []
        self._factors: dict[str, tuple[float, bool]] = {}
        self._rows: list[list[float]] = []
        self._sums_F2: np.ndarray | None = None
        self._drawn_RF2: np.ndarray | None = None
        self._ms = array("d")  # eight bytes an ink; float32 would round to other hundredths

    def add(self, result: InkResult) -> None:
        """Add the result of one ink."""
        parts = ratio_parts(result)
        if not self._names:
            self._names = list(parts)
            self._factors = {name: (part.scale, part.complement) for name, part in parts.items()}
        self._rows.append([float(value) for part in parts.values() for value in (part.numerator, part.denominator)])
        self.inks += 1
        self._forced = self._forced or result.forced is not None
        self.failed += result.error is not None
        self.with_truth += bool(result.truth)
        if result.ms is not None:
            self._ms.append(result.ms)
        if len(self._rows) == BLOCK:
            self._flush()

    def add_entry(self, entry: Mapping[str, Any]) -> None:
        """Add the result of one ink from its entry in a file.

        Raises:
            EvaluationError: The entry is not a result of this version.
        """
        try:
            self.add(InkResult.from_entry(entry))
        except (KeyError, TypeError, ValueError) as error:
            raise EvaluationError(f"{entry.get('file')!r} is not a result of this version: {error}") from error

    def table(self, model: str) -> str:
        """Format the number of inks, their times and the figures."""
        median, p95 = self.ms((50, 95))
        times = "" if median is None else f", {median:.1f} ms an ink (median), {p95:.1f} (95th percentile)"
        return f"{model}: {self.inks} inks{times}\n\n{align(figure_lines(self.figures()))}"

    def figures(self) -> dict[str, Figure]:
        """Return the figures with 95 % intervals.

        Raises:
            ValueError: There are no results.
        """
        if not self.inks:
            raise ValueError("there is nothing to score: 0 inks")
        self._flush()
        assert self._sums_F2 is not None and self._drawn_RF2 is not None
        found = {}
        for number, name in enumerate(self._names):
            value = self._value(name, self._sums_F2[number])
            low, high = np.percentile(self._value(name, self._drawn_RF2[:, number]), [2.5, 97.5])
            found[name] = Figure(float(value), float(low), float(high))
        if not self._forced:
            del found["accuracy"], found["accuracy_without_end"]
        return found

    def ms(self, percents: Iterable[float]) -> list[float | None]:
        """Return percentiles of the milliseconds per ink, None if no times are known."""
        times = np.array(self._ms, float)
        return [float(np.percentile(times, percent).round(2)) if len(times) else None for percent in percents]

    def _flush(self) -> None:
        """Add the rows that wait to the sums."""
        if not self._rows:
            return
        rows_BF2 = np.array(self._rows).reshape(len(self._rows), -1, 2)
        generator = np.random.default_rng((self._seed, self.inks))
        weights_RB = generator.poisson(1, (self._resamples, len(self._rows))).astype(float)
        drawn_RF2 = np.tensordot(weights_RB, rows_BF2, 1)  # sums of integers, exact in float64
        first = self._sums_F2 is None
        self._sums_F2 = rows_BF2.sum(0) if first else self._sums_F2 + rows_BF2.sum(0)
        self._drawn_RF2 = drawn_RF2 if first else self._drawn_RF2 + drawn_RF2
        self._rows.clear()

    def _value(self, name: str, sums: np.ndarray) -> np.ndarray:
        scale, complement = self._factors[name]
        ratio = sums[..., 0] / np.maximum(sums[..., 1], 1)
        return scale * (1 - ratio if complement else ratio)
