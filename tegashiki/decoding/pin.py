r"""A reading that the writer has accepted. Every later reading holds its tokens in the same order.

A pin is an automaton whose state is the number of pinned tokens that have been written. The pinned tokens may be
wrapped and extended (`a` in `\frac{a}{b}`, `x^2` in `x^{23}`), so other tokens may stand between them, but a reading
may not end before all of them are written. The strokes decide when the next one is due: when the model looks at a
stroke of the next visible pinned token, it must write that token, even if another one is likelier. This way a pin
needs no additional beams, and greedy search can usually keep it.
"""

from dataclasses import dataclass, field

import numpy as np

from tegashiki.latex.vocabulary import EOS_ID


@dataclass(frozen=True, eq=False)
class Pin:
    """Accepted tokens and the strokes that draw them.

    Attributes:
        ids: The accepted token ids.
        stroke_tokens_S: For each real stroke of the ink, the index into `ids` of the token that it draws; -1 for none.
        visible_V: bool (V,), True for the ids that a pen draws. Only these are replaced by a token that is due.
    """

    ids: tuple[int, ...]
    stroke_tokens_S: np.ndarray
    visible_V: np.ndarray
    _next_visible: tuple[int, ...] = field(init=False)  # by `written`: the next visible index

    def __post_init__(self) -> None:
        following, places = -2, [-2]  # -2: not in stroke_tokens_S
        for index in reversed(range(len(self.ids))):
            following = index if self.visible_V[self.ids[index]] else following
            places.append(following)
        object.__setattr__(self, "_next_visible", tuple(reversed(places)))

    def advance(self, written: int, token_id: int) -> int:
        """Return the number of pinned tokens written after one more token."""
        return written + (written < len(self.ids) and self.ids[written] == token_id)

    def narrow(self, scores_V: np.ndarray, written: int, attention_S: np.ndarray) -> None:
        """Set the scores of tokens that would break the pin to -inf, in place.

        All scores become -inf if the end token is the likeliest although pinned tokens are missing.

        Args:
            scores_V: The scores of the next token, -inf where other rules forbid it.
            written: The number of pinned tokens written so far.
            attention_S: The model's attention over the strokes for the next token; may be padded.
        """
        if written == len(self.ids):
            return
        best = int(scores_V.argmax())
        looks_at = self.stroke_tokens_S[attention_S[: len(self.stroke_tokens_S)].argmax()]
        if looks_at != self._next_visible[written]:
            scores_V[EOS_ID if best != EOS_ID else slice(None)] = -np.inf
            return
        due = self.ids[written]
        kept = scores_V[due]
        # Structure (a brace, `^` or `_`) has no strokes: when the model writes it, it may look at the next symbol.
        scores_V[slice(None) if best == EOS_ID or self.visible_V[best] else self.visible_V] = -np.inf
        scores_V[EOS_ID] = -np.inf
        scores_V[due] = kept
