"""The tokens that may come next in a search.

They depend on the grammar, the restriction, the length limit and the decisions of the writer.
"""

from collections.abc import Collection
from typing import Any, NamedTuple, Protocol

import numpy as np

from tegashiki.decoding.pin import Pin
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID


class TokenGrammar(Protocol):
    """A grammar over token ids. `tegashiki.latex.grammar.Grammar` implements it."""

    def start(self) -> Any:
        """Return the state before the first token."""

    def allowed(self, state: Any) -> np.ndarray:
        """Return the mask, bool (V,), of the ids that may come next. EOS is among them if the sequence parses."""

    def advance(self, state: Any, token_id: int) -> Any:
        """Return the state after one more token."""

    def closing_length(self, state: Any) -> int:
        """Return the minimum number of tokens before the end token may follow."""

    def closing_lengths(self, state: Any) -> np.ndarray:
        """Return the `closing_length`, int (V,), after each allowed id."""

    def longest_closing(self, state: Any) -> int:
        """Return the maximum of `closing_lengths` over the allowed ids."""

    def opening(self, state: Any) -> np.ndarray:
        """Return the allowed ids, int (N,), that increase `closing_length`, such as an opening brace."""


class ConstraintState(NamedTuple):
    """The state of a hypothesis."""

    grammar: Any  # the grammar's own state
    written: int = 0  # number of pinned tokens written so far
    ids: tuple[int, ...] | None = None  # all its ids, as long as it is a prefix of a refused reading


class Constraint:
    """The rules of one search."""

    def __init__(
        self,
        size: int,
        max_tokens: int,
        grammar: TokenGrammar | None = None,
        restrict: np.ndarray | None = None,
        pin: Pin | None = None,
        refused: Collection[tuple[int, ...]] = (),
    ):
        """Make the rules of one search.

        Args:
            size: The number of ids in the vocabulary, V.
            max_tokens: The maximum length of a sequence, including the end token.
            grammar: The grammar that sequences must obey, None for no grammar.
            restrict: bool (V,), the ids that may be written, None for all. An id that opens a structure is forbidden
                if the restriction leaves no way to close it.
            pin: The accepted tokens that every result must hold.
            refused: The sequences that may not be results.

        Raises:
            ValueError: `restrict` has another shape.
        """
        self.max_tokens = max_tokens
        self.grammar = grammar
        self.pin = pin
        self.refused = frozenset(refused)
        self._on_the_way = {ids[:length] for ids in self.refused for length in range(len(ids) + 1)}
        self._restricted = restrict is not None
        self._closable: dict[int, bool] = {}  # by the id that opens a structure
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
        """Return a copy of the next token's log probabilities, with -inf for forbidden ids.

        Args:
            state: The state of the hypothesis.
            position: The index of the next token, 0 for the first.
            log_probabilities_V: The model's log probabilities of the next token.
            attention_S: The model's attention over the strokes for the next token.
        """
        scores_V = np.where(self.mask(state, position), log_probabilities_V, -np.inf)
        if state.ids is not None and state.ids in self.refused:
            scores_V[EOS_ID] = -np.inf
        if self.pin:
            self.pin.narrow(scores_V, state.written, attention_S)
        return scores_V

    def mask(self, state: ConstraintState, position: int) -> np.ndarray:
        """Return the mask, bool (V,), of the ids that grammar, restriction and length limit allow. Do not modify it."""
        room = self.max_tokens - position
        if self.grammar is None:
            return self.base if room > 1 else self.only_end
        # After the token there must be room for the tokens that close the formula, and for the end token.
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
        """Whether a sequence can still end after an id that opens a structure. The answer depends on the id alone."""
        if token_id not in self._closable:
            self._closable[token_id] = self._reaches_end(grammar, grammar.advance(state, token_id))
        return self._closable[token_id]

    def _reaches_end(self, grammar: TokenGrammar, state: Any) -> bool:
        """Whether the allowed ids can close the sequence. All shortest ways to do so differ only in their symbols."""
        length = grammar.closing_length(state)
        if not length:
            return True
        nearer = grammar.allowed(state) & self.base & (grammar.closing_lengths(state) < length)
        return bool(nearer.any()) and self._reaches_end(grammar, grammar.advance(state, int(nearer.argmax())))
