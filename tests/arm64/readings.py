"""Write what the recogniser reads on this processor: `python -m tests.arm64.readings FILE [COUNT]`.

It reads the embedded inks and the fixtures, and 200 inks of test_2014 if TEGASHIKI_DATA names the real ink. COUNT
limits their number. FILE gets a line of JSON an ink as soon as it is read. This needs only the base install, so that it
runs in an emulator.
"""

import json
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tegashiki.kit.vectors import inks
from tegashiki.recognizer.recognizer import Recognizer
from tests.web.readings import fixtures, real_inks

CANDIDATES = 5


def readings(count: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield each ink's name and candidates, and the processor's name."""
    recognizer = Recognizer.load()
    for name, ink in [*inks().items(), *fixtures(), *real_inks()][:count]:
        candidates = recognizer.recognize(ink, CANDIDATES)
        yield {
            "machine": platform.machine(),
            "name": name,
            "tokens": [candidate.tokens for candidate in candidates],
            "log_probabilities": [candidate.log_probability for candidate in candidates],
            "strokes": candidates[0].strokes_of_token,
        }


def main() -> None:
    """Read, and write the file."""
    count = int(sys.argv[2]) if len(sys.argv) > 2 else None
    with Path(sys.argv[1]).open("w", encoding="utf-8") as file:
        for reading in readings(count):
            print(json.dumps(reading), file=file, flush=True)


if __name__ == "__main__":
    main()
