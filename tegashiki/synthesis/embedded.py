"""Generated labelled handwriting: the examples of the dataset `embedded`.

Example i of a split is a pure function of (seed, dialect, split, i). The splits share neither formulas nor writers. The
hash of a formula decides which split it belongs to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import overload
from zlib import crc32

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink, SymbolGroup
from tegashiki.synthesis.formulas import DIALECTS, EASY, Dialect, compose
from tegashiki.synthesis.typeset import typeset
from tegashiki.synthesis.writer import write, writer

SIZES = {"train": 6000, "validation": 300, "test": 300}
WRITERS = {"train": range(400), "validation": range(1000, 1060), "test": range(2000, 2060)}
HELD_OUT = {0: "validation", 1: "test"}  # formulas are hashed into 10 classes; the other 8 are for training


class EmbeddedError(UserError, ValueError):
    """The requested split or dialect does not exist."""


class Drawn(Sequence[Example]):
    """The examples of one split, each generated on access (about 1,000 per second).

    Args:
        split: train, validation or test.
        places: Numbers of the examples; None for as many as the prepared dataset has.
        seed: Another seed gives other formulas by other writers.
        dialect: The kind of formulas: "easy" (2 to 10 symbols of 32 classes) or "wide" (up to 40 symbols of the whole
            vocabulary).

    Raises:
        EmbeddedError: There is no such split or dialect.
    """

    def __init__(self, split: str, places: range | None = None, seed: int = 0, dialect: str = "easy"):
        if split not in SIZES:
            raise EmbeddedError(f"embedded ink has no split {split!r}; it has {', '.join(SIZES)}")
        if dialect not in DIALECTS:
            raise EmbeddedError(f"embedded ink has no dialect {dialect!r}; it has {', '.join(DIALECTS)}")
        self.split, self.seed, self.dialect = split, seed, dialect
        self.places = range(SIZES[split]) if places is None else places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> Drawn: ...
    def __getitem__(self, index: int | slice) -> Example | Drawn:
        if isinstance(index, slice):
            return Drawn(self.split, self.places[index], self.seed, self.dialect)
        return draw(self.split, self.places[index], self.seed, DIALECTS[self.dialect])

    def count_tokens(self) -> Counter[str]:
        """Return the number of occurrences of each token."""
        return Counter(token for example in self for token in example.tokens)


def generate(split: str, count: int | None = None, seed: int = 0, dialect: str = "easy") -> list[Example]:
    """Generate the first `count` examples of a split.

    A longer list begins with the same examples as a shorter one. `Drawn` explains the arguments.
    """
    return list(Drawn(split, None if count is None else range(count), seed, dialect))


def draw(split: str, index: int, seed: int = 0, dialect: Dialect = EASY) -> Example:
    """Generate one example. The same arguments always give the same ink."""
    random = Random(f"{seed}/{dialect.name}/{split}/{index}")
    tokens = compose(random, dialect)
    while split_of(tokens) != split:
        tokens = compose(random, dialect)
    person = writer(seed, random.choice(WRITERS[split]))
    rng = np.random.default_rng((seed, crc32(split.encode()), index))
    strokes, stroke_tokens = write(typeset(tokens, person.layout, person.glyph, random), person, rng)
    ink = Ink(
        strokes=tuple(strokes),
        label=" ".join(tokens),
        writer=person.name,
        source=f"{dialect.name}/{seed}/{split}/{index:06d}",
        symbols=symbol_groups(tokens, stroke_tokens),
    )
    return Example(ink, tokens, stroke_tokens)


def split_of(tokens: Sequence[str]) -> str:
    """Return the only split in which this formula may occur."""
    return HELD_OUT.get(crc32(" ".join(tokens).encode()) % 10, "train")


def symbol_groups(tokens: Sequence[str], stroke_tokens: np.ndarray) -> tuple[SymbolGroup, ...]:
    """Return one group for each token that has strokes, in the order of the tokens."""
    strokes: dict[int, list[int]] = {}
    for stroke, token in enumerate(stroke_tokens.tolist()):
        strokes.setdefault(token, []).append(stroke)
    return tuple(SymbolGroup(tokens[token], tuple(strokes[token])) for token in sorted(strokes))
