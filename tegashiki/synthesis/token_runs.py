"""Runs of tokens in a sequence of labels, eight bytes each: what stays in memory of inks that may be millions."""

from array import array

BITS = 16  # of a token's index; the rest, 31 bits, are the label's number
MASK = (1 << BITS) - 1

TokenRuns = dict[str, "array[int]"]  # kind -> runs


def no_runs() -> "array[int]":
    """Return an empty array of runs."""
    return array("q")


def to_run(label: int, start: int, stop: int) -> int:
    """Return the run of the tokens `start` up to, not including, `stop` of a label, as one number."""
    return (label << BITS | start) << BITS | stop


def from_run(place: int) -> tuple[int, int, int]:
    """Return (label, start, stop)."""
    return place >> 2 * BITS, place >> BITS & MASK, place & MASK
