"""The state of a session: its strokes and the writer's decisions.

A state is immutable, so undo only needs a list of earlier states.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from tegashiki.recognizer.candidate import Candidate

_numbers = count()

Marks = tuple[tuple[int, int], ...]  # the marks of several strokes, in their order


@dataclass(eq=False)
class Stroke:
    """A stroke and the results computed from it.

    The results do not depend on the other strokes, so they are computed once, when the stroke is first read.

    Attributes:
        points: float64 (N, 2).
        number: Identifies the stroke. It stays the same when the stroke grows or moves.
        form: Identifies this version of the stroke. It changes when the stroke grows or moves.
        framed: The result of `frame_stroke`, None before it is computed.
        stem: The stem, float32 (E,), None before it is computed.
    """

    points: np.ndarray
    number: int = field(default_factory=lambda: next(_numbers))
    form: int = field(default_factory=lambda: next(_numbers))
    framed: tuple[np.ndarray, np.ndarray] | None = None
    stem: np.ndarray | None = None

    @property
    def mark(self) -> tuple[int, int]:
        """Return the key of this version of the stroke: its number and form."""
        return self.number, self.form


@dataclass(frozen=True)
class Accepted:
    """An accepted candidate and the marks of the strokes that it was read from."""

    candidate: Candidate
    marks: Marks


@dataclass(frozen=True)
class SessionState:
    """Everything that edits change and `undo` restores.

    Attributes:
        strokes: The strokes in the order of writing.
        accepted: The accepted reading.
        refused: The tokens of each rejected reading, with the marks of its strokes.
        released: Whether the last edit dropped the accepted reading because one of its strokes was erased or moved.
    """

    strokes: tuple[Stroke, ...] = ()
    accepted: Accepted | None = None
    refused: frozenset[tuple[Marks, tuple[str, ...]]] = frozenset()
    released: bool = False

    @property
    def marks(self) -> Marks:
        """Return the marks of the strokes."""
        return tuple(stroke.mark for stroke in self.strokes)

    @property
    def accepted_for_all(self) -> Candidate | None:
        """Return the accepted reading if it was read from exactly these strokes."""
        return self.accepted.candidate if self.accepted and self.accepted.marks == self.marks else None

    def refused_here(self) -> list[tuple[str, ...]]:
        """Return the tokens of the readings that were rejected for exactly these strokes."""
        marks = self.marks
        return [tokens for strokes, tokens in self.refused if strokes == marks]

    def added(self, strokes: tuple[Stroke, ...]) -> SessionState:
        """Return the state with more strokes."""
        return replace(self, strokes=self.strokes + strokes, released=False)

    def grown(self, stroke: Stroke) -> SessionState:
        """Return the state with the last stroke replaced by a longer version."""
        return replace(self, strokes=(*self.strokes[:-1], stroke), released=False)

    def erased(self, indices: Collection[int]) -> SessionState:
        """Return the state without some strokes. An accepted reading of one of them is dropped."""
        strokes = tuple(stroke for index, stroke in enumerate(self.strokes) if index not in indices)
        accepted = dict(self.accepted.marks) if self.accepted else {}
        lost = any(self.strokes[index].number in accepted for index in indices)
        return replace(self, strokes=strokes, accepted=None if lost else self.accepted, released=lost)

    def moved(self, indices: Collection[int], shift: np.ndarray) -> SessionState:
        """Return the state with some strokes moved. An accepted reading of one of them and of another is dropped."""
        strokes = tuple(
            Stroke(stroke.points + shift, stroke.number) if index in indices else stroke
            for index, stroke in enumerate(self.strokes)
        )
        accepted = dict(self.accepted.marks) if self.accepted else {}
        torn = len({index in indices for index, stroke in enumerate(self.strokes) if stroke.number in accepted}) == 2
        return replace(self, strokes=strokes, accepted=None if torn else self.accepted, released=torn)

    def behind(self, first: SessionState) -> SessionState:
        """Return the state with the strokes of another state put before its own, and the decisions of both."""
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
        """Return the state with a rejected reading. If the same reading was accepted, it no longer is."""
        same = self.accepted is not None and self.accepted.candidate.tokens == candidate.tokens
        refused = self.refused | {(marks, candidate.tokens)}
        return replace(self, accepted=None if same else self.accepted, refused=refused, released=False)
