"""The base class of errors that the user can fix.

The command line prints a `UserError` as one line and exits with status 2. Any other exception is a bug in tegashiki
and keeps its stack trace.
"""

import math


class UserError(Exception):
    """Bad input, a bad setting or a missing file. The message names the value, the limit and what to do."""


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Check that a setting is a finite number from `low` to `high`.

    Args:
        name: Name of the setting in the error message.
        value: The value to check.
        low: Smallest allowed value.
        high: Largest allowed value, or infinity for no upper limit.

    Raises:
        UserError: The value is out of range, infinite or NaN.
    """
    if not (low <= value <= high and math.isfinite(value)):
        limits = f"{low} or more" if high == math.inf else f"{low} to {high}"
        raise UserError(f"{name} is {value}; it can be {limits}")
