"""The recogniser for applications: it turns ink into LaTeX with numpy and LiteRT only (no JAX, no TensorFlow)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tegashiki.ink.ink import Ink
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.page_session import PageReading, PageSession
from tegashiki.recognizer.reader import Reader
from tegashiki.recognizer.session import Session

DEFAULT_MODEL = Path(__file__).parent.parent / "assets" / "default.tflite"


class Recognizer(Reader):
    """Reads whole inks, and starts sessions for ink that is still being written."""

    @classmethod
    def load(cls, path: str | Path | None = None, **settings: Any) -> Recognizer:
        """Load a .tflite file written by `tegashiki export`.

        Args:
            path: The file, None for the model that comes with the package.
            **settings: The settings of the constructor.

        Raises:
            RecognizerError: The file does not exist or is not a model file.
        """
        path = find_model(path)
        from tegashiki.recognizer.litert import LiteRTBackend

        backend = LiteRTBackend(path)
        found = {"calibration": backend.calibration, **settings}
        return cls(backend, Vocabulary(backend.metadata["vocabulary"]), **found)

    def session(self) -> Session:
        """Start a session, which reads an expression while it is being written."""
        from tegashiki.recognizer.session import Session

        return Session(self)

    def page_session(self, *, automatic: bool = True) -> PageSession:
        """Start a page of several lines, see `tegashiki.recognizer.page_session`."""
        return PageSession(self, automatic=automatic)

    def read_lines(self, ink: Ink) -> PageReading:
        """Read an ink of several lines, in the order of writing: tell the lines apart and read each on its own.

        Raises:
            RecognizerError, InkError: The model cannot read so many strokes in a line.
        """
        page = PageSession(self)
        page.add_strokes(ink.strokes)
        return page.read()


def find_model(path: str | Path | None) -> Path:
    """Return the path of a model file, by default of the one that comes with the package.

    Raises:
        RecognizerError: The file does not exist.
    """
    path = DEFAULT_MODEL if path is None else Path(path)
    if not path.is_file():
        shipped = " (this installation has no shipped model)" if path == DEFAULT_MODEL else ""
        raise RecognizerError(f"no model file {path}{shipped}: give a .tflite made by `tegashiki export`")
    return path
