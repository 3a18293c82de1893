"""The tables of `tegashiki.convert` as JSON values, for converters in other languages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tegashiki.convert import (
    asciimath,
    code,
    grouping,
    latex,
    mathml,
    meaning,
    omml,
    python_code,
    sympy_code,
    typst,
    unicode_text,
    writer,
)
from tegashiki.convert.target import class_of
from tegashiki.latex import symbols as s
from tegashiki.latex.layout import LIMITS
from tegashiki.latex.unicode import character

TARGETS = {
    "latex": latex.LATEX,
    "mathml": mathml.MATHML,
    "typst": typst.TYPST,
    "asciimath": asciimath.ASCIIMATH,
    "unicode": unicode_text.UNICODE,
    "omml": omml.OMML,
}
LANGUAGES = {"sympy": sympy_code.SYMPY, "python": python_code.PYTHON}


def conversion_table() -> dict[str, Any]:
    """Return everything that a converter reads out of tables.

    Returns:
        A dictionary with these keys:

        - characters: The character that shows a symbol, where it is not the token itself.
        - classes: The symbols of each class but letters and digits.
        - targets, languages: The tables of `tegashiki.convert.target.Target` and `tegashiki.convert.code.Language`.
        - grouping, meaning, unicode: The tables of the modules with these names.
        - keywords: Names that no variable can have.
    """
    symbols = sorted({*s.SYMBOLS, "\\|"})
    classes: dict[str, list[str]] = {}
    for token in symbols:
        classes.setdefault(class_of(token), []).append(token)
    return {
        "characters": {token: character(token) for token in symbols if character(token) != token},
        "classes": {name: classes[name] for name in ("operator", "big", "bracket")},
        "grouping": _grouping(),
        "meaning": _meaning(),
        "unicode": {
            "raised": unicode_text.RAISED,
            "lowered": unicode_text.LOWERED,
            "fractions": unicode_text.FRACTIONS,
            "combining": unicode_text.COMBINING,
        },
        "keywords": sorted(code.KEYWORDS),
        "targets": {name: asdict(target) for name, target in TARGETS.items()},
        "languages": {name: asdict(language) for name, language in LANGUAGES.items()},
    }


def _grouping() -> dict[str, Any]:
    return {
        "names": [[name, *spelled] for name, spelled in grouping.LONGEST_FIRST],
        "names_with_limits": sorted(grouping.NAMES_WITH_LIMITS),
        "limits": sorted(LIMITS),
        "functions": list(s.FUNCTIONS),
        "brackets": s.BRACKETS,
        "big_operators": list(s.BIG_OPERATORS),
        "ends": sorted(grouping.ENDS),
        "ends_of_sums": sorted(writer.ENDS_OF_SUMS),
    }


def _meaning() -> dict[str, Any]:
    return {
        "functions": sorted(meaning.FUNCTIONS),
        "times": sorted(meaning.TIMES),
        "over": sorted(meaning.OVER),
        "relations": meaning.RELATIONS,
        "constants": meaning.CONSTANTS,
        "inverse": meaning.INVERSE,
        "fenced": meaning.FENCED,
        "integrals": meaning.INTEGRALS,
        "sums": meaning.SUMS,
        "letters": sorted(meaning.LETTERS),
        "marked": meaning.MARKED,
    }
