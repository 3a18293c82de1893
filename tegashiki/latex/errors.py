"""What can be wrong with a piece of LaTeX."""

from __future__ import annotations

from tegashiki.errors import UserError


class LatexError(UserError, ValueError):
    """LaTeX that cannot be read.

    Attributes:
      position: where, as a character offset (or a token's index when a sequence of tokens was parsed).
    """

    def __init__(self, message: str, position: int, latex: str = ""):
        shown = f" in {latex[:200]!r}" if latex else ""
        super().__init__(f"LaTeX: {message} at position {position}{shown}")
        self.message = message
        self.position = position


class VocabularyError(UserError, ValueError):
    """A token that a vocabulary does not hold."""
