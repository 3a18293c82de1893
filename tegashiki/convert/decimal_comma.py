r"""Numbers with a decimal comma: `3{,}14`.

TeX sets a bare comma as a separator, with a space after it, so a decimal comma is written in braces. Ink does not show
them, and canonical tokens have none. Conversions and answers keep them, as one token between two digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from string import digits

from tegashiki.latex.nodes import Row
from tegashiki.latex.normalize import canonical_tree, tree_tokens
from tegashiki.latex.tokenizer import tokenize

DECIMAL_COMMA = "{,}"
_BRACED = ["{", ",", "}"]
_DIGITS = frozenset(digits)
_PARTS = _DIGITS | {".", DECIMAL_COMMA}  # of a number
_POINT = re.compile(r"(?<=\d)\.(?=\d)")


def formula_tree(formula: str | Sequence[str]) -> Row:
    r"""Return the tree of a formula in normal form, in which a decimal comma is the symbol `{,}`.

    A number has one decimal comma and no point. In others, such as `1{,}000{,}000`, commas are what they are in ink.

    Args:
        formula: LaTeX source, or a sequence of tokens.

    Raises:
        LatexError: As `tegashiki.latex.parser.parse`.
    """
    texts = [token.text for token in tokenize(formula)] if isinstance(formula, str) else list(formula)
    joined = _joined(texts)
    if DECIMAL_COMMA not in joined:
        return canonical_tree(formula)
    return canonical_tree(
        ["," if token == DECIMAL_COMMA and not _is_decimal(joined, i) else token for i, token in enumerate(joined)]
    )


def has_decimal_comma(row: Row) -> bool:
    """Return whether a number in a tree of `formula_tree` has a decimal comma."""
    return DECIMAL_COMMA in tree_tokens(row)


def with_decimal_commas(latex: str) -> str:
    """Return LaTeX with a decimal comma in place of each decimal point."""
    return _POINT.sub(DECIMAL_COMMA, latex)


def _joined(texts: list[str]) -> list[str]:
    """Return tokens with each comma in braces as one token."""
    found: list[str] = []
    i = 0
    while i < len(texts):
        is_braced = texts[i : i + 3] == _BRACED
        found.append(DECIMAL_COMMA if is_braced else texts[i])
        i += 3 if is_braced else 1
    return found


def _is_decimal(tokens: list[str], i: int) -> bool:
    """Return whether the comma at `i` stands between digits and is the only mark of its number."""
    before, after = _number(reversed(tokens[:i])), _number(tokens[i + 1 :])
    return all(part and _DIGITS.issuperset(part) for part in (before, after))


def _number(tokens: Iterable[str]) -> list[str]:
    """Return the parts of a number that tokens begin with."""
    return list(takewhile(_PARTS.__contains__, tokens))
