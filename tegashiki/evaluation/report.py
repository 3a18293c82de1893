"""What an evaluation found: one reading for every ink, the figures, the table and the JSON."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.evaluation.metrics import Scores, score


@dataclass(frozen=True)
class Reading:
    """What became of one ink."""

    file: str
    truth: str  # canonical where it parses, otherwise as given
    prediction: str | None  # canonical; None where the ink could not be read
    probability: float | None
    ms: float | None  # from the ink to its candidates
    error: str | None  # why this ink cannot count as right whatever was read
    comparable: bool = True  # whether the edits between truth and prediction mean anything

    def entry(self) -> dict[str, Any]:
        """Return the `per_ink` entry."""
        entry = asdict(self)
        del entry["comparable"]
        return entry


@dataclass(frozen=True)
class Report:
    """The figures over all readings."""

    scores: Scores
    ms_median: float | None  # None where no ink could be read
    ms_p95: float | None
    per_ink: Sequence[Reading]

    def to_json(self) -> dict[str, Any]:
        """Return the figures, then every ink."""
        return {
            **asdict(self.scores),
            "ms_median": self.ms_median,
            "ms_p95": self.ms_p95,
            "per_ink": [reading.entry() for reading in self.per_ink],
        }


def summarize(readings: Sequence[Reading]) -> Report:
    """Score finished readings."""
    scores = score(
        [(reading.prediction or "").split() if reading.comparable else None for reading in readings],
        [reading.truth.split() for reading in readings],
    )
    times = [reading.ms for reading in readings if reading.ms is not None]
    median, p95 = np.percentile(times, [50, 95]).round(2).tolist() if times else (None, None)
    return Report(scores, median, p95, readings)


def table(rows: Iterable[tuple[str, Report]]) -> str:
    """Lay out one line a model: ExpRates in percent, CER as a fraction, milliseconds an ink."""
    lines: list[tuple[str, ...]] = [("model", "inks", "ExpRate", "<=1", "<=2", "CER", "ms median", "ms p95")]
    for name, report in rows:
        scores = report.scores
        times = ("-" if ms is None else f"{ms:.1f}" for ms in (report.ms_median, report.ms_p95))
        rates = (f"{rate:.2f}" for rate in (scores.exprate, scores.exprate_le1, scores.exprate_le2))
        lines.append((name, str(scores.inks), *rates, f"{scores.cer:.4f}", *times))
    return align(lines)


def align(lines: Sequence[Sequence[str]]) -> str:
    """Lay out columns of text, the first one to the left and the others to the right."""
    first, *others = (max(map(len, column)) for column in zip(*lines, strict=True))
    return "\n".join("  ".join([line[0].ljust(first), *map(str.rjust, line[1:], others)]) for line in lines)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON in one move, so that `path` never holds half of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1, allow_nan=False)
            file.write("\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
