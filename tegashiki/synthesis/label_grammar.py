r"""New formulas like those of a training set: a grammar fitted to its labels.

A row is a chain of items (a token with its arguments and scripts, see `spans.py`): which head follows which is counted
for each kind of row, an item's form for each head. What stands in an argument or script is drawn the same way, or
copied from a label. Brackets that do not pair are drawn again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random

from tegashiki.synthesis.spans import Group, Span, find_groups

START, END = "<start>", "<end>"
FRESH = 0.15  # how often an item follows its row's frequencies alone, whatever stands before
COPIED = 0.4  # how often an argument is one of a label's, word for word
DEEPEST = 4  # structures within structures
LONGER = 0.4  # how often the main row goes on where it would end
SHORT, REFUSED = 6, 0.85  # shorter formulas, in tokens, are refused so often: real ink has enough of them
MAX_TOKENS = 100
PAIRS = {")": "(", "]": "[", r"\}": r"\{", "}": "{"}

Form = tuple["str | Slot", ...]  # an item with holes where its groups' contents stood


class Slot(str):
    """A hole in an item's form, named by its slot."""


class LabelGrammar:
    """Draws formulas like the labels it was given, canonical but for letters that happen to spell a name."""

    def __init__(self, labels: Sequence[Sequence[str]]) -> None:
        """Count rows, items and arguments of canonical labels."""
        self._next: dict[tuple[str, str], list[str]] = defaultdict(list)  # slot, head -> the heads that follow it
        self._heads: dict[str, list[str]] = defaultdict(list)  # slot -> heads
        self._forms: dict[tuple[bool, str], list[Form]] = defaultdict(list)  # in the main row, head -> forms
        self._contents: dict[str, list[tuple[str, ...]]] = defaultdict(list)  # slot -> contents of groups
        for tokens in labels:
            self._read(tuple(tokens))

    def draw(self, random: Random) -> tuple[str, ...]:
        """Draw one formula of at most MAX_TOKENS tokens."""
        while True:
            tokens = tuple(self._row("row", 0, random))
            short = len(tokens) < SHORT and random.random() < REFUSED
            if tokens and not short and len(tokens) <= MAX_TOKENS and _paired(tokens):
                return tokens

    def _read(self, tokens: tuple[str, ...]) -> None:
        groups = find_groups(tokens)
        at = {group.start: group for group in groups[:-1]}
        for group in groups:
            if group.slot != "row":
                self._contents[group.slot].append(tokens[group.start : group.stop])
            before = START
            for item in group.items:
                head = tokens[item.start]
                self._next[group.slot, before].append(head)
                self._heads[group.slot].append(head)
                self._forms[group.slot == "row", head].append(_form(tokens, item, at))
                before = head
            self._next[group.slot, before].append(END)

    def _row(self, slot: str, depth: int, random: Random) -> list[str]:
        tokens: list[str] = []
        head = START
        while len(tokens) <= MAX_TOKENS:
            follows = self._next[slot, head]
            head = random.choice(self._heads[slot] if random.random() < FRESH else follows)
            if head == END and slot == "row" and random.random() < LONGER:
                head = random.choice(self._heads[slot])
            if head == END:
                break
            for part in random.choice(self._forms[slot == "row", head]):
                tokens += self._content(part, depth + 1, random) if isinstance(part, Slot) else [part]
        return tokens

    def _content(self, slot: str, depth: int, random: Random) -> Sequence[str]:
        if depth >= DEEPEST or random.random() < COPIED:
            return random.choice(self._contents[slot])
        return self._row(slot, depth, random) or random.choice(self._contents[slot])


def _form(tokens: Sequence[str], item: Span, groups: dict[int, Group]) -> Form:
    parts: list[str | Slot] = []
    place = item.start
    while place < item.stop:
        group = groups.get(place)
        if group is None or place == item.start or group.start == group.stop:  # an empty group has no hole
            parts.append(tokens[place])
            place += 1
        else:
            parts.append(Slot(group.slot))
            place = group.stop
    return tuple(parts)


def _paired(tokens: Sequence[str]) -> bool:
    """Whether every bracket has its partner in its own group; half-open intervals are refused: labels have them."""
    opened: list[str] = []
    for token in tokens:
        if token in PAIRS.values():
            opened.append(token)
        elif token in PAIRS and (not opened or opened.pop() != PAIRS[token]):
            return False
    return not opened
