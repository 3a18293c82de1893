"""Write readings of the Python recogniser for comparison in a browser: `python -m tests.web.readings FILE`.

Reads embedded inks and fixtures. If the environment variable TEGASHIKI_DATA is set, also reads 200 inks of test_2014.
"""

import json
import math
import os
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.decoding.backend import Backend, Cache
from tegashiki.ink.files import iterate_inks, read_ink
from tegashiki.ink.ink import Ink, InkError
from tegashiki.kit.vectors import Entry, inks
from tegashiki.latex.normalize import normalize
from tegashiki.latex.tokenizer import join
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.recognizer.session import Session

from .golden import ROOT

REAL = 200


class Decisions:
    """Wraps a backend and records the smallest margin between the two best tokens, in nats."""

    def __init__(self, backend: Backend) -> None:
        self.backend, self.narrowest = backend, math.inf

    def __getattr__(self, name: str) -> Any:
        return getattr(self.backend, name)

    def decode_step(
        self, encoded: Any, cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, Cache]:
        logits_WV, attention_WS, cache = self.backend.decode_step(encoded, cache, tokens_W, position)
        second, first = np.sort(logits_WV[0])[-2:]
        self.narrowest = min(self.narrowest, float(first - second))
        return logits_WV, attention_WS, cache


def readings() -> list[Entry]:
    """Return all inks with their readings and the smallest margin of the greedy reading."""
    recognizer, greedy = Recognizer.load(), Recognizer.load(beams=1)
    greedy.backend = decisions = Decisions(greedy.backend)
    found = []
    for name, ink in [*inks().items(), *fixtures(), *real_inks()]:
        decisions.narrowest = math.inf
        first = greedy.recognize(ink)[0]
        candidates = recognizer.recognize(ink, 5)
        found.append(
            {
                "name": name,
                "label": join(normalize(ink.label)),
                "strokes": [stroke.tolist() for stroke in ink.strokes],
                "greedy": first.latex,
                "narrowest": round(decisions.narrowest, 4),
                "strokes_of_token": first.strokes_of_token,
                "candidates": [candidate.latex for candidate in candidates],
                **_alternatives(recognizer.session(), ink),
            }
        )
    return found


def _alternatives(session: Session, ink: Ink) -> Entry:
    """Return alternatives for the middle visible token of the first candidate."""
    for stroke in ink.strokes:
        session.add_stroke(stroke)
    reading = session.candidates(5)[0]
    visible = [index for index, strokes in enumerate(reading.strokes_of_token) if strokes]
    token = visible[len(visible) // 2]
    return {"token": token, "alternatives": [other.latex for other in session.alternatives(token, reading)]}


def fixtures() -> list[tuple[str, Ink]]:
    return [(path.stem, read_ink(path)) for path in sorted((ROOT / "tests" / "fixtures" / "crohme").glob("*.inkml"))]


def real_inks() -> list[tuple[str, Ink]]:
    data = os.environ.get("TEGASHIKI_DATA")
    if not data:
        return []
    limit = Recognizer.load().backend.stroke_sizes[-1]
    archive = Path(data) / "crohme-inkml" / "test-2014.tar.xz"
    read = ((name, ink) for name, ink in iterate_inks(archive) if not isinstance(ink, InkError))
    return list(islice(((name, ink) for name, ink in read if len(ink.strokes) <= limit), REAL))


if __name__ == "__main__":
    Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
    Path(sys.argv[1]).write_text(json.dumps(readings()), "utf-8")
