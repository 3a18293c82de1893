"""Text files of one thing a line, as they are or packed by xz."""

import lzma
from collections.abc import Iterator
from pathlib import Path

from tegashiki.errors import UserError


def iterate_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 text file, unpacked where its name ends in .xz.

    Raises: UserError for a file that is damaged, cut short or no text, once that is reached.
    """
    packed = path.suffix == ".xz"
    opened = lzma.open if packed else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            yield from lines
    except (EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        wanted = "UTF-8 text packed by xz" if packed else "UTF-8 text"
        raise UserError(f"{path} cannot be read ({error}): expected {wanted}") from None
