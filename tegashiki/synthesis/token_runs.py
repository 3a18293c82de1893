"""Runs of tokens in a sequence of labels, packed into eight bytes each to index millions of inks in memory."""

from array import array

BITS = 16  # bits of each of the two token indices; the remaining 31 bits are the number of the label
MASK = (1 << BITS) - 1

TokenRuns = dict[str, "array[int]"]  # kind -> runs


def no_runs() -> "array[int]":
    """Return an empty array of runs."""
    return array("q")


def to_run(label: int, start: int, stop: int) -> int:
    """Pack the run of the tokens from `start` up to, not including, `stop` of a label into one number."""
    return (label << BITS | start) << BITS | stop


def from_run(place: int) -> tuple[int, int, int]:
    """Unpack a run into (label, start, stop)."""
    return place >> 2 * BITS, place >> BITS & MASK, place & MASK
