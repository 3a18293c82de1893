"""Write one page that shows inks: strokes, points before and after RDP simplification, symbols and labels.

For a picture it shows the picture, the strokes that were traced, and how a model reads them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tegashiki.evaluation.pages.html import write_page
from tegashiki.evaluation.pages.payload import ink_payload, reading_payload
from tegashiki.evaluation.samples import EvaluationError, Sample
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import POINTS_PER_STROKE, RDP_EPSILON
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize

SCRIPTS = ("ink.js", "inspect.js")
UNIT = 3000  # page units of a median stroke: RDP's default epsilon is 60 units, so rounding hardly changes its choice


Reading = tuple[Sequence[str], Sequence[Sequence[int]]]  # tokens, and the strokes of each


@dataclass
class Pictures:
    """The pictures among the inks.

    Attributes:
        read: Reads an ink; None if it cannot be read.
        previews: The `data:` URLs of the pictures by name. May be filled while the samples are iterated.
    """

    read: Callable[[Ink], Reading | None]
    previews: Mapping[str, str] = field(default_factory=dict)


def write_inspection(path: Path, title: str, samples: Iterable[Sample], pictures: Pictures | None = None) -> int:
    """Write a page that shows inks with all their points.

    Args:
        path: The HTML file to write.
        title: Title of the page.
        samples: The inks. For an ink that could not be read the page shows the reason.
        pictures: The pictures that some inks were traced from.

    Returns:
        The number of inks.

    Raises:
        EvaluationError: There are no inks.
    """
    inks = [inspected(sample, pictures) for sample in samples]
    if not inks:
        raise EvaluationError(f"no inks to show: {title} has none")
    content = {"title": title, "epsilon": RDP_EPSILON, "points": POINTS_PER_STROKE, "inks": inks}
    write_page(path, title, SCRIPTS, content)
    return len(inks)


def inspected(sample: Sample, pictures: Pictures | None = None) -> dict[str, Any]:
    """Return the page data of one ink: all points, the symbol groups in its file, its label and canonical tokens.

    Args:
        sample: The ink.
        pictures: The pictures that inks were traced from. If this ink is one of them, the data has its `preview`, and
            the tokens are those that a model reads.
    """
    problem = sample.error
    tokens: Sequence[str] = ()
    try:
        tokens = normalize(sample.truth) if sample.truth.strip() else ()
    except LatexError as error:
        problem = problem or f"the label does not parse: {error}"
    ink = sample.ink
    strokes_of_token: Sequence[Sequence[int]] | None = sample.strokes_of_token
    preview = pictures.previews.get(sample.file) if pictures else None
    if pictures and preview and ink:
        tokens, strokes_of_token = pictures.read(ink) or ((), ())
    groups = ink.symbols if ink else ()
    return {
        "name": sample.file,
        "label": ink.label if ink else "",
        "problem": problem,
        "reading": reading_payload(tokens, strokes_of_token),
        "groups": [{"label": group.label, "strokes": list(group.strokes)} for group in groups],
        "unit": UNIT,
        **({"preview": preview} if preview else {}),
        **(ink_payload(ink, UNIT, 0) if ink and ink.strokes else {}),
    }
