r"""A grammar fitted to the labels of a training set, which draws new formulas that resemble them.

A row is a Markov chain of items; an item is a token with its arguments and scripts (`spans.py`). The grammar counts
which head follows which in each kind of row, and which forms the items of each head have. The content of an argument or
script is drawn in the same way or copied from a label. Formulas with unpaired brackets are drawn again.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from random import Random
from typing import Any

from tegashiki.synthesis.spans import Span, TokenGroup, find_groups
from tegashiki.synthesis.token_runs import TokenRuns, from_run, no_runs, to_run

START, END = "<start>", "<end>"
FRESH = 0.15  # probability that an item is drawn independently of the item before
COPIED = 0.4  # probability that an argument is copied from a label
DEEPEST = 4  # maximum depth of nested structures
LONGER = 0.4  # probability that the main row continues where it would end
SHORT, REFUSED = 6, 0.85  # formulas of fewer tokens are rejected with this probability: real ink has enough of them
MAX_TOKENS = 100
PAIRS = {")": "(", "]": "[", r"\}": r"\{", "}": "{"}

Form = tuple["str | Slot", ...]  # the tokens of an item with a hole in place of the content of each group


class Slot(str):
    """A hole in the form of an item, named by its slot."""


class LabelGrammar:
    """Draws formulas that resemble the given labels.

    The formulas are canonical, except that letters may happen to spell the name of a function.
    """

    def __init__(self, labels: Sequence[Sequence[str]]) -> None:
        """Count rows, items and arguments.

        Args:
            labels: Canonical tokens of each label. They are looked up again while drawing.
        """
        heads, forms = _Kinds(), _Kinds()
        self._next: dict[tuple[str, str], _Seen] = defaultdict(heads.none)  # (slot, head) -> heads that follow it
        self._heads: dict[str, _Seen] = defaultdict(heads.none)  # slot -> heads
        self._forms: dict[tuple[bool, str], _Seen] = defaultdict(forms.none)  # (in the main row, head) -> forms
        self._labels = labels
        self._contents: TokenRuns = defaultdict(no_runs)  # slot -> contents of groups
        for number, tokens in enumerate(labels):
            self._read(number, tuple(tokens))

    def draw(self, random: Random) -> tuple[str, ...]:
        """Draw one formula of at most MAX_TOKENS tokens."""
        while True:
            tokens = tuple(self._row("row", 0, random))
            short = len(tokens) < SHORT and random.random() < REFUSED
            if tokens and not short and len(tokens) <= MAX_TOKENS and _paired(tokens):
                return tokens

    def _read(self, number: int, tokens: tuple[str, ...]) -> None:
        groups = find_groups(tokens)
        at = {group.start: group for group in groups[:-1]}
        for group in groups:
            if group.slot != "row":
                self._contents[group.slot].append(to_run(number, group.start, group.stop))
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
            return self._copied(slot, random)
        return self._row(slot, depth, random) or self._copied(slot, random)

    def _copied(self, slot: str, random: Random) -> Sequence[str]:
        """Copy the content of a random group of a label in the given slot."""
        number, start, stop = from_run(random.choice(self._contents[slot]))
        return tuple(self._labels[number][start:stop])


class _Kinds:
    """Interned values: equal values are stored only once, because labels repeat themselves."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self.things: list[Any] = []

    def none(self) -> _Seen:
        """Return an empty sequence of values."""
        return _Seen(self)


class _Seen(Sequence[Any]):
    """A sequence of interned values that takes four bytes per value."""

    def __init__(self, kinds: _Kinds) -> None:
        self._kinds, self._numbers = kinds, array("i")

    def append(self, thing: Any) -> None:
        number = self._kinds.numbers.setdefault(thing, len(self._kinds.things))
        if number == len(self._kinds.things):
            self._kinds.things.append(thing)
        self._numbers.append(number)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: Any) -> Any:
        return self._kinds.things[self._numbers[index]]


def _form(tokens: Sequence[str], item: Span, groups: dict[int, TokenGroup]) -> Form:
    parts: list[str | Slot] = []
    place = item.start
    while place < item.stop:
        group = groups.get(place)
        if group is None or place == item.start or group.start == group.stop:  # empty groups are part of the form
            parts.append(tokens[place])
            place += 1
        else:
            parts.append(Slot(group.slot))
            place = group.stop
    return tuple(parts)


def _paired(tokens: Sequence[str]) -> bool:
    """Return whether every bracket has its partner in its own group.

    Half-open intervals are rejected too; the labels themselves contain enough of them.
    """
    opened: list[str] = []
    for token in tokens:
        if token in PAIRS.values():
            opened.append(token)
        elif token in PAIRS and (not opened or opened.pop() != PAIRS[token]):
            return False
    return not opened
