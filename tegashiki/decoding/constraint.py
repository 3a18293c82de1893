"""Which token may come next: grammar, restricted vocabulary, the room that is left, what the writer has decided."""

from collections.abc import Collection
from typing import Any, NamedTuple, Protocol

import numpy as np

from tegashiki.decoding.pin import Pin
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID


class TokenGrammar(Protocol):
    """Which token ids may follow one another; `tegashiki.latex.grammar.Grammar` is the one in use."""

    def start(self) -> Any:
        """Return the state before the first token."""

    def allowed(self, state: Any) -> np.ndarray:
        """Return the mask, bool (V,), of the ids that may come next; the end token only where the sequence parses."""

    def advance(self, state: Any, token_id: int) -> Any:
        """Return the state after one more token."""

    def closing_length(self, state: Any) -> int:
        """Return how many tokens it takes until the end token may follow."""

    def closing_lengths(self, state: Any) -> np.ndarray:
        """Return, int (V,), how many tokens it takes after each allowed id until the end token may follow."""

    def longest_closing(self, state: Any) -> int:
        """Return the most that `closing_lengths` has for an allowed id."""

    def opening(self, state: Any) -> np.ndarray:
        """Return the allowed ids, int (N,), after which it takes more tokens than before them."""


class ConstraintState(NamedTuple):
    """Where a hypothesis stands."""

    grammar: Any  # the grammar's own state
    written: int = 0  # pinned tokens that it holds
    ids: tuple[int, ...] | None = None  # all of it, while it may still become a refused reading


class Constraint:
    """The rules of one search over a vocabulary of `size` ids with at most `max_tokens` of them, the end included.

    grammar, restrict: which sequences and ids may be written, if not all; what could not be closed with these ids is
    not opened. pin: what every result must hold. refused: results that may not be given.
    """

    def __init__(
        self,
        size: int,
        max_tokens: int,
        grammar: TokenGrammar | None = None,
        restrict: np.ndarray | None = None,
        pin: Pin | None = None,
        refused: Collection[tuple[int, ...]] = (),
    ):
        self.max_tokens = max_tokens
        self.grammar = grammar
        self.pin = pin
        self.refused = frozenset(refused)
        self._on_the_way = {ids[:length] for ids in self.refused for length in range(len(ids) + 1)}
        self._restricted = restrict is not None
        self._closable: dict[int, bool] = {}  # by an id that opens something
        self.base = np.ones(size, bool)
        if restrict is not None:
            if restrict.shape != (size,):
                raise ValueError(f"the restriction has shape {restrict.shape}, the vocabulary has {size} tokens")
            self.base &= restrict
        self.base[[PAD_ID, BOS_ID]] = False
        self.base[EOS_ID] = True
        self.only_end = np.zeros(size, bool)
        self.only_end[EOS_ID] = True

    def start(self) -> ConstraintState:
        """Return the state before the first token."""
        return ConstraintState(self.grammar.start() if self.grammar else None, 0, () if self.refused else None)

    def advance(self, state: ConstraintState, token_id: int) -> ConstraintState:
        """Return the state after one more token."""
        grammar = self.grammar.advance(state.grammar, token_id) if self.grammar else None
        written = self.pin.advance(state.written, token_id) if self.pin else 0
        ids = None if state.ids is None else (*state.ids, token_id)
        return ConstraintState(grammar, written, ids if ids in self._on_the_way else None)

    def scores(
        self, state: ConstraintState, position: int, log_probabilities_V: np.ndarray, attention_S: np.ndarray
    ) -> np.ndarray:
        """Return a copy of the next token's log probabilities with -inf for what it may not be.

        Args:
            state: of the hypothesis.
            position: the token's number, 0 for the first.
            log_probabilities_V: as the model gives them.
            attention_S: where it looks as it writes the token.
        """
        scores_V = np.where(self.mask(state, position), log_probabilities_V, -np.inf)
        if state.ids is not None and state.ids in self.refused:
            scores_V[EOS_ID] = -np.inf
        if self.pin:
            self.pin.narrow(scores_V, state.written, attention_S)
        return scores_V

    def mask(self, state: ConstraintState, position: int) -> np.ndarray:
        """Return the mask, bool (V,), of the ids that grammar, restriction and room leave; do not write it."""
        room = self.max_tokens - position
        if self.grammar is None:
            return self.base if room > 1 else self.only_end
        # Behind the token there must be room for what closes the formula, and for the end token. Mostly there is.
        allowed = self.grammar.allowed(state.grammar) & self.base
        if self._restricted:
            opening_N = self.grammar.opening(state.grammar)
            for token_id in opening_N[self.base[opening_N]].tolist():
                if not self._can_close(self.grammar, state.grammar, token_id):
                    allowed[token_id] = False
        if self.grammar.longest_closing(state.grammar) > room - 2:
            closable = self.grammar.closing_lengths(state.grammar) <= room - 2
            closable[EOS_ID] = True
            allowed &= closable
        return allowed

    def _can_close(self, grammar: TokenGrammar, state: Any, token_id: int) -> bool:
        """Whether the restriction leaves a way to the end behind an id that opens something: one answer an id."""
        if token_id not in self._closable:
            self._closable[token_id] = self._reaches_end(grammar, grammar.advance(state, token_id))
        return self._closable[token_id]

    def _reaches_end(self, grammar: TokenGrammar, state: Any) -> bool:
        """Whether the shortest way to the end is left; they are alike but for the symbols in them."""
        length = grammar.closing_length(state)
        if not length:
            return True
        nearer = grammar.allowed(state) & self.base & (grammar.closing_lengths(state) < length)
        return bool(nearer.any()) and self._reaches_end(grammar, grammar.advance(state, int(nearer.argmax())))
