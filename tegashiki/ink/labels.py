"""Tables of labels or readings. A line is the file name of an ink, a tab, and LaTeX.

Further columns and blank lines are ignored. Names are compared without `.inkml`, `.json` or the suffix of a picture,
with / between folders, without a leading `./`, and in Unicode normalization form C, because macOS decomposes accents in
file names and keyboards do not. Columns may be quoted as spreadsheets save them.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from tegashiki.errors import UserError
from tegashiki.file_names import utf8_name
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import read_limited

MAX_LABELS = 64 * 2**20  # bytes of a table: a million lines of about sixty characters
# A column, plain or quoted as spreadsheets save one that holds quotes, tabs or commas.
_COLUMN = re.compile(r'(?:^|\t)("(?:[^"]|"")*"(?=\t|$)|[^\t]*)')
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


class LabelsError(UserError, ValueError):
    """A table that cannot be read. The message gives the line and the expected form of a line."""


def read_labels(path: Path) -> dict[str, str]:
    """Read a table from a file.

    Args:
        path: The file.

    Returns:
        The LaTeX by plain name, see `plain_name`.

    Raises:
        LabelsError: There is no such file, or it is not a table.
        InkError: The file cannot be opened, or is larger than MAX_LABELS.
    """
    if not path.is_file():
        raise LabelsError(f"no labels file {path}")
    return parse_labels(read_limited(path, str(path), MAX_LABELS), str(path))


def parse_labels(table: bytes, where: str) -> dict[str, str]:
    """Parse a table.

    Args:
        table: The content of the file, UTF-8 or UTF-16 with a byte order mark.
        where: Name of the table in errors.

    Returns:
        The LaTeX by plain name, see `plain_name`.

    Raises:
        LabelsError: The table is not text, a line has no tab, or two lines contradict each other.
    """
    labels: dict[str, str] = {}
    for number, line in enumerate(_decode(table, where).splitlines(), 1):
        if not line.strip():
            continue
        name, *columns = _columns(line)
        if not columns:
            raise LabelsError(f"{where}:{number}: no tab in {line[:60]!r}: a line is a file name, a tab, LaTeX")
        if labels.setdefault(plain_name(name), columns[0]) != columns[0]:
            raise LabelsError(f"{where}:{number}: a second, different truth for {name}: keep only one")
    return labels


def read_lines(path: Path) -> list[str]:
    """Read the lines of a table or list.

    Raises:
        LabelsError: The file is not text.
        InkError: The file cannot be opened, or is larger than MAX_LABELS.
    """
    return _decode(read_limited(path, str(path), MAX_LABELS), str(path)).splitlines()


def _decode(table: bytes, where: str) -> str:
    marked = table.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # a spreadsheet's "Unicode text"
    try:
        return table.decode("utf-16" if marked else "utf-8-sig")  # Windows programs begin UTF-8 with a mark
    except UnicodeDecodeError as error:
        raise LabelsError(f"{where} is not UTF-8 text: {error}") from error


def _columns(line: str) -> list[str]:
    """Return the columns of a line, without the quotes of a spreadsheet."""
    columns = _COLUMN.findall(line)
    return [column[1:-1].replace('""', '"') if _QUOTED.fullmatch(column) else column for column in columns]


def plain_name(name: str) -> str:
    """Return the file name of an ink as the key of a table: with its folders, without suffix, in Unicode form C."""
    parts = unicodedata.normalize("NFC", utf8_name(name)).strip().replace("\\", "/").split("/")
    plain = "/".join(part for part in parts if part not in ("", "."))
    return re.sub(r"\.(inkml|json|png|jpe?g|webp|bmp|tiff?|gif)$", "", plain, flags=re.IGNORECASE)


def find_name(labels: Mapping[str, str], name: str) -> str | None:
    """Return the key of an ink in a table: its whole name, or the name without outer folders. None if it has none."""
    parts = plain_name(name).split("/")
    return next((tail for start in range(len(parts)) if (tail := "/".join(parts[start:])) in labels), None)


def label_of(labels: Mapping[str, str], name: str) -> str:
    """Return the LaTeX of an ink in a table, "" if the table has none."""
    found = find_name(labels, name)
    return "" if found is None else labels[found]


def unused_names(labels: Mapping[str, str], names: Iterable[str], where: str) -> str | None:
    """Return a warning about the lines of a table that match no ink, None if all lines match one.

    Args:
        labels: The table.
        names: The names of all inks.
        where: Name of the table in the warning.
    """
    used = {find_name(labels, name) for name in names}
    unused = [name for name in labels if name not in used]
    if not unused:
        return None
    return f"{len(unused)} of the {len(labels)} names in {where} match no ink, such as {unused[0]!r}"


def own_label(ink: Ink) -> str:
    """Return the label in the file of an ink, preferring the normalised one, which MathWriting uses for scoring."""
    return ink.annotations.get("normalizedLabel") or ink.label
