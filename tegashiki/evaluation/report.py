"""What an evaluation found: one reading for every ink, the figures, the tables and the JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.evaluation.breakdown import Breakdown, break_down
from tegashiki.evaluation.figures import NAMES, Figure, figures
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.metrics import Scores, bleu, score
from tegashiki.evaluation.samples import EvaluationError
from tegashiki.safe_files import atomic_write


@dataclass(frozen=True)
class Report:
    """The figures over all readings."""

    scores: Scores
    ms_median: float | None  # None where no ink could be read
    ms_p95: float | None
    per_ink: Sequence[InkResult]

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every figure with its bootstrap interval, by the names of `tegashiki.evaluation.figures.NAMES`."""
        return figures(self.per_ink)

    @cached_property
    def bleu(self) -> float | None:
        """BLEU-4; None without sacrebleu."""
        known = [reading for reading in self.per_ink if reading.truth]
        read = [(reading.prediction or "") if reading.comparable else "" for reading in known]
        return bleu(read, [reading.truth for reading in known]) if known else None

    @cached_property
    def breakdown(self) -> Breakdown:
        """The readings in groups."""
        return break_down(self.per_ink)

    def to_json(self) -> dict[str, Any]:
        """Return the figures, then every ink."""
        return {
            **asdict(self.scores),
            "ms_median": self.ms_median,
            "ms_p95": self.ms_p95,
            "figures": {name: asdict(figure) for name, figure in self.figures.items()},
            "bleu": self.bleu,
            "breakdown": asdict(self.breakdown),
            "per_ink": [reading.entry() for reading in self.per_ink],
        }


def summarize(readings: Sequence[InkResult]) -> Report:
    """Score finished readings.

    Raises:
        EvaluationError: there is none, or none whose truth is known.
    """
    if not readings:
        raise EvaluationError("no inks to judge: the file, folder or split given has none")
    if not any(reading.truth for reading in readings):
        raise EvaluationError(
            f"none of the {len(readings)} inks has a truth to compare with: give --labels TSV, or only read them with "
            "`tegashiki recognize`"
        )
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


def figure_table(report: Report) -> str:
    """Lay out every figure with its interval, one a line."""
    lines: list[tuple[str, ...]] = [("", "value", "95 % from", "to")]
    for name, (title, digits, _) in NAMES.items():
        if name in report.figures:
            figure = report.figures[name]
            lines.append((title, *(f"{value:.{digits}f}" for value in (figure.value, figure.low, figure.high))))
    lines.append((NAMES["bleu"][0], "no sacrebleu" if report.bleu is None else f"{report.bleu:.2f}", "", ""))
    return align(lines)


def part_table(report: Report, borrowed: Mapping[str, float]) -> str:
    """Lay out the figures of each part of a set: its sources, its kinds, its kinds within sources; "" without parts.

    Args:
        report: of a set whose inks are named SOURCE/KIND/PERSON/NUMBER.
        borrowed: the percent of a part's symbols that another person drew; a column of its own where it is known.
    """
    if not report.breakdown.part:
        return ""
    lines: list[tuple[str, ...]] = [("part", "inks", "ExpRate", "95 % from", "to", "<=2", "CER", "borrowed %")]
    for group in report.breakdown.part:
        rates = (f"{rate:.2f}" for rate in (group.exprate, group.low, group.high, group.exprate_le2))
        share = f"{borrowed[group.name]:.1f}" if group.name in borrowed else "-"
        lines.append((group.name, str(group.inks), *rates, f"{group.cer:.4f}", share))
    return align(lines if borrowed else [line[:-1] for line in lines])


def align(lines: Sequence[Sequence[str]]) -> str:
    """Lay out columns of text, the first one to the left and the others to the right."""
    first, *others = (max(map(len, column)) for column in zip(*lines, strict=True))
    return "\n".join("  ".join([line[0].ljust(first), *map(str.rjust, line[1:], others)]) for line in lines)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON in one move, so that `path` never holds half of it; lists of objects take one line an object."""
    entries = ",\n".join(f" {_dump(name)}: {_lines(value)}" for name, value in content.items())
    with atomic_write(path) as unfinished:
        # A file's name need not be text; what JSON calls it is then what Python does, `\udcff` for a byte.
        unfinished.write_text(f"{{\n{entries}\n}}\n", encoding="utf-8", errors="backslashreplace")


def _lines(value: Any) -> str:
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return _dump(value)
    return "[\n" + ",\n".join(f"  {_dump(each)}" for each in value) + "\n ]"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def read_json(path: Path) -> dict[str, Any]:
    """Read a result that `write_json` wrote, with `per_ink` as readings.

    Raises:
        EvaluationError: where there is no such file, it is no result of this version, or has no inks.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        content["per_ink"] = [InkResult.from_entry(entry) for entry in content["per_ink"]]
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be read ({error.strerror}): give a file that `eval --json` wrote"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EvaluationError(
            f"{path} is no result of this version ({type(error).__name__}: {error}): write it again with `eval --json`"
        ) from error
    if not content["per_ink"]:
        raise EvaluationError(f"{path} has 0 inks: write it again with `eval --json`")
    return content
