"""Errors of LaTeX and vocabularies."""

from __future__ import annotations

from tegashiki.errors import UserError


class LatexError(UserError, ValueError):
    """LaTeX that cannot be read.

    Attributes:
        message: What is wrong.
        position: The place of the error, as a character offset (as a token index if a sequence of tokens was parsed).
    """

    def __init__(self, message: str, position: int, latex: str = ""):
        shown = f" in {latex[:200]!r}" if latex else ""
        super().__init__(f"LaTeX: {message} at position {position}{shown}")
        self.message = message
        self.position = position


class VocabularyError(UserError, ValueError):
    """A token that is not in a vocabulary, or an invalid vocabulary."""
