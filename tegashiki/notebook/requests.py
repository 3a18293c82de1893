"""Read ink for a session that runs in a browser (`web/src/recognizer/session.ts`).

The browser keeps the strokes and the writer's decisions. Each of its requests holds all that a reading needs, as
`ReadRequest` of `web/src/recognizer/recognizer.ts` describes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tegashiki.ink.ink import checked_stroke
from tegashiki.latex.tokenizer import join
from tegashiki.recognizer.candidate import Candidate
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.recognizer.session_state import Accepted, SessionState, Stroke


class BrowserReader:
    """Answers the requests of one browser's session."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self._session = recognizer.session()
        self._allowed: list[str] | None = None  # the restriction of that session
        self._strokes: dict[str, Stroke] = {}  # those of the last request by key, with their stems

    def read(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request.

        Args:
            request: The JSON of a `ReadRequest`.

        Returns:
            The JSON of a `Reading`.

        Raises:
            UserError: The request exceeds a limit, or its rules allow no reading.
        """
        self._restrict(request.get("restrict"))
        state = self._state(request)
        if replacing := request.get("replacing"):
            reading = candidate_from(replacing["reading"])
            self._session.resume(state, [reading])
            return {"candidates": to_json(self._session.alternatives(replacing["token"], reading)), "released": False}
        self._session.resume(state)
        is_greedy = request.get("beams") == 1 and request["n"] == 1
        found = next(self._session.stream(2)) if is_greedy else self._session.candidates(request["n"])
        return {"candidates": to_json(found[: request["n"]]), "released": found.pin_released}

    def _restrict(self, allowed: list[str] | None) -> None:
        """Make a session with another restriction, if it is not that of the last request."""
        if allowed == self._allowed:
            return
        session = self.recognizer.session()
        if allowed is not None:  # the browser's presets also have tokens that the model lacks
            session.restrict([token for token in allowed if token in self.recognizer.vocabulary])
        self._session, self._allowed = session, allowed

    def _state(self, request: Mapping[str, Any]) -> SessionState:
        self.recognizer.check_strokes(len(request["strokes"]))
        known = self._strokes
        self._strokes = {
            stroke["key"]: known.get(stroke["key"]) or Stroke(checked_stroke(stroke["points"], index))
            for index, stroke in enumerate(request["strokes"])
        }
        state = SessionState(tuple(self._strokes.values()))
        refused = frozenset((state.marks, tuple(tokens)) for tokens in request.get("refused") or ())
        return SessionState(state.strokes, _accepted(state, request.get("pin")), refused)


def _accepted(state: SessionState, pin: Mapping[str, Any] | None) -> Accepted | None:
    """Return the accepted reading of a request: its tokens, and which of the strokes draw them."""
    if pin is None:
        return None
    drawn = [(mark, token) for mark, token in zip(state.marks, pin["strokeTokens"], strict=True) if token >= 0]
    tokens = tuple(pin["tokens"])
    strokes = tuple(
        tuple(index for index, (_, drawn_token) in enumerate(drawn) if drawn_token == token)
        for token in range(len(tokens))
    )
    return Accepted(_candidate(tokens, strokes), tuple(mark for mark, _ in drawn))


def candidate_from(reading: Mapping[str, Any]) -> Candidate:
    """Return a candidate from the JSON of the browser's `Candidate`. The probability may be missing."""
    strokes = tuple(tuple(own) for own in reading["strokesOfToken"])
    return _candidate(tuple(reading["tokens"]), strokes, reading.get("probability", 1.0), reading["complete"])


def to_json(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Return the JSON of the browser's `Candidate`s."""
    return [
        {
            "latex": candidate.latex,
            "tokens": candidate.tokens,
            "probability": candidate.probability,
            "strokesOfToken": candidate.strokes_of_token,
            "complete": candidate.complete,
        }
        for candidate in candidates
    ]


def _candidate(
    tokens: tuple[str, ...],
    strokes: tuple[tuple[int, ...], ...],
    probability: float = 1.0,
    complete: bool = True,
) -> Candidate:
    log_probability = math.log(probability) if probability > 0 else -np.inf
    return Candidate(join(tokens), tokens, probability, log_probability, strokes, complete)
