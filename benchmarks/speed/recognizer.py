"""Where a recogniser's time goes.

    python -m benchmarks.speed.recognizer MODEL.tflite INK_OR_DIR [--count 100] [--against MODEL]

Measured are the start; per ink, its stems, `encode`, the decoder's steps and the search around them; what the grammar
costs; and how long a writer waits after each stroke. Times are CPU time of this thread, the only one in use, so that
other programs on the machine do not count. With --against, the same search also runs over jitted JAX (a work directory,
parameters.npz, or `default`); both times are then of the whole process, whose threads share one core.
"""

import argparse
import copy
import itertools
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink
from tegashiki.recognizer.recognizer import Recognizer

PARTS = ("stem", "encode", "init_cache", "decode_step")

Clock = Callable[[], float]  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a .tflite file")
    parser.add_argument("inks", type=Path, help="an ink file, a tar or a folder of them")
    parser.add_argument("--count", type=int, default=100, metavar="N", help="inks to read (default: 100)")
    parser.add_argument("--against", metavar="MODEL", help="also measure this model in jitted JAX")
    args = parser.parse_args()
    print(f"{args.model}: {args.model.stat().st_size / 1e6:.2f} MB")
    first = next(name for name, ink in iterate_inks(args.inks) if isinstance(ink, Ink))
    seconds, megabytes = start_to_first_result(args.model, args.inks)
    print(f"start to first result, {first}: {seconds:.2f} s, {megabytes:.0f} MB")
    inks = list(itertools.islice((ink for _, ink in iterate_inks(args.inks) if isinstance(ink, Ink)), args.count))
    if args.against:
        compare_with_jax(args.model, args.against, inks)
        return
    for beams in Recognizer.load(args.model).backend.beam_sizes:
        measure(Recognizer.load(args.model, beams=beams), inks)
        measure_grammar(args.model, inks, beams)
    for beams in Recognizer.load(args.model).backend.beam_sizes:
        measure_writing(Recognizer.load(args.model, beams=beams), inks)


def start_to_first_result(model: Path, inks: Path) -> tuple[float, float]:
    """Return the CPU seconds and the peak MB of a new process that reads one ink, the least of three."""
    code = (
        "import resource, sys, time\n"
        "from tegashiki import Recognizer; from tegashiki.ink.files import iterate_inks\n"
        "Recognizer.load(sys.argv[1]).recognize(next(iterate_inks(sys.argv[2]))[1], 1)\n"
        "print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)"
    )
    command = [sys.executable, "-c", code, str(model), str(inks)]
    outputs = [subprocess.run(command, capture_output=True, check=True).stdout.split() for _ in range(3)]
    return min((float(seconds), float(megabytes)) for seconds, megabytes in outputs)


def measure(recognizer: Recognizer, inks: Sequence[Ink], clock: Clock = time.thread_time) -> dict[str, float]:
    """Print the milliseconds per ink and of its parts. Returns those of one call of each part, and of an ink."""
    for ink in inks:  # so that memory for every signature is allocated
        recognizer.recognize(ink)
    spent: defaultdict[str, float] = defaultdict(float)
    calls: Counter[str] = Counter()
    times = []
    for name in PARTS:
        setattr(recognizer.backend, name, timed(getattr(recognizer.backend, name), name, spent, calls, clock))
    for ink in inks:
        start = clock()
        recognizer.recognize(ink)
        times.append(1000 * (clock() - start))
    median, p95 = np.percentile(times, [50, 95])
    print(
        f"beam {recognizer.beams}: median {median:.1f} ms, p95 {p95:.1f} ms, "
        f"mean {np.mean(times):.2f} ms per ink, of which"
    )
    for name in PARTS:
        each = 1000 * spent[name] / calls[name]
        print(f"  {1000 * spent[name] / len(inks):6.2f} ms {name}: {calls[name] / len(inks):.1f} of {each:.3f} ms")
    print(f"  {np.mean(times) - 1000 * sum(spent.values()) / len(inks):6.2f} ms preprocessing, search and grammar")
    return {name: 1000 * spent[name] / calls[name] for name in PARTS} | {"an ink": float(np.mean(times))}


def compare_with_jax(model: Path, checkpoint: str, inks: Sequence[Ink]) -> None:
    """Print the times of LiteRT and of jitted JAX, both on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ["JAX_NUM_CPU_DEVICES"] = "1"
    import jax

    from tegashiki.training.checkpoint_backend import CheckpointBackend

    backend: Any = CheckpointBackend(checkpoint)
    encode = backend.encode
    backend.encode = lambda *arrays: jax.block_until_ready(encode(*arrays))
    for beams in Recognizer.load(model).backend.beam_sizes:
        lite = Recognizer.load(model, beams=beams)
        jitted = Recognizer(copy.copy(backend), lite.vocabulary, beams=beams)
        writing = [{"while writing": measure_writing(each, inks, time.process_time)} for each in (lite, jitted)]
        found = [measure(each, inks, time.process_time) for each in (lite, jitted)]
        found = [parts | more for parts, more in zip(found, writing, strict=True)]
        for name, ours in found[0].items():
            theirs = found[1][name]
            print(f"beam {beams}, {name}: LiteRT {ours:.3f} ms, jitted JAX {theirs:.3f} ms, {theirs / ours:.2f} times")


def measure_grammar(model: Path, inks: Sequence[Ink], beams: int) -> None:
    """Print what the grammar costs for the inks that read the same with and without it, by the least of three times."""
    recognizers = [Recognizer.load(model, beams=beams, grammar=grammar) for grammar in (True, False)]
    spent, same = np.zeros(2), 0
    for ink in inks:
        times = np.zeros((3, 2))
        read: list[tuple[str, ...]] = [(), ()]
        for turn, which in itertools.product(range(3), range(2)):
            start = time.thread_time()
            read[which] = recognizers[which].recognize(ink)[0].tokens
            times[turn, which] = time.thread_time() - start
        if read[0] == read[1]:
            same += 1
            spent += times.min(axis=0)
    cost = 100 * (spent[0] - spent[1]) / spent[1]
    print(f"beam {beams}: the grammar adds {cost:.1f} % to {same} inks that read the same without it")


def measure_writing(recognizer: Recognizer, inks: Sequence[Ink], clock: Clock = time.thread_time) -> float:
    """Print the time from the end of each stroke to its candidates. Returns the median in milliseconds."""
    n, session = recognizer.beams, recognizer.session()
    times = []
    for ink in inks:
        for stroke in ink.strokes:
            start = clock()
            session.add_stroke(stroke)
            session.candidates(n)
            times.append(1000 * (clock() - start))
        session.commit()
    median, p95 = np.percentile(times, [50, 95])
    print(f"while writing, {n} candidates: median {median:.1f} ms, p95 {p95:.1f} ms after each of {len(times)} strokes")
    return float(median)


def timed(
    function: Callable[..., Any], name: str, spent: dict[str, float], calls: Counter[str], clock: Clock
) -> Callable[..., Any]:
    """Wrap a function so that its time and its calls are added up under `name`."""

    def call(*args: Any) -> Any:
        start = clock()
        result = function(*args)
        spent[name] += clock() - start
        calls[name] += 1
        return result

    return call


if __name__ == "__main__":
    main()
