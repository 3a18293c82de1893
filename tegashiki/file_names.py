"""File names as users write them, as the system stores them, and as they are printed."""

import os
import sys
import unicodedata
from pathlib import Path

# Control characters, separators of lines and paragraphs, and lone surrogates, which stand for bytes that are not text.
_UNPRINTABLE = ("Cc", "Zl", "Zp", "Cs")


def expand_home(path: str | Path) -> Path:
    """Replace `~` at the beginning of a path by the home directory. Shells do not do so in `--data-dir=~/data`."""
    return Path(expand_text(str(path)))


def expand_text(path: str) -> str:
    """Replace `~` as `expand_home` in a text that may also be an address, or a word such as `default`."""
    return os.path.expanduser(path)  # noqa: PTH111 (Path.expanduser raises an error if there is no such user)


def utf8_fault(path: str | os.PathLike[str]) -> str:
    """Return why a library that encodes file names in UTF-8 cannot find a path; "" if it can."""
    name = os.fspath(path)
    try:
        if os.fsencode(name).decode() == name:
            return ""
    except UnicodeDecodeError:
        return "its name is not UTF-8"
    except UnicodeEncodeError:
        if any("\ud800" <= character <= "\udfff" for character in name):
            return "its name is not UTF-8"
    return f"its name needs UTF-8, but Python uses {sys.getfilesystemencoding()} for file names here: set PYTHONUTF8=1"


def utf8_name(name: str) -> str:
    """Return a file name as the text that its bytes are in UTF-8, whatever encoding Python uses for file names.

    Under a locale such as C, Python replaces the bytes of accents by lone surrogates. Names that are not UTF-8 are
    returned unchanged.
    """
    if name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name):
        return name
    try:
        return os.fsencode(name).decode()
    except UnicodeError:
        return name


def printable(text: str) -> str:
    r"""Escape characters that would end a line or column, or control a terminal, such as `\n` and `\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode() if unicodedata.category(character) in _UNPRINTABLE else character
        for character in text
    )
