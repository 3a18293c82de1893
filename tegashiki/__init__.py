"""tegashiki reads handwritten mathematics: pen strokes in, LaTeX out."""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["Recognizer", "__version__"]

if TYPE_CHECKING:
    from tegashiki.recognizer.recognizer import Recognizer


def __getattr__(name: str) -> object:
    """Import the recogniser on first use, so that `import tegashiki` costs nothing (PEP 562)."""
    if name == "Recognizer":
        from tegashiki.recognizer.recognizer import Recognizer

        return Recognizer
    raise AttributeError(f"module 'tegashiki' has no attribute {name!r}")
