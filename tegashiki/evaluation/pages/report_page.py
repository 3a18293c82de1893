"""Write the report of an evaluation as one page: figures, charts, and every ink with its candidates."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.evaluation.breakdown import wilson
from tegashiki.evaluation.by_writer import stages
from tegashiki.evaluation.figures import NAMES, layout_or_none
from tegashiki.evaluation.ink_result import InkResult, ResultCandidate
from tegashiki.evaluation.pages.html import write_page
from tegashiki.evaluation.pages.payload import differences, ink_payload, reading_payload
from tegashiki.evaluation.report import Report
from tegashiki.evaluation.samples import Sample
from tegashiki.latex.layout import structure

PAGE = "index.html"
SCRIPTS = ("ink.js", "charts.js", "report.js")
CURVE_POINTS = 400  # maximum number of points of a learning curve
CALIBRATION_BINS = 10
SPEED_BINS = 30


def write_report(
    folder: Path, title: str, subtitle: str, report: Report, samples: Iterable[Sample], workdir: Path | None = None
) -> Path:
    """Write the page `index.html` of an evaluation.

    Args:
        folder: The folder to write to. It is created.
        title: Name of the model.
        subtitle: The inks and settings of the evaluation.
        report: The report.
        samples: The inks, one for each result of the report, in the same order.
        workdir: Work directory whose learning curves are drawn, or None.

    Returns:
        The path of the page.
    """
    inks = [ink_entry(sample, result) for sample, result in zip(samples, report.per_ink, strict=True)]
    breakdown = asdict(report.breakdown)
    mistaken = sorted(breakdown["symbols"], key=lambda each: each["right"] - each["count"])
    content = {
        "title": title,
        "subtitle": subtitle,
        "figures": figure_rows(report),
        "length": breakdown["length"],
        "depth": breakdown["depth"],
        "structure": breakdown["structure"],
        "folder": breakdown["folder"],
        "part": breakdown["part"],
        "confusions": breakdown["confusions"],
        "symbols": [each for each in mistaken if each["right"] < each["count"]],
        "kinds": breakdown["kinds"],
        "calibration": calibration(report.per_ink),
        "curves": learning_curves(workdir) if workdir else None,
        "speed": speed(report.per_ink),
        "ms_median": report.ms_median,
        "ms_p95": report.ms_p95,
        "inks": inks,
    }
    path = folder / PAGE
    write_page(path, title, SCRIPTS, content)
    return path


def figure_rows(report: Report) -> list[dict[str, str]]:
    """Return title, value and interval of every figure, formatted for the page."""
    rows = []
    for name, (title, digits, _) in NAMES.items():
        if name in report.figures:
            values = asdict(report.figures[name])
            rows.append({"title": title, **{key: f"{value:.{digits}f}" for key, value in values.items()}})
    for stage in stages(report.per_ink):
        if stage.inks:
            title = f"ExpRate gain from writer memory, points, {stage.name} inks learnt"
            values = {"value": stage.gain, "low": stage.gain_low or 0.0, "high": stage.gain_high or 0.0}
            rows.append({"title": title, **{key: f"{value:+.2f}" for key, value in values.items()}})
    if report.bleu is not None:
        rows.append({"title": NAMES["bleu"][0], "value": f"{report.bleu:.2f}", "low": "", "high": ""})
    return rows


def ink_entry(sample: Sample, result: InkResult) -> dict[str, Any]:
    """Return the page data of one ink: its strokes, its truth and its candidates, with differing tokens marked."""
    truth = result.truth.split()
    candidates = result.candidates
    if not candidates and result.tokens is not None:
        candidates = (ResultCandidate(result.tokens, -1.0),)
    best = differences(candidates[0].tokens, truth) if candidates and truth else ([], [], [])
    entries = []
    for candidate in candidates:
        differs = differences(candidate.tokens, truth)[0] if truth else []
        probability = candidate.probability if candidate.probability >= 0 else None
        drawn = (candidate.tokens, candidate.strokes, differs, candidate.attention)
        entries.append(reading_payload(*drawn, probability=probability))
    return {
        "name": result.file,
        "edits": result.edits,
        "probability": result.probability,
        "ms": result.ms,
        "error": result.error,
        "structure": _same_structure(result.tokens or (), truth),
        "among": any(list(candidate.tokens) == truth for candidate in candidates),
        "confusions": best[2],
        "truth": reading_payload(truth, sample.strokes_of_token, best[1]),
        "candidates": entries,
        **(ink_payload(sample.ink) if sample.ink and sample.ink.strokes else {}),
    }


def _same_structure(read: Sequence[str], truth: Sequence[str]) -> bool:
    found, expected = layout_or_none(read), layout_or_none(truth)
    return found is not None and expected is not None and structure(found) == structure(expected)


def calibration(results: Sequence[InkResult]) -> dict[str, Any]:
    """Compare predicted probabilities with the share of inks that are right.

    Returns:
        `bins` by predicted probability, of equal width and without the empty ones: mean prediction, share of right
        inks and its Wilson interval, all in percent, and number of inks. `error` is the expected calibration error in
        percentage points: the mean of |right - predicted| over bins, weighted by inks (Guo et al., ICML 2017).
    """
    known = [result for result in results if result.probability is not None and result.comparable]
    places = [min(int((r.probability or 0) * CALIBRATION_BINS), CALIBRATION_BINS - 1) for r in known]
    bins, error = [], 0.0
    for i in range(CALIBRATION_BINS):
        inside = [result for result, place in zip(known, places, strict=True) if place == i]
        if not inside:
            continue
        right = sum(result.edits == 0 for result in inside)
        low, high = wilson(right, len(inside))
        predicted = 100 * float(np.mean([result.probability or 0 for result in inside]))
        share = 100 * right / len(inside)
        bins.append({"predicted": predicted, "right": share, "low": 100 * low, "high": 100 * high, "inks": len(inside)})
        error += len(inside) / len(known) * abs(share - predicted)
    return {"bins": bins, "error": error}


def speed(results: Sequence[InkResult]) -> list[dict[str, float]]:
    """Return a histogram of the milliseconds per ink. The last bar includes the slowest 1 % of the inks."""
    times = np.array([result.ms for result in results if result.ms is not None])
    if not len(times):
        return []
    top = max(float(np.ceil(np.percentile(times, 99))), 1.0)
    counts, edges = np.histogram(times.clip(max=top), bins=SPEED_BINS, range=(0, top))
    return [
        {"from": round(float(low), 2), "to": round(float(high), 2), "count": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def learning_curves(workdir: Path) -> dict[str, list[Mapping[str, float]]] | None:
    """Return the training curve, thinned, and the validation curve from `metrics.jsonl`. None without that file."""
    path = workdir / "metrics.jsonl"
    if not path.is_file():
        return None
    lines = list(_entries(path))
    train = [line for line in lines if line.get("kind") == "train" and "loss_tokens" in line]
    validation = [line for line in lines if line.get("kind") == "validation" and "loss_tokens" in line]
    return {
        "train": _thinned(train),
        "validation": [
            {key: line[key] for key in ("step", "exprate", "exprate_le1", "exprate_le2", "loss_tokens")}
            for line in validation
        ],
    }


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file. Lines that a full disk cut short are skipped."""
    for line in path.read_text("utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                yield entry


def _thinned(train: Sequence[Mapping[str, float]]) -> list[Mapping[str, float]]:
    """Average neighbouring lines so that at most `CURVE_POINTS` remain."""
    width = -(-len(train) // CURVE_POINTS) or 1
    parts = [train[start : start + width] for start in range(0, len(train), width)]
    return [
        {"step": part[-1]["step"], "loss_tokens": float(np.mean([line["loss_tokens"] for line in part]))}
        for part in parts
    ]


def workdir_of(model: str | None) -> Path | None:
    """Return the work directory of a model that is a work directory or a checkpoint in one, otherwise None."""
    if model is None:
        return None
    candidates = (Path(model), Path(model).parent, Path(model).parent.parent)
    return next((path for path in candidates if (path / "checkpoints").is_dir()), None)
