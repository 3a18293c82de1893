r"""Unfinished ink: the first strokes of an ink with the LaTeX that they show.

A symbol is shown when all its strokes are written. A fraction without its bar reads as its numerator, a root without
its sign as its radicand, and a base without its scripts as the base. Some strokes show no valid LaTeX: half a symbol,
a bar with nothing below it, a script without its base. Such moments have no label and are not used.
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
    """The strokes show no valid LaTeX."""


def first_strokes(ink: FramedInk, count: int) -> FramedInk | None:
    """Return the ink after its first `count` strokes, or None if they show no valid LaTeX.

    The token of every stroke of the ink must be known.
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
        if normalize(tokens) != tokens:  # for example, letters now spell a function's name
            return None
    except LatexError:
        return None
    place = {index: new for new, index in enumerate(kept)}
    owners = np.array([place[owner] for owner in ink.stroke_tokens[:count].tolist()], np.int32)
    return FramedInk(ink.points_SP2[:count], ink.boxes_S3[:count], tokens, owners)


def random_prefix(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Return the ink at a random moment before its end, or the ink itself if a few random moments have no label."""
    for _ in range(TRIES if len(ink) > 1 else 0):
        part = first_strokes(ink, int(rng.integers(1, len(ink))))
        if part is not None:
            return part
    return ink


class _Reader:
    """Collects the indices of the canonical tokens that the drawn tokens show."""

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
        """Read an item with its arguments and scripts."""
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
        """Return the groups of an item: its arguments and its scripts."""
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
        """Read an item that has no partial readings: either all or none of it must be drawn."""
        inside = [index for index in range(item.start, item.stop) if index in self._visible]
        drawn = [index in self._drawn for index in inside]
        if not any(drawn):
            return []
        if not all(drawn):
            raise _NoReadingError
        return list(range(item.start, item.stop))
