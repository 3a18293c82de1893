"""What is written in a session at one moment, and what its writer has decided: immutable, so that undo is a list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from tegashiki.recognizer.candidate import Candidate

_numbers = count()

Marks = tuple[tuple[int, int], ...]  # of several strokes, in their order


@dataclass(eq=False)
class Stroke:
    """A stroke and what is computed of it, once, when it is first read: neither depends on the other strokes.

    points: float64 (N, 2). number: tells it from all others; stays when the stroke grows. form: does not stay. framed:
    what `frame_stroke` returns. stem: float32 (E,).
    """

    points: np.ndarray
    number: int = field(default_factory=lambda: next(_numbers))
    form: int = field(default_factory=lambda: next(_numbers))
    framed: tuple[np.ndarray, np.ndarray] | None = None
    stem: np.ndarray | None = None

    @property
    def mark(self) -> tuple[int, int]:
        """Return what tells it from all others, from itself before it grew, and as it might have grown otherwise."""
        return self.number, self.form


@dataclass(frozen=True)
class Accepted:
    """An accepted candidate and the strokes that it is a reading of."""

    candidate: Candidate
    marks: Marks


@dataclass(frozen=True)
class SessionState:
    """All that an edit may change and undo bring back.

    refused: rejected tokens, each with the strokes that they were a reading of. released: what was accepted before
    could not be held.
    """

    strokes: tuple[Stroke, ...] = ()
    accepted: Accepted | None = None
    refused: frozenset[tuple[Marks, tuple[str, ...]]] = frozenset()
    released: bool = False

    @property
    def marks(self) -> Marks:
        """Return what tells its strokes from those of other states."""
        return tuple(stroke.mark for stroke in self.strokes)

    @property
    def accepted_for_all(self) -> Candidate | None:
        """Return the accepted reading where it is one of all that is written."""
        return self.accepted.candidate if self.accepted and self.accepted.marks == self.marks else None

    def refused_here(self) -> list[tuple[str, ...]]:
        """Return the tokens that were rejected for just these strokes."""
        marks = self.marks
        return [tokens for strokes, tokens in self.refused if strokes == marks]

    def added(self, strokes: tuple[Stroke, ...]) -> SessionState:
        """Return the state with more strokes."""
        return replace(self, strokes=self.strokes + strokes, released=False)

    def grown(self, stroke: Stroke) -> SessionState:
        """Return the state with another last stroke."""
        return replace(self, strokes=(*self.strokes[:-1], stroke), released=False)

    def erased(self, indices: Collection[int]) -> SessionState:
        """Return the state without some strokes; what was accepted of them is released."""
        strokes = tuple(stroke for index, stroke in enumerate(self.strokes) if index not in indices)
        accepted = dict(self.accepted.marks) if self.accepted else {}
        lost = any(self.strokes[index].number in accepted for index in indices)
        return replace(self, strokes=strokes, accepted=None if lost else self.accepted, released=lost)

    def behind(self, first: SessionState) -> SessionState:
        """Return the state with the strokes of another one before its own, and what was decided on either."""
        return SessionState(
            first.strokes + self.strokes,
            self.accepted or first.accepted,
            first.refused | self.refused,
            self.released,
        )

    def pinned(self, candidate: Candidate, marks: Marks) -> SessionState:
        """Return the state with an accepted reading."""
        return replace(self, accepted=Accepted(candidate, marks), released=False)

    def without(self, candidate: Candidate, marks: Marks) -> SessionState:
        """Return the state with a rejected reading, which is no longer accepted."""
        same = self.accepted is not None and self.accepted.candidate.tokens == candidate.tokens
        refused = self.refused | {(marks, candidate.tokens)}
        return replace(self, accepted=None if same else self.accepted, refused=refused, released=False)
