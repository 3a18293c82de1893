r"""Which token may follow: canonical LaTeX as an incremental grammar, for decoding.

A sequence that the grammar admits up to the end token parses, and `normalize` leaves it as it is. Every canonical
sequence is admitted, with one exception: a root's index that holds a bracket and so wears braces.

The state is a stack of open groups with the phase of the innermost one. Groups are closed by the token that their
kind asks for, and a kind may ask for another group behind it (a numerator for its denominator).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np

from tegashiki.latex import symbols as s
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import MAX_DEPTH
from tegashiki.latex.vocabulary import EOS_ID, Vocabulary


class Group(IntEnum):
    """What is open. Its negative in a state's stack: its `{` must come next."""

    ROW = 1
    NUMERATOR = 2
    DENOMINATOR = 3
    SUB = 4
    SUP = 5
    RADICAND = 6
    INDEX = 7
    ACCENT = 8
    # A wide accent over a single symbol is written as the narrow one: these count what is in the group.
    WIDE_NONE = 9
    WIDE_ONE = 10
    WIDE_MANY = 11
    FIRST = 12
    SECOND = 13
    CELL = 14
    EMPTY_BASE = 15  # `{ }`, a base of scripts that draws nothing
    ROOT = 16  # only as negative: behind `\sqrt`, `[` or `{` must come


class Phase(IntEnum):
    """What stands last in the innermost group."""

    EMPTY = 0
    ITEM = 1
    SUBBED = 2  # an item with a subscript: a superscript may come
    DONE = 3  # an item with a superscript
    BARE = 4  # `{ }`: a script must come

    __hash__ = int.__hash__  # states are looked up at every step of a search, and that of an Enum is slow


class GrammarState(NamedTuple):
    r"""Where in a formula one is; hashable.

    Attributes:
      groups: the open groups, outermost first; negative where the `{` is still to come.
      phase: of the innermost group.
      word: how much of a word that has a token of its own (`s i` of `\sin`) has just been spelled out.
    """

    groups: tuple[int, ...]
    phase: Phase
    word: int


# What a group asks for when it is closed, the phase of the group around it then, and how many tokens the closing takes.
_THEN = {Group.NUMERATOR: Group.DENOMINATOR, Group.INDEX: Group.RADICAND, Group.FIRST: Group.SECOND}
_PHASE_AFTER = {Group.SUB: Phase.SUBBED, Group.SUP: Phase.DONE, Group.EMPTY_BASE: Phase.BARE}
_CLOSING = dict.fromkeys(Group, 1) | {
    Group.ROW: 0,
    **dict.fromkeys(_THEN, 4),  # } { x }
    Group.WIDE_NONE: 3,  # x x }
    Group.WIDE_ONE: 2,
    Group.EMPTY_BASE: 5,  # } ^ { x }
}
_OPENERS = {
    "\\frac": Group.NUMERATOR,
    "\\sqrt": Group.ROOT,
    **dict.fromkeys(s.STACKS, Group.FIRST),
    **dict.fromkeys(s.ACCENTS, Group.ACCENT),
    **dict.fromkeys(s.WIDE_ACCENTS, Group.WIDE_NONE),
}
_WIDE = (Group.WIDE_NONE, Group.WIDE_ONE, Group.WIDE_MANY)
_PREFIXES = tuple(dict.fromkeys(word[:i] for word in s.WORDS for i in range(len(word))))
MAX_KNOWN = 10_000  # states whose rules are kept; reading 500 inks meets some 1,000


class _Rules:
    """What is known of one state, worked out when a search first comes by."""

    __slots__ = ("allowed", "changes", "closing_length", "following", "longest_closing", "opening")

    def __init__(
        self, allowed: np.ndarray, changes: np.ndarray, longest_change: int, opening: np.ndarray, closing_length: int
    ):
        self.allowed, self.changes, self.opening, self.closing_length = allowed, changes, opening, closing_length
        self.longest_closing = closing_length + longest_change
        self.following: dict[int, GrammarState] = {}


class Grammar:
    r"""The grammar of canonical LaTeX over one vocabulary; masks are computed once a kind of state.

    Tokens of the vocabulary that are not canonical (`\le`, `\limits`) are never allowed.
    """

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self._tokens = [vocabulary.token(i) for i in range(len(vocabulary))]
        self._is_symbol = [i > EOS_ID and _is_symbol(token) for i, token in enumerate(self._tokens)]
        # Any of these may stand for the others where it is not asked which words they spell: most of the vocabulary.
        self._is_letter = np.array(self._is_symbol) & np.array([token != "]" for token in self._tokens])
        self._masks: dict[tuple[int, Phase, int, bool], np.ndarray] = {}
        self._changes: dict[tuple[int, Phase, int, bool], tuple[np.ndarray, int, np.ndarray]] = {}
        self._known: dict[GrammarState, _Rules] = {}

    def start(self) -> GrammarState:
        """The state before the first token."""
        return GrammarState((Group.ROW,), Phase.EMPTY, 0)

    def allowed(self, state: GrammarState) -> np.ndarray:
        """The read-only mask, bool (V,), of the ids that may follow; the end token only where the sequence parses."""
        return self._rules(state).allowed

    def advance(self, state: GrammarState, token_id: int) -> GrammarState:
        """The state after a token (the end token changes nothing).

        Raises:
          LatexError: the token may not follow.
        """
        rules = self._rules(state)
        following = rules.following.get(token_id)
        if following is None:
            if not rules.allowed[token_id]:
                raise LatexError(f"{self._tokens[token_id]!r} may not follow", 0)
            following = rules.following[int(token_id)] = self._advance(state, int(token_id))
        return following

    def _advance(self, state: GrammarState, token_id: int) -> GrammarState:
        if token_id == EOS_ID:
            return state
        token, group = self._tokens[token_id], state.groups[-1]
        if group < 0:
            return _opened(state, token)
        if token == "}" or (token == "]" and group == Group.INDEX) or token == s.TABLE_END:
            return _closed(state)
        if token in ("_", "^"):
            return GrammarState((*state.groups, -(Group.SUB if token == "_" else Group.SUP)), Phase.EMPTY, 0)
        if token in (s.CELL_BREAK, s.ROW_BREAK):
            return GrammarState(state.groups, Phase.EMPTY, 0)
        outer = _with_item(state.groups, plain=self._is_symbol[token_id])
        if token == "{":
            return GrammarState((*outer, Group.EMPTY_BASE), Phase.EMPTY, 0)
        if token == s.TABLE_BEGIN:
            return GrammarState((*outer, Group.CELL), Phase.EMPTY, 0)
        if token in _OPENERS:
            return GrammarState((*outer, -_OPENERS[token]), Phase.EMPTY, 0)
        return GrammarState(outer, Phase.ITEM, _next_word(state.word, token))

    def closing_length(self, state: GrammarState) -> int:
        """How many tokens it takes at least until the end token may follow: 0 where it may follow now."""
        length = sum(_closing_length(group) for group in state.groups)
        innermost = state.groups[-1]
        if state.phase == Phase.BARE:
            length += 4  # ^ { x }
        elif state.phase == Phase.EMPTY and innermost > 0 and innermost not in (Group.EMPTY_BASE, Group.WIDE_NONE):
            length += 1
        return length

    def closing_lengths(self, state: GrammarState) -> np.ndarray:
        """For every id that may follow `closing_length` after it, int (V,); elsewhere nothing that means anything."""
        rules = self._rules(state)
        return rules.closing_length + rules.changes

    def longest_closing(self, state: GrammarState) -> int:
        """The most that `closing_lengths` has for an id that may follow."""
        return self._rules(state).longest_closing

    def opening(self, state: GrammarState) -> np.ndarray:
        """The ids, int (N,), that may follow and then put the end token further off; not to be written."""
        return self._rules(state).opening

    def accepts(self, ids: Iterable[int]) -> bool:
        """Whether a whole sequence of ids (without the end token) is admitted."""
        state = self.start()
        for token_id in ids:
            if not self.allowed(state)[token_id]:
                return False
            state = self.advance(state, token_id)
        return bool(self.allowed(state)[EOS_ID])

    def _rules(self, state: GrammarState) -> _Rules:
        rules = self._known.get(state)
        if rules is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            key = (state.groups[-1], state.phase, state.word, len(state.groups) >= MAX_DEPTH)
            allowed = self._mask(*key)
            rules = _Rules(allowed, *self._closing_changes(state, key, allowed), self.closing_length(state))
            self._known[state] = rules
        return rules

    def _mask(self, group: int, phase: Phase, word: int, deep: bool) -> np.ndarray:
        key = (group, phase, word, deep)
        if key not in self._masks:
            mask = np.zeros(len(self._tokens), bool)
            mask[EOS_ID] = group == Group.ROW and phase not in (Phase.EMPTY, Phase.BARE)
            mask[[i for i, token in enumerate(self._tokens) if i > EOS_ID and self._fits(i, token, *key)]] = True
            mask.flags.writeable = False
            self._masks[key] = mask
        return self._masks[key]

    def _closing_changes(
        self, state: GrammarState, key: tuple[int, Phase, int, bool], allowed: np.ndarray
    ) -> tuple[np.ndarray, int, np.ndarray]:
        """What each allowed token adds to `closing_length`, which the kind of state says; the most; which add to it."""
        if key not in self._changes:
            length = self.closing_length(state)
            changes = np.zeros(len(self._tokens), int)
            alike = allowed & self._is_letter
            others = np.flatnonzero(allowed & ~alike).tolist()
            changes[others] = [self.closing_length(self._advance(state, i)) - length for i in others]
            if alike.any():
                changes[alike] = self.closing_length(self._advance(state, int(alike.argmax()))) - length
            self._changes[key] = changes, int(changes[allowed].max()), np.flatnonzero(allowed & (changes > 0))
        return self._changes[key]

    def _fits(self, token_id: int, token: str, group: int, phase: Phase, word: int, deep: bool) -> bool:
        if group < 0:
            return token == "{" or (token == "[" and group == -Group.ROOT)
        if token == "}":
            return group == Group.EMPTY_BASE or (phase not in (Phase.EMPTY, Phase.BARE) and _has_brace(group))
        if group == Group.EMPTY_BASE:
            return False
        if token in ("_", "^"):
            fitting = (Phase.ITEM, Phase.BARE) if token == "_" else (Phase.ITEM, Phase.BARE, Phase.SUBBED)
            return phase in fitting and not deep
        if phase == Phase.BARE:
            return False
        if token == s.CELL_BREAK:
            return group == Group.CELL
        if token in (s.ROW_BREAK, s.TABLE_END):
            return group == Group.CELL and phase != Phase.EMPTY
        if token == "]" and group == Group.INDEX:
            return phase != Phase.EMPTY
        if token == "{" or token == s.TABLE_BEGIN or token in _OPENERS:
            return not deep
        return self._is_symbol[token_id] and not _completes_word(word, token)


def _is_symbol(token: str) -> bool:
    """Whether the token alone is a canonical formula of one symbol."""
    try:
        return normalize([token]) == (token,) and normalize(token) == (token,)
    except LatexError:
        return False


def _has_brace(group: int) -> bool:
    return group not in (Group.ROW, Group.INDEX, Group.CELL, Group.WIDE_NONE, Group.WIDE_ONE)


def _closing_length(group: int) -> int:
    if group > 0:
        return _CLOSING[Group(group)]
    wanted = Group(-group)
    return 1 + _CLOSING[wanted] + (wanted != Group.WIDE_NONE)


def _opened(state: GrammarState, token: str) -> GrammarState:
    wanted = -state.groups[-1]
    if wanted == Group.ROOT:
        wanted = Group.INDEX if token == "[" else Group.RADICAND
    return GrammarState((*state.groups[:-1], wanted), Phase.EMPTY, 0)


def _closed(state: GrammarState) -> GrammarState:
    group = Group(state.groups[-1])
    if group in _THEN:
        return GrammarState((*state.groups[:-1], -_THEN[group]), Phase.EMPTY, 0)
    return GrammarState(state.groups[:-1], _PHASE_AFTER.get(group, Phase.ITEM), 0)


def _with_item(groups: tuple[int, ...], plain: bool) -> tuple[int, ...]:
    """The stack when one more item begins in the innermost group."""
    if groups[-1] not in _WIDE:
        return groups
    return (*groups[:-1], Group.WIDE_ONE if plain and groups[-1] == Group.WIDE_NONE else Group.WIDE_MANY)


def _suffixes(word: int, token: str) -> Iterator[tuple[str, ...]]:
    spelled = (*_PREFIXES[word], token)
    return (spelled[i:] for i in range(len(spelled)))


def _completes_word(word: int, token: str) -> bool:
    return any(suffix in s.WORDS for suffix in _suffixes(word, token))


@cache  # a search asks for the same few again and again, the automaton a million times
def _next_word(word: int, token: str) -> int:
    return next((_PREFIXES.index(suffix) for suffix in _suffixes(word, token) if suffix in _PREFIXES), 0)
