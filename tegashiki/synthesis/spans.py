r"""The groups of a canonical token sequence and the items in them.

An item is a token with the groups that follow it and its scripts. A group is the content of braces, or of the brackets
of a root's index. `tegashiki/latex/places.py` finds the same places in a parsed tree. Recombination needs them for
every ink but needs no node types, so it reads the tokens directly, which is possible because they are canonical.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SLOT_OF_OPENER = {"_": "sub", "^": "sup", "\\sqrt": "radicand"}
CLOSING = {"{": "}", "[": "]"}
BEGIN, END = r"\begin{matrix}", r"\end{matrix}"


@dataclass(frozen=True)
class Span:
    """The tokens from `start` up to, not including, `stop`."""

    start: int
    stop: int


@dataclass(frozen=True)
class TokenGroup(Span):
    """The content of a group without its braces. The whole formula is a group in the slot "row"."""

    slot: str
    depth: int  # 0 for the whole formula
    items: tuple[Span, ...]

    def run(self, first: int, last: int) -> Span:
        """Return the span from item `first` to item `last`, both included."""
        return Span(self.items[first].start, self.items[last].stop)


def find_groups(tokens: Sequence[str]) -> list[TokenGroup]:
    """Return all groups of a canonical sequence, the whole formula last.

    A table is one item, and its cells are not groups.
    """
    found: list[TokenGroup] = []
    _read_group(tokens, 0, "", "row", 0, found)
    return found


def _read_group(tokens: Sequence[str], start: int, closing: str, slot: str, depth: int, found: list[TokenGroup]) -> int:
    """Read items until `closing` and return the index of the closing token."""
    items, place = [], start
    while place < len(tokens) and tokens[place] != closing:
        stop = _read_item(tokens, place, depth, found)
        items.append(Span(place, stop))
        place = stop
    found.append(TokenGroup(start, place, slot, depth, tuple(items)))
    return place


def _read_item(tokens: Sequence[str], start: int, depth: int, found: list[TokenGroup]) -> int:
    """Read one item with its arguments and scripts and return the index after it."""
    opener = tokens[start]
    if opener == BEGIN:
        return _behind_table(tokens, start)
    place, arguments = start if opener == "{" else start + 1, 0
    while place < len(tokens):
        token = tokens[place]
        if token in ("_", "^"):
            opener, place = token, place + 1
        elif not (token == "{" or (token == "[" and opener == "\\sqrt" and arguments == 0)):
            break
        slot = "index" if tokens[place] == "[" else _slot(opener, arguments)
        place = _read_group(tokens, place + 1, CLOSING[tokens[place]], slot, depth + 1, found) + 1
        arguments += 1
    return place


def _slot(opener: str, argument: int) -> str:
    if opener == "\\frac":
        return ("numerator", "denominator")[min(argument, 1)]
    return SLOT_OF_OPENER.get(opener, "body")


def _behind_table(tokens: Sequence[str], start: int) -> int:
    depth = 0
    for place in range(start, len(tokens)):
        depth += (tokens[place] == BEGIN) - (tokens[place] == END)
        if depth == 0:
            return place + 1
    return len(tokens)
