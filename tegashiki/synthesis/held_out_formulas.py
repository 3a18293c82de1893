"""Formulas that are held out of training, so that models can be evaluated on formulas that are new to them.

A tenth of all formulas, chosen by a hash of their tokens, and a tenth of the lines of a file of formulas, chosen by a
hash of their text, are kept for validation. Validation draws only from these. Training draws again when a formula to
typeset is one of them.
"""

from collections.abc import Sequence
from zlib import crc32

SHARE = 10  # number of hash classes, one of which is held out
CLASS = 3  # the class that is held out
SHORTEST = 4  # tokens; shorter formulas are never held out, because there are few of them and training needs them


def is_held_out_formula(tokens: Sequence[str]) -> bool:
    """Return whether a formula, given as canonical tokens, is held out of training."""
    return len(tokens) >= SHORTEST and _in_class("formula", tokens)


def is_kept_out_line(line: str) -> bool:
    """Return whether a line of a file of formulas is held out of training. The amount of white space is ignored."""
    return _in_class("line", line.split())


def _in_class(kind: str, words: Sequence[str]) -> bool:
    return crc32(" ".join((kind, *words)).encode()) % SHARE == CLASS
