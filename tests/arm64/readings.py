"""Write what the recogniser reads on this processor: `python -m tests.arm64.readings FILE [COUNT]`.

It reads the embedded inks and the fixtures, and 200 inks of test_2014 if TEGASHIKI_DATA names the real ink. COUNT
limits their number. It needs only the base install, so that it runs in an emulator.
"""

import json
import platform
import sys
from pathlib import Path
from typing import Any

from tegashiki.kit.vectors import inks
from tegashiki.recognizer.recognizer import Recognizer
from tests.web.readings import fixtures, real_inks

CANDIDATES = 5


def readings(count: int | None = None) -> dict[str, Any]:
    """Return the processor's name and, for each ink, its candidates."""
    recognizer = Recognizer.load()
    found = {}
    for name, ink in [*inks().items(), *fixtures(), *real_inks()][:count]:
        candidates = recognizer.recognize(ink, CANDIDATES)
        found[name] = {
            "tokens": [candidate.tokens for candidate in candidates],
            "log_probabilities": [candidate.log_probability for candidate in candidates],
            "strokes": candidates[0].strokes_of_token,
        }
    return {"machine": platform.machine(), "inks": found}


if __name__ == "__main__":
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else None
    Path(sys.argv[1]).write_text(json.dumps(readings(limit)), "utf-8")
