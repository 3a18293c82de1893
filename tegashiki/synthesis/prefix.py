r"""An ink while it is being written: its first strokes, with the LaTeX that they support.

A symbol counts once all its strokes are there. A fraction whose bar is still to come is its numerator, a root without
its sign its radicand, a base without scripts the base. Where strokes support no LaTeX that parses (half a symbol, a bar
with nothing under it, a script before its base) there is no label, and such a moment is left out.
"""

from collections.abc import Sequence

import numpy as np

from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize, visible_tokens
from tegashiki.latex.symbols import TABLE_BEGIN
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.spans import Span, TokenGroup, find_groups

TRIES = 4


class _NoReadingError(Exception):
    """These strokes support no LaTeX."""


def first_strokes(ink: FramedInk, count: int) -> FramedInk | None:
    """Return the ink after its first `count` strokes; None where they support no reading.

    The ink's every stroke must be known to draw a token.
    """
    drawn, later = set(ink.stroke_tokens[:count].tolist()), set(ink.stroke_tokens[count:].tolist())
    if drawn & later:
        return None  # half a symbol
    try:
        kept = _Reader(ink.tokens, drawn).read()
    except _NoReadingError:
        return None
    tokens = tuple(ink.tokens[index] for index in kept)
    try:
        if normalize(tokens) != tokens:  # such as letters that now spell a function's name
            return None
    except LatexError:
        return None
    place = {index: new for new, index in enumerate(kept)}
    owners = np.array([place[owner] for owner in ink.stroke_tokens[:count].tolist()], np.int32)
    return FramedInk(ink.points_SP2[:count], ink.boxes_S3[:count], tokens, owners)


def random_prefix(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Return the ink at a random moment before its end; the ink itself where none of a few moments can be read."""
    for _ in range(TRIES if len(ink) > 1 else 0):
        part = first_strokes(ink, int(rng.integers(1, len(ink))))
        if part is not None:
            return part
    return ink


class _Reader:
    """Walks canonical tokens and keeps the indices of those that the drawn ones support."""

    def __init__(self, tokens: Sequence[str], drawn: set[int]) -> None:
        self._tokens, self._drawn = tokens, drawn
        groups = find_groups(tokens)
        self._row = groups[-1]
        self._groups = {group.start: group for group in groups[:-1]}
        self._visible = frozenset(visible_tokens(tokens))

    def read(self) -> list[int]:
        kept = self._row_of(self._row)
        if not kept:
            raise _NoReadingError
        return kept

    def _row_of(self, group: TokenGroup) -> list[int]:
        return [index for item in group.items for index in self._item(item)]

    def _item(self, item: Span) -> list[int]:
        """An item with its arguments and scripts."""
        head = self._tokens[item.start]
        if head in (TABLE_BEGIN, "{", "_", "^"):
            return self._whole(item)
        arguments, scripts = self._parts(item)
        bare = [self._row_of(group) for group in arguments]
        drawn = item.start in self._drawn
        if not arguments:
            kept = [item.start] if drawn else []
        elif head in (r"\overset", r"\underset"):
            return self._whole(item)
        elif drawn:
            kept = [item.start]
            for group, inner in zip(arguments, bare, strict=True):
                if inner:
                    kept += [group.start - 1, *inner, group.stop]
                elif group.slot != "index":
                    raise _NoReadingError
        elif sum(map(bool, bare)) <= 1:
            kept = [index for inner in bare for index in inner]
        else:
            raise _NoReadingError
        for group in scripts:
            inner = self._row_of(group)
            if inner and not kept:
                raise _NoReadingError
            if inner:
                kept += [group.start - 2, group.start - 1, *inner, group.stop]
        return kept

    def _parts(self, item: Span) -> tuple[list[TokenGroup], list[TokenGroup]]:
        """The groups of an item itself, arguments and scripts."""
        arguments: list[TokenGroup] = []
        scripts: list[TokenGroup] = []
        place = item.start + 1
        while place < item.stop:
            token = self._tokens[place]
            if token in ("_", "^"):
                place += 1
            group = self._groups[place + 1]
            (scripts if token in ("_", "^") else arguments).append(group)
            place = group.stop + 1
        return arguments, scripts

    def _whole(self, item: Span) -> list[int]:
        """All of an item or nothing of it: what is not read in parts."""
        inside = [index for index in range(item.start, item.stop) if index in self._visible]
        drawn = [index in self._drawn for index in inside]
        if not any(drawn):
            return []
        if not all(drawn):
            raise _NoReadingError
        return list(range(item.start, item.stop))
