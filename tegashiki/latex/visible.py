"""Visibility of tokens: ink shows the symbols of a formula, but not most of its structure."""

from collections.abc import Iterable

import numpy as np

from tegashiki.latex import symbols
from tegashiki.latex.vocabulary import EOS_ID, Vocabulary

INVISIBLE = frozenset(symbols.STRUCTURE) - {"\\frac", "\\sqrt", "\\binom"}  # structure that no stroke draws


def visible_mask(vocabulary: Vocabulary) -> np.ndarray:
    """Return the mask, bool (V,), of the ids that ink shows."""
    return np.array([i > EOS_ID and vocabulary.token(i) not in INVISIBLE for i in range(len(vocabulary))])


def different_symbols(ids: Iterable[int], visible_V: np.ndarray) -> int:
    """Count the distinct visible symbols of a reading."""
    return sum(bool(visible_V[i]) for i in set(ids))
