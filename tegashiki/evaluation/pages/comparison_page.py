"""Write one page that compares two models: figures with intervals of their differences, then every ink."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tegashiki.evaluation.figures import NAMES
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.pages.html import write_page
from tegashiki.evaluation.pages.payload import differences, ink_payload, reading_payload
from tegashiki.evaluation.paired import Comparison, Difference
from tegashiki.evaluation.report import align
from tegashiki.evaluation.samples import Sample

PAGE = "index.html"
SCRIPTS = ("ink.js", "compare.js")


def verdict(found: Comparison) -> str:
    """Describe in words how many inks are fixed and broken, and how certain the difference is."""
    return (
        f"Of {found.inks} inks, only B recognises {len(found.fixed)} exactly, and only A {len(found.broken)}. Two "
        f"equally good models would differ at least as much in {_percent(found.p_value)} of cases (McNemar's exact "
        f"test, p = {found.p_value:.2g})."
    )


def difference_table(found: Comparison) -> str:
    """Format the figures of both models, their differences with 95 % intervals, and how often B's is the larger."""
    lines: list[tuple[str, ...]] = [("", "A", "B", "B - A", "95 % from", "to", "B above")]
    for row in difference_rows(found):
        lines.append(tuple(row[key] for key in ("title", "first", "second", "difference", "low", "high", "above")))
    return align(lines)


def difference_rows(found: Comparison) -> list[dict[str, Any]]:
    """Return the formatted figures for the page and the table.

    `sure` tells whether the interval of the difference excludes 0, `better` whether B is better.
    """
    rows = []
    for name, (title, digits, more_is_better) in NAMES.items():
        if name in found.differences:
            rows.append({"title": title, **_row(found.differences[name], digits, more_is_better)})
    return rows


def _row(difference: Difference, digits: int, more_is_better: bool) -> dict[str, Any]:
    return {
        "first": f"{difference.first:.{digits}f}",
        "second": f"{difference.second:.{digits}f}",
        **{key: f"{getattr(difference, key):+.{digits}f}" for key in ("difference", "low", "high")},
        "above": _percent(difference.above),
        "sure": difference.low > 0 or difference.high < 0,
        "better": (difference.difference > 0) == more_is_better,
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 or share == 0 else "under 0.1 %"


def write_comparison(
    folder: Path,
    names: Sequence[str],
    found: Comparison,
    first: Sequence[InkResult],
    second: Sequence[InkResult],
    samples: Iterable[Sample],
) -> Path:
    """Write the page `index.html` of a comparison.

    Args:
        folder: The folder to write to. It is created.
        names: Names of the models A and B.
        found: The comparison.
        first: Results of A.
        second: Results of B on the same inks, in any order.
        samples: The inks to draw. Samples without a result are ignored. A result without a sample is shown without a
            drawing.

    Returns:
        The path of the page.
    """
    drawn = {sample.file: sample for sample in samples}
    others = {result.file: result for result in second}
    inks = [_entry(one, others[one.file], drawn.get(one.file)) for one in first]
    content = {
        "title": "A and B on the same inks",
        "names": [f"A: {names[0]}", f"B: {names[1]}"],
        "verdict": verdict(found),
        "differences": difference_rows(found),
        "inks": inks,
    }
    path = folder / PAGE
    write_page(path, "A and B on the same inks", SCRIPTS, content)
    return path


def kind_of(first: InkResult, second: InkResult) -> str:
    """Classify an ink by its results from A and B.

    Returns:
        `fixed` (only B is right), `broken` (only A is right), `right` (both are), `same` (both are wrong, with the
        same prediction) or `changed` (both are wrong, with different predictions).
    """
    right = (first.edits == 0, second.edits == 0)
    kinds = {(False, True): "fixed", (True, False): "broken", (True, True): "right"}
    return kinds.get(right) or ("same" if first.prediction == second.prediction else "changed")


def _entry(first: InkResult, second: InkResult, sample: Sample | None) -> dict[str, Any]:
    truth = first.truth.split()
    strokes = sample.strokes_of_token if sample else None
    missed = {index for result in (first, second) for index in differences(result.tokens or (), truth)[1]}
    return {
        "name": first.file,
        "kind": kind_of(first, second),
        "truth": reading_payload(truth, strokes, missed),
        "a": _result_payload(first, truth),
        "b": _result_payload(second, truth),
        **(ink_payload(sample.ink) if sample and sample.ink and sample.ink.strokes else {}),
    }


def _result_payload(result: InkResult, truth: Sequence[str]) -> Mapping[str, Any]:
    tokens = result.tokens or ()
    strokes = result.candidates[0].strokes if result.candidates else None
    return reading_payload(tokens, strokes, differences(tokens, truth)[0], probability=result.probability)
