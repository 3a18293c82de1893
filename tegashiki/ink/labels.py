"""Tables of labels or readings: a line is an ink's file name, a tab, LaTeX.

Further columns are not read, blank lines are passed over. Names are compared without .inkml or .json and in one
Unicode form, since macOS may spell an accent otherwise than who typed the table.
"""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from tegashiki.errors import UserError
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import read_limited

MAX_LABELS = 64 * 2**20  # bytes of a table: a million lines of some sixty characters


class LabelsError(UserError, ValueError):
    """A table that cannot be read; the message says which line, and what a line should be."""


def read_labels(path: Path) -> dict[str, str]:
    """Read a table: plain name -> LaTeX. Raises LabelsError, and InkError for more than MAX_LABELS."""
    if not path.is_file():
        raise LabelsError(f"no labels file {path}")
    return parse_labels(read_limited(path, str(path), MAX_LABELS), str(path))


def parse_labels(table: bytes, where: str) -> dict[str, str]:
    """Return the LaTeX of each plain name; `where` is the table's name for errors.

    Raises:
        LabelsError: no UTF-8, a line without a tab, or two lines that contradict each other.
    """
    try:
        lines = table.decode("utf-8-sig").splitlines()  # Windows begins a file with a mark
    except UnicodeDecodeError as error:
        raise LabelsError(f"{where} is not UTF-8 text: {error}") from error
    labels: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, *columns = line.split("\t")
        if not columns:
            raise LabelsError(f"{where}:{number}: no tab in {line[:60]!r}: a line is a file name, a tab, LaTeX")
        if labels.setdefault(plain_name(name), columns[0]) != columns[0]:
            raise LabelsError(f"{where}:{number}: a second, different truth for {name}: leave one")
    return labels


def plain_name(name: str) -> str:
    """Return an ink's file name as tables are looked up by: folders kept, no suffix, composed characters."""
    return re.sub(r"\.(inkml|json)$", "", unicodedata.normalize("NFC", name), flags=re.IGNORECASE)


def find_name(labels: Mapping[str, str], name: str) -> str | None:
    """Return the name by which a table has an ink: its whole name, or that without outer folders; else None."""
    parts = plain_name(name).split("/")
    return next((tail for start in range(len(parts)) if (tail := "/".join(parts[start:])) in labels), None)


def label_of(labels: Mapping[str, str], name: str) -> str:
    """Return the LaTeX that a table has for an ink, "" where it has none."""
    found = find_name(labels, name)
    return "" if found is None else labels[found]


def own_label(ink: Ink) -> str:
    """Return the label in the ink's own file: of two the normalised one, by which MathWriting is scored."""
    return ink.annotations.get("normalizedLabel") or ink.label
