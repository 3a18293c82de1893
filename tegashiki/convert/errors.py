"""The error of a formula that a target cannot say."""

from __future__ import annotations

from tegashiki.errors import UserError


class ConversionError(UserError, ValueError):
    """A formula that cannot be written in the requested form. The message names the part and the way out."""
