"""The one base class of errors that are the user's to mend.

The command line prints such an error as a single line and exits with status 2; anything else is a bug
of ours and keeps its stack trace.
"""

import math


class UserError(Exception):
    """Bad input, a bad setting or a missing file: the message names the value, the limit and the way out."""


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raise UserError for a value below `low` or above `high` (which may be infinite), and for no finite number."""
    if not (low <= value <= high and math.isfinite(value)):
        limits = f"{low} or more" if high == math.inf else f"{low} to {high}"
        raise UserError(f"{name} is {value}; it can be {limits}")
