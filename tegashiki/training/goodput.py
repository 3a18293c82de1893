"""Goodput: the share of a run's wall-clock time that its steps take, and what the rest is spent on."""

import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

CAUSES = ("compiling", "waiting", "validating", "saving", "restarting")
_WORDS = {"waiting": "waiting for ink"}


class Goodput:
    """Times of a run since its start, by cause. What no cause claims is the time of steps.

    - compiling: the first step of each shape, which compiles it or loads it from the cache
    - waiting: for ink, while the device has nothing to do
    - validating: validation, and the compilation of its programs
    - saving: checkpoints, as far as the run waits for them
    - restarting: from the start of the run to its first step. For a resumed run, it also counts the time since the
      checkpoint was made: steps that are repeated, and the time in which nothing ran.
    """

    def __init__(self) -> None:
        """Start the clock."""
        self._began = time.perf_counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def lose(self, seconds: float) -> None:
        """Count seconds between the checkpoint of a resumed run and the start of the clock as well."""
        self._began -= seconds

    @contextlib.contextmanager
    def of(self, cause: str) -> Iterator[None]:
        """Count the time in this context for a cause. Contexts are not nested."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.add(cause, time.perf_counter() - began)

    def add(self, cause: str, seconds: float) -> None:
        """Count seconds for a cause of CAUSES."""
        self._seconds[cause] += seconds

    def started(self) -> None:
        """Count everything until now as restarting."""
        self._seconds.clear()
        self._seconds["restarting"] = time.perf_counter() - self._began

    def values(self) -> dict[str, float]:
        """Return numbers for the log: `percent` of the time that was steps, all `seconds`, and seconds by cause."""
        seconds = time.perf_counter() - self._began
        by_cause = {cause: round(self._seconds[cause], 3) for cause in CAUSES}
        steps = max(seconds - sum(by_cause.values()), 0.0)
        return {"percent": 100 * steps / max(seconds, 1e-9), "seconds": seconds, "steps": steps, **by_cause}

    def line(self) -> str:
        """Return a line for people."""
        values = self.values()
        rest = ", ".join(f"{_WORDS.get(cause, cause)} {values[cause]:,.1f} s" for cause in CAUSES)
        return f"goodput {values['percent']:.1f} %: {values['steps']:,.1f} s of {values['seconds']:,.1f} s; {rest}"


def seconds_since(log: Path, step: int) -> float:
    """Return the seconds since a step was logged, 0 if metrics.jsonl does not hold it.

    Args:
        log: The metrics.jsonl of a run.
        step: The step at which the run is resumed.
    """
    if not step or not log.is_file():
        return 0.0
    last = 0.0
    with log.open("rb") as file:
        for line in file:
            with contextlib.suppress(ValueError, KeyError, TypeError):  # a torn line
                entry = json.loads(line)
                if entry["step"] <= step and entry["kind"] == "train":
                    last = float(entry["time"])
    return max(time.time() - last, 0.0) if last else 0.0
