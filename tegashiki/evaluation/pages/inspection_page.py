"""Write one page that shows inks: strokes, points before and after RDP simplification, symbols and labels."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tegashiki.evaluation.pages.html import write_page
from tegashiki.evaluation.pages.payload import ink_payload, reading_payload
from tegashiki.evaluation.samples import EvaluationError, Sample
from tegashiki.ink.preprocess import POINTS_PER_STROKE, RDP_EPSILON
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize

SCRIPTS = ("ink.js", "inspect.js")
UNIT = 3000  # page units of a median stroke: RDP's default epsilon is 60 units, so rounding hardly changes its choice


def write_inspection(path: Path, title: str, samples: Iterable[Sample]) -> int:
    """Write a page that shows inks with all their points.

    Args:
        path: The HTML file to write.
        title: Title of the page.
        samples: The inks. For an ink that could not be read the page shows the reason.

    Returns:
        The number of inks.

    Raises:
        EvaluationError: There are no inks.
    """
    inks = [inspected(sample) for sample in samples]
    if not inks:
        raise EvaluationError(f"no inks to show: {title} has none")
    content = {"title": title, "epsilon": RDP_EPSILON, "points": POINTS_PER_STROKE, "inks": inks}
    write_page(path, title, SCRIPTS, content)
    return len(inks)


def inspected(sample: Sample) -> dict[str, Any]:
    """Return the page data of one ink: all points, the symbol groups in its file, its label and canonical tokens."""
    problem = sample.error
    tokens: tuple[str, ...] = ()
    try:
        tokens = normalize(sample.truth) if sample.truth.strip() else ()
    except LatexError as error:
        problem = problem or f"the label does not parse: {error}"
    ink = sample.ink
    groups = ink.symbols if ink else ()
    return {
        "name": sample.file,
        "label": ink.label if ink else "",
        "problem": problem,
        "reading": reading_payload(tokens, sample.strokes_of_token),
        "groups": [{"label": group.label, "strokes": list(group.strokes)} for group in groups],
        "unit": UNIT,
        **(ink_payload(ink, UNIT, 0) if ink and ink.strokes else {}),
    }
