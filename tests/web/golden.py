"""Write the test vectors of the TypeScript recogniser: `python -m tests.web.golden`.

This writes three files into web/test/. golden.json has the vectors of `tegashiki.kit.vectors` and alternatives for the
tokens of readings. sessions.json has the scripts of `tegashiki.kit.sessions`, and memory.json the vectors of
`tegashiki.kit.memory_vectors`. Readings of the shipped model change with the model, so a browser test compares them
instead.
"""

from collections.abc import Sequence
from pathlib import Path

from tegashiki.decoding.calibration import Calibration
from tegashiki.kit.memory_vectors import memory_vectors
from tegashiki.kit.sessions import sessions
from tegashiki.kit.vectors import Entry, FormulaModel, as_text, vectors
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.recognizer.session import Candidates

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "web" / "test" / "golden.json"
SESSIONS = ROOT / "web" / "test" / "sessions.json"
MEMORY = ROOT / "web" / "test" / "memory.json"
STRUCTURED = [*"{}^_[]", "\\frac", "\\sqrt", "\\binom", "\\hat", "\\vec", "\\sum"]


def golden() -> dict[str, list[Entry]]:
    """Return all vectors as JSON values."""
    alternatives = [_replaced(seed, calibration) for seed in range(4) for calibration in (None, [0.76, 0.105, 1.5])]
    return vectors(DEFAULT_VOCABULARY) | {"alternatives": alternatives}


def _replaced(seed: int, calibration: list[float] | None) -> Entry:
    """Record alternatives for each token of a reading, and again after a rejection under another restriction."""
    model = FormulaModel(len(DEFAULT_VOCABULARY), seed, 24)
    session = Recognizer(model, DEFAULT_VOCABULARY, calibration=Calibration(*calibration or (1.0, 0.0))).session()
    session.add_stroke([[0, 0], [3, 10], [6, 2]])
    first = [*STRUCTURED, *"xyz123"]
    session.restrict(first)
    reading = max(session.candidates(5), key=lambda candidate: len(candidate.tokens))
    found = [session.alternatives(index, reading) for index in range(len(reading.tokens))]
    rejected = next(others[0] for others in found if others)
    session.reject(rejected)
    # If the restriction excludes a token of the reading, only this token has alternatives.
    left_out = reading.tokens[0] if seed % 2 else "4"
    second = [token for token in (*STRUCTURED, *"xyz123456") if token != left_out]
    session.restrict(second)
    ruled = [session.alternatives(index, reading) for index in range(len(reading.tokens))]
    return {
        "seed": seed,
        "calibration": calibration,
        "tokens": reading.tokens,
        "complete": reading.complete,
        "restrict": [first, second],
        "rejected": rejected.tokens,
        "others": [_described(found), _described(ruled)],
    }


def _described(found: Sequence[Candidates]) -> list[list[list[str | float]]]:
    """Return for each token its alternatives: the replacing token and the log probability of the whole reading."""
    return [[[other.tokens[i], round(other.log_probability, 9)] for other in others] for i, others in enumerate(found)]


if __name__ == "__main__":
    GOLDEN.write_text(as_text(golden()), "utf-8")
    SESSIONS.write_text(as_text(sessions(DEFAULT_VOCABULARY)), "utf-8")
    MEMORY.write_text(as_text(memory_vectors(DEFAULT_VOCABULARY)), "utf-8")
