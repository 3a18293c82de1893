r"""The grammar of canonical LaTeX: which tokens may follow, for decoding.

Every sequence that the grammar admits up to the end token can be parsed, and `normalize` returns it unchanged. Every
canonical sequence is admitted, with one exception: the index of a root that holds a bracket and is therefore in braces.

The state is a stack of open groups and the phase of the innermost one. Each kind of group is closed by its own token
and may require another group after it, as a numerator requires its denominator.
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
    """The kinds of open groups. A negative value in the stack of a state means that the group's `{` must come next."""

    ROW = 1
    NUMERATOR = 2
    DENOMINATOR = 3
    SUB = 4
    SUP = 5
    RADICAND = 6
    INDEX = 7
    ACCENT = 8
    # A wide accent over a single symbol is written as the narrow one, so these count the items in the group.
    WIDE_NONE = 9
    WIDE_ONE = 10
    WIDE_MANY = 11
    FIRST = 12
    SECOND = 13
    CELL = 14
    EMPTY_BASE = 15  # `{ }`, a base of scripts that draws nothing
    ROOT = 16  # only as a negative value: after `\sqrt`, `[` or `{` must come


class Phase(IntEnum):
    """The last part of the innermost group so far."""

    EMPTY = 0
    ITEM = 1
    SUBBED = 2  # an item with a subscript: a superscript may come
    DONE = 3  # an item with a superscript
    BARE = 4  # `{ }`: a script must come

    __hash__ = int.__hash__  # states are looked up at every step of a search, and Enum.__hash__ is slow


class GrammarState(NamedTuple):
    r"""A position in a formula. States are hashable.

    Attributes:
        groups: The open groups, outermost first. A group is negative if its `{` must come next.
        phase: The phase of the innermost group.
        word: Index of the beginning that was just spelled out of a word with its own token, such as `s i` of `\sin`.
    """

    groups: tuple[int, ...]
    phase: Phase
    word: int


# The group that must follow a closed group, the phase of the surrounding group after closing, and the minimum number of
# tokens that closing takes.
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
MAX_KNOWN = 10_000  # states whose rules are cached; recognising 500 inks visits about 1,000 states


class _Rules:
    """The cached rules of one state, computed at its first visit."""

    __slots__ = ("allowed", "changes", "closing_length", "following", "longest_closing", "opening")

    def __init__(
        self, allowed: np.ndarray, changes: np.ndarray, longest_change: int, opening: np.ndarray, closing_length: int
    ):
        self.allowed, self.changes, self.opening, self.closing_length = allowed, changes, opening, closing_length
        self.longest_closing = closing_length + longest_change
        self.following: dict[int, GrammarState] = {}


class Grammar:
    r"""The grammar of canonical LaTeX over one vocabulary.

    Masks are computed once per kind of state. Tokens of the vocabulary that are not canonical (`\le`, `\limits`) are
    never allowed.
    """

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self._tokens = [vocabulary.token(i) for i in range(len(vocabulary))]
        self._is_symbol = [i > EOS_ID and _is_symbol(token) for i, token in enumerate(self._tokens)]
        # Apart from the words that they spell, these tokens are equivalent. They are most of the vocabulary.
        self._is_letter = np.array(self._is_symbol) & np.array([token != "]" for token in self._tokens])
        self._masks: dict[tuple[int, Phase, int, bool], np.ndarray] = {}
        self._changes: dict[tuple[int, Phase, int, bool], tuple[np.ndarray, int, np.ndarray]] = {}
        self._known: dict[GrammarState, _Rules] = {}

    def start(self) -> GrammarState:
        """Return the state before the first token."""
        return GrammarState((Group.ROW,), Phase.EMPTY, 0)

    def allowed(self, state: GrammarState) -> np.ndarray:
        """Return the mask of the ids that may follow; the end token may follow only a complete formula.

        Returns:
            bool (V,), read-only.
        """
        return self._rules(state).allowed

    def advance(self, state: GrammarState, token_id: int) -> GrammarState:
        """Return the state after a token. The end token does not change the state.

        Raises:
            LatexError: The token may not follow.
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
        """Return the minimum number of tokens until the end token may follow, 0 if it may follow now."""
        length = sum(_closing_length(group) for group in state.groups)
        innermost = state.groups[-1]
        if state.phase == Phase.BARE:
            length += 4  # ^ { x }
        elif state.phase == Phase.EMPTY and innermost > 0 and innermost not in (Group.EMPTY_BASE, Group.WIDE_NONE):
            length += 1
        return length

    def closing_lengths(self, state: GrammarState) -> np.ndarray:
        """Return the `closing_length` after each id that may follow.

        Returns:
            int (V,); the values of ids that may not follow are undefined.
        """
        rules = self._rules(state)
        return rules.closing_length + rules.changes

    def longest_closing(self, state: GrammarState) -> int:
        """Return the maximum of `closing_lengths` over the ids that may follow."""
        return self._rules(state).longest_closing

    def opening(self, state: GrammarState) -> np.ndarray:
        """Return the ids that may follow and increase the closing length.

        Returns:
            int (N,). It is cached and must not be modified.
        """
        return self._rules(state).opening

    def accepts(self, ids: Iterable[int]) -> bool:
        """Return whether a whole sequence of ids (without the end token) is admitted."""
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
        """Return the changes of `closing_length` by each allowed token, which depend only on the kind of state.

        Returns:
            The changes, int (V,); their maximum; the ids with a positive change.
        """
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
    """Return whether the token alone is a canonical formula of one symbol."""
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
    """Return the stack after one more item begins in the innermost group."""
    if groups[-1] not in _WIDE:
        return groups
    return (*groups[:-1], Group.WIDE_ONE if plain and groups[-1] == Group.WIDE_NONE else Group.WIDE_MANY)


def _suffixes(word: int, token: str) -> Iterator[tuple[str, ...]]:
    spelled = (*_PREFIXES[word], token)
    return (spelled[i:] for i in range(len(spelled)))


def _completes_word(word: int, token: str) -> bool:
    return any(suffix in s.WORDS for suffix in _suffixes(word, token))


@cache  # called with few different arguments, a million times for the automaton
def _next_word(word: int, token: str) -> int:
    return next((_PREFIXES.index(suffix) for suffix in _suffixes(word, token) if suffix in _PREFIXES), 0)
