"""Text that training never sees, so that models can be judged by formulas that are new to them.

A tenth of all formulas, by a hash of their tokens, and a tenth of the lines of a file of formulas, by a hash of their
text, are kept for validation. Validation draws from these alone; whatever training typesets is drawn again when it is
one of them.
"""

from collections.abc import Sequence
from zlib import crc32

SHARE = 10  # one in so many
CLASS = 3
SHORTEST = 4  # tokens; training needs the shorter ones: there are few of them


def is_kept_out(tokens: Sequence[str]) -> bool:
    """Return whether a formula, as canonical tokens, is kept out of training."""
    return len(tokens) >= SHORTEST and _in_class("formula", tokens)


def is_kept_out_line(line: str) -> bool:
    """Return whether a line of a file of formulas is kept out of training, however its spaces stand."""
    return _in_class("line", line.split())


def _in_class(kind: str, words: Sequence[str]) -> bool:
    return crc32(" ".join((kind, *words)).encode()) % SHARE == CLASS
