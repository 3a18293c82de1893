"""How many cores there are to use."""

import os


def usable_cores() -> int:
    """Return the number of cores that this process may use, which containers and `taskset` keep below the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
