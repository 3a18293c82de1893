"""Would it pay on a CPU to decode several inks in one step of the model? Judged by what a step costs.

    python -m benchmarks.speed.batching INK_OR_DIR [--model MODEL.tflite]

A model file decodes one ink a step, with one row or as many as the widest beam. The time of a step is taken as `fixed +
rows x per row`, and both follow from the two sizes. Decoding several inks together would save the fixed part for all of
them but one. The last column is the share of an ink's decoding time that is saved at most, with endlessly many inks and
without the padding that inks of different lengths would need. Times are CPU times: medians of --repeats steps, and the
sum of the steps of a search.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink
from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer


def main() -> None:
    """Print a line for each ink."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inks", type=Path)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, metavar="FILE")
    parser.add_argument("--repeats", type=int, default=100, metavar="N", help="steps to time (default 100)")
    args = parser.parse_args()
    recognizer = Recognizer.load(args.model)
    widest = recognizer.backend.beam_sizes[-1]
    print(f"| strokes | step, 1 row | {widest} rows | fixed | per row | whole ink | of it steps | saved at most |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for _, ink in iterate_inks(args.inks):
        if isinstance(ink, Ink):
            print(row(recognizer, ink, args.repeats), flush=True)


def row(recognizer: Recognizer, ink: Ink, repeats: int) -> str:
    """Measure one ink."""
    backend = recognizer.backend
    widest = backend.beam_sizes[-1]
    encoded, strokes = recognizer.encode_ink(ink)
    one, many = (step_seconds(backend, encoded, rows, repeats) for rows in (1, widest))
    per_row = (many - one) / (widest - 1)
    fixed = one - per_row
    recognizer.decode(encoded, strokes, widest)
    whole, steps = decode_seconds(recognizer, encoded, strokes, widest)
    times = " | ".join(f"{1000 * seconds:.2f} ms" for seconds in (one, many, fixed, per_row))
    saved = steps / whole * fixed / many
    return f"| {len(strokes)} | {times} | {1000 * whole:.1f} ms | {steps / whole:.0%} | {saved:.0%} |"


def step_seconds(backend: Any, encoded: Any, rows: int, repeats: int) -> float:
    """Return the CPU time of one step."""
    cache, tokens = backend.init_cache(encoded, rows), np.full(rows, 5, np.int32)
    return float(
        np.median([cpu_seconds(lambda: backend.decode_step(encoded, cache, tokens, 3)) for _ in range(repeats)])
    )


def decode_seconds(recognizer: Recognizer, encoded: Any, strokes: Any, beams: int) -> tuple[float, float]:
    """Return the CPU time of a search, and that of its steps."""
    step, spent = recognizer.backend.decode_step, 0.0

    def timed(*arguments: Any) -> Any:
        nonlocal spent
        began = time.process_time()
        result = step(*arguments)
        spent += time.process_time() - began
        return result

    recognizer.backend.decode_step = timed  # type: ignore[method-assign, assignment]
    whole = cpu_seconds(lambda: recognizer.decode(encoded, strokes, beams))
    recognizer.backend.decode_step = step  # type: ignore[method-assign]
    return whole, spent


def cpu_seconds(work: Callable[[], Any]) -> float:
    """Return the CPU time of a function."""
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
