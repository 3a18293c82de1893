"""Inks as one page: their strokes and points, what RDP leaves of them, their symbols and labels."""

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
UNIT = 3000  # of the page for a median stroke: RDP's default epsilon is 60 of them, so that rounding moves few choices


def write_inspection(path: Path, title: str, samples: Iterable[Sample]) -> int:
    """Write the page of some inks, with every point that they have.

    Args:
        path: The HTML file to write.
        title: What is shown.
        samples: The inks; those that could not be read are shown with the reason.

    Returns:
        How many inks it has.

    Raises:
        EvaluationError: where there are none.
    """
    inks = [inspected(sample) for sample in samples]
    if not inks:
        raise EvaluationError(f"no inks to show: {title} has none")
    content = {"title": title, "epsilon": RDP_EPSILON, "points": POINTS_PER_STROKE, "inks": inks}
    write_page(path, title, SCRIPTS, content)
    return len(inks)


def inspected(sample: Sample) -> dict[str, Any]:
    """Return one ink for the page: every point, the symbol groups of its file, its label and canonical tokens."""
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
