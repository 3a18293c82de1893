r"""A reading that the writer has accepted: whatever is read later holds its tokens in their order.

The automaton's state is how many of them have been written. They may be wrapped and extended (`a` in `\frac{a}{b}`,
`x^2` in `x^{23}`), so a token that is not due is no error; a reading that ends before all are written is. What the
strokes are for: when the model looks at the strokes of the pinned token that a pen draws next, it is that token which
it writes, whatever it likes better. So a pin costs no beams, and greedy search mostly keeps it.
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
        visible_V: bool, True for the ids that a pen draws. Only these can be overruled by a look at a stroke.
    """

    ids: tuple[int, ...]
    stroke_tokens_S: np.ndarray
    visible_V: np.ndarray
    _next_visible: tuple[int, ...] = field(init=False)  # by tokens written: the index of the next one that a pen draws

    def __post_init__(self) -> None:
        following, places = -2, [-2]  # -2: no stroke's owner
        for index in reversed(range(len(self.ids))):
            following = index if self.visible_V[self.ids[index]] else following
            places.append(following)
        object.__setattr__(self, "_next_visible", tuple(reversed(places)))

    def advance(self, written: int, token_id: int) -> int:
        """Return how many of its tokens are written after one more token."""
        return written + (written < len(self.ids) and self.ids[written] == token_id)

    def narrow(self, scores_V: np.ndarray, written: int, attention_S: np.ndarray) -> None:
        """Put -inf, in place, where a token would lose the pin; everywhere where the reading wants to end without it.

        Args:
            scores_V: of the next token, -inf where other rules forbid it.
            written: the state.
            attention_S: where the model looks as it writes the next token; may be padded.
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
        # Structure (a brace, a script's mark) has no strokes: the model may look ahead as it writes it.
        scores_V[slice(None) if best == EOS_ID or self.visible_V[best] else self.visible_V] = -np.inf
        scores_V[EOS_ID] = -np.inf
        scores_V[due] = kept
