"""The report of an evaluation: one result for each ink, the figures, and their output as tables and JSON."""

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
    """Results and figures of an evaluation.

    Attributes:
        scores: ExpRate, CER and the like.
        ms_median: Median milliseconds per ink. None if no times are known.
        ms_p95: 95th percentile of them.
        per_ink: One result for each ink.
    """

    scores: Scores
    ms_median: float | None
    ms_p95: float | None
    per_ink: Sequence[InkResult]

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every figure with its bootstrap interval, by the names of `tegashiki.evaluation.figures.NAMES`."""
        return figures(self.per_ink)

    @cached_property
    def bleu(self) -> float | None:
        """BLEU-4, 0 to 100. None without sacrebleu."""
        known = [result for result in self.per_ink if result.truth]
        read = [(result.prediction or "") if result.comparable else "" for result in known]
        return bleu(read, [result.truth for result in known]) if known else None

    @cached_property
    def breakdown(self) -> Breakdown:
        """The results in groups, see `break_down`."""
        return break_down(self.per_ink)

    def to_json(self) -> dict[str, Any]:
        """Return the figures and every ink as JSON values."""
        return {
            **asdict(self.scores),
            "ms_median": self.ms_median,
            "ms_p95": self.ms_p95,
            "figures": {name: asdict(figure) for name, figure in self.figures.items()},
            "bleu": self.bleu,
            "breakdown": asdict(self.breakdown),
            "per_ink": [result.entry() for result in self.per_ink],
        }


def summarize(results: Sequence[InkResult]) -> Report:
    """Score a set of results.

    Raises:
        EvaluationError: There are no results, or no truth is known.
    """
    check_truths(len(results), sum(bool(result.truth) for result in results))
    scores = score(
        [(result.prediction or "").split() if result.comparable else None for result in results],
        [result.truth.split() for result in results],
    )
    times = [result.ms for result in results if result.ms is not None]
    median, p95 = np.percentile(times, [50, 95]).round(2).tolist() if times else (None, None)
    return Report(scores, median, p95, results)


def check_truths(inks: int, with_truth: int) -> None:
    """Raise EvaluationError if there are no inks, or none of them has a truth."""
    if not inks:
        raise EvaluationError("no inks to evaluate: the given file, folder or split has none")
    if not with_truth:
        raise EvaluationError(
            f"none of the {inks} inks has a truth to compare with: give --labels TSV, or use "
            "`tegashiki recognize` to recognise inks without a comparison"
        )


def table(rows: Iterable[tuple[str, Report]]) -> str:
    """Format one line per model: ExpRates in percent, CER as a fraction, milliseconds per ink."""
    lines: list[tuple[str, ...]] = [("model", "inks", "ExpRate", "<=1", "<=2", "CER", "ms median", "ms p95")]
    for name, report in rows:
        scores = report.scores
        times = ("-" if ms is None else f"{ms:.1f}" for ms in (report.ms_median, report.ms_p95))
        rates = (f"{rate:.2f}" for rate in (scores.exprate, scores.exprate_le1, scores.exprate_le2))
        lines.append((name, str(scores.inks), *rates, f"{scores.cer:.4f}", *times))
    return align(lines)


def figure_table(report: Report) -> str:
    """Format every figure with its interval, one per line."""
    lines = figure_lines(report.figures)
    lines.append((NAMES["bleu"][0], "no sacrebleu" if report.bleu is None else f"{report.bleu:.2f}", "", ""))
    return align(lines)


def figure_lines(figures: Mapping[str, Figure]) -> list[tuple[str, ...]]:
    """Return figures with their intervals as lines of text in columns."""
    lines: list[tuple[str, ...]] = [("", "value", "95 % from", "to")]
    for name, (title, digits, _) in NAMES.items():
        if name in figures:
            figure = figures[name]
            lines.append((title, *(f"{value:.{digits}f}" for value in (figure.value, figure.low, figure.high))))
    return lines


def part_table(report: Report, borrowed: Mapping[str, float]) -> str:
    """Format the figures of each part of a set: its sources, its kinds, and its kinds within sources.

    Args:
        report: Report on a set whose inks are named SOURCE/KIND/PERSON/NUMBER.
        borrowed: Percent of the symbols of each part that another person drew. It becomes a column unless it is empty.

    Returns:
        The table, or "" if the set has no parts.
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
    """Align columns of text, the first to the left and the others to the right."""
    first, *others = (max(map(len, column)) for column in zip(*lines, strict=True))
    return "\n".join("  ".join([line[0].ljust(first), *map(str.rjust, line[1:], others)]) for line in lines)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON atomically, so that `path` never holds a part of it. Lists of objects take one line per object."""
    entries = ",\n".join(f" {_dump(name)}: {_lines(value)}" for name, value in content.items())
    with atomic_write(path) as unfinished:
        # A file name need not be valid text; an undecodable byte becomes the escape `\udcff`.
        unfinished.write_text(f"{{\n{entries}\n}}\n", encoding="utf-8", errors="backslashreplace")


def _lines(value: Any) -> str:
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return _dump(value)
    return "[\n" + ",\n".join(f"  {_dump(each)}" for each in value) + "\n ]"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that `write_json` wrote, with `per_ink` converted to `InkResult` objects.

    Raises:
        EvaluationError: The file does not exist, is not a result file of this version, or has no inks.
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
            f"{path} is not a result of this version ({type(error).__name__}: {error}): write it again with "
            "`eval --json`"
        ) from error
    if not content["per_ink"]:
        raise EvaluationError(f"{path} has 0 inks: write it again with `eval --json`")
    return content
