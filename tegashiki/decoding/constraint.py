"""Which token may come next: the grammar, a restricted vocabulary, and the room that is left."""

from typing import Any, Protocol

import numpy as np

from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID


class Grammar(Protocol):
    """Which token ids may follow one another; `tegashiki.latex.grammar.Grammar` is the one in use."""

    def start(self) -> Any:
        """Return the state before the first token."""

    def allowed(self, state: Any) -> np.ndarray:
        """Return the mask, bool (V,), of the ids that may come next; the end token only where the sequence parses."""

    def advance(self, state: Any, token_id: int) -> Any:
        """Return the state after one more token."""

    def closing_lengths(self, state: Any) -> np.ndarray:
        """Return, int (V,), how many tokens it takes after each allowed id until the end token may follow."""

    def longest_closing(self, state: Any) -> int:
        """Return the most that `closing_lengths` has for an allowed id."""


class Constraint:
    """The rules of one search over a vocabulary of `size` ids with at most `max_tokens` of them, the end included."""

    def __init__(self, size: int, max_tokens: int, grammar: Grammar | None = None, restrict: np.ndarray | None = None):
        self.max_tokens = max_tokens
        self.grammar = grammar
        self.base = np.ones(size, bool)
        if restrict is not None:
            if restrict.shape != (size,):
                raise ValueError(f"the restriction has shape {restrict.shape}, the vocabulary has {size} tokens")
            self.base &= restrict
        self.base[[PAD_ID, BOS_ID]] = False
        self.base[EOS_ID] = True
        self.only_end = np.zeros(size, bool)
        self.only_end[EOS_ID] = True

    def start(self) -> Any:
        """Return the state before the first token."""
        return self.grammar.start() if self.grammar else None

    def advance(self, state: Any, token_id: int) -> Any:
        """Return the state after one more token."""
        return self.grammar.advance(state, token_id) if self.grammar else None

    def mask(self, state: Any, position: int) -> np.ndarray:
        """Return the mask, bool (V,), of ids that token number `position` (0 is the first) may be; do not write it."""
        room = self.max_tokens - position
        if self.grammar is None:
            return self.base if room > 1 else self.only_end
        # Behind the token there must be room for what closes the formula, and for the end token. Mostly there is.
        if self.grammar.longest_closing(state) <= room - 2:
            return self.grammar.allowed(state) & self.base
        closable = self.grammar.closing_lengths(state) <= room - 2
        closable[EOS_ID] = True
        return self.grammar.allowed(state) & self.base & closable
