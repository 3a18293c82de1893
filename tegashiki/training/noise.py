"""Keep Orbax's stack traces off the terminal: what goes wrong in its threads is raised where we wait, and said once."""

import logging
import sys
from typing import Any


def quiet_orbax() -> None:
    """Drop, for the rest of the process, what Orbax logs and its threads report of a save or restore that failed."""
    logging.getLogger("absl").addFilter(_is_not_orbax)
    before = sys.unraisablehook

    def report(unraisable: Any) -> None:
        # tensorstore's threads still answer an event loop that Orbax has closed.
        if "Event loop is closed" not in str(unraisable.exc_value):
            before(unraisable)

    sys.unraisablehook = report


def _is_not_orbax(record: logging.LogRecord) -> bool:
    return not (record.exc_info and "orbax" in record.pathname)
