"""Tables of labels or readings: a line is an ink's file name, a tab, LaTeX.

Further columns are not read, blank lines are passed over. Names are compared without .inkml or .json, with / between
folders, without ./ before them, and in one Unicode form, since macOS may spell an accent otherwise than who typed the
table. Columns may wear the quotes in which spreadsheets save them.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from tegashiki.errors import UserError
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import read_limited

MAX_LABELS = 64 * 2**20  # bytes of a table: a million lines of some sixty characters
# A column, as it is or as spreadsheets save one that holds quotes, tabs or commas.
_COLUMN = re.compile(r'(?:^|\t)("(?:[^"]|"")*"(?=\t|$)|[^\t]*)')
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


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
        LabelsError: no UTF-8 (or marked UTF-16), a line without a tab, or two lines that contradict each other.
    """
    labels: dict[str, str] = {}
    for number, line in enumerate(_decode(table, where).splitlines(), 1):
        if not line.strip():
            continue
        name, *columns = _columns(line)
        if not columns:
            raise LabelsError(f"{where}:{number}: no tab in {line[:60]!r}: a line is a file name, a tab, LaTeX")
        if labels.setdefault(plain_name(name), columns[0]) != columns[0]:
            raise LabelsError(f"{where}:{number}: a second, different truth for {name}: leave one")
    return labels


def read_lines(path: Path) -> list[str]:
    """Read the lines of a table or list; LabelsError for what is no text, InkError for more than MAX_LABELS."""
    return _decode(read_limited(path, str(path), MAX_LABELS), str(path)).splitlines()


def _decode(table: bytes, where: str) -> str:
    marked = table.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # a spreadsheet's "Unicode text"
    try:
        return table.decode("utf-16" if marked else "utf-8-sig")  # Windows begins a file with a mark
    except UnicodeDecodeError as error:
        raise LabelsError(f"{where} is not UTF-8 text: {error}") from error


def _columns(line: str) -> list[str]:
    """The columns of a line, quoted ones as they were before a spreadsheet saved them."""
    columns = _COLUMN.findall(line)
    return [column[1:-1].replace('""', '"') if _QUOTED.fullmatch(column) else column for column in columns]


def plain_name(name: str) -> str:
    """Return an ink's file name as tables are looked up by: folders kept, no suffix, composed characters."""
    parts = unicodedata.normalize("NFC", name).strip().replace("\\", "/").split("/")
    plain = "/".join(part for part in parts if part not in ("", "."))
    return re.sub(r"\.(inkml|json)$", "", plain, flags=re.IGNORECASE)


def find_name(labels: Mapping[str, str], name: str) -> str | None:
    """Return the name by which a table has an ink: its whole name, or that without outer folders; else None."""
    parts = plain_name(name).split("/")
    return next((tail for start in range(len(parts)) if (tail := "/".join(parts[start:])) in labels), None)


def label_of(labels: Mapping[str, str], name: str) -> str:
    """Return the LaTeX that a table has for an ink, "" where it has none."""
    found = find_name(labels, name)
    return "" if found is None else labels[found]


def unused_names(labels: Mapping[str, str], names: Iterable[str], where: str) -> str | None:
    """Return a warning of the lines of a table that are for none of the inks; None where all are for some."""
    used = {find_name(labels, name) for name in names}
    unused = [name for name in labels if name not in used]
    if not unused:
        return None
    return f"{len(unused)} of the {len(labels)} names in {where} are those of no ink, such as {unused[0]!r}"


def own_label(ink: Ink) -> str:
    """Return the label in the ink's own file: of two the normalised one, by which MathWriting is scored."""
    return ink.annotations.get("normalizedLabel") or ink.label
