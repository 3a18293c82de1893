"""The recogniser that an app ships: ink in, LaTeX out, with numpy and LiteRT alone (no JAX, no TensorFlow)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.reader import Reader
from tegashiki.recognizer.session import Session

DEFAULT_MODEL = Path(__file__).parent.parent / "assets" / "default.tflite"


class Recognizer(Reader):
    """Reads whole inks, and begins sessions for ink that is still being written."""

    @classmethod
    def load(cls, path: str | Path | None = None, **settings: Any) -> Recognizer:
        """Read a .tflite written by `tegashiki export`; None is the model that comes with the package.

        `settings` are those of the constructor. Raises RecognizerError for a missing or foreign file.
        """
        path = DEFAULT_MODEL if path is None else Path(path)
        if not path.is_file():
            shipped = " (this installation has no shipped model)" if path == DEFAULT_MODEL else ""
            raise RecognizerError(f"no model file {path}{shipped}: give a .tflite made by `tegashiki export`")
        from tegashiki.recognizer.litert import LiteRTBackend

        backend = LiteRTBackend(path)
        found = {"calibration": backend.calibration, **settings}
        return cls(backend, Vocabulary(backend.metadata["vocabulary"]), **found)

    def session(self) -> Session:
        """Begin an expression that is read while it is being written."""
        from tegashiki.recognizer.session import Session

        return Session(self)
