"""Where a recogniser's time goes: starting, then per ink its stems, `encode`, the steps, the search around them; what
the grammar costs; and how long a writer waits behind each stroke.

    python benchmarks/speed/recognizer.py MODEL.tflite INK_OR_DIR [--count 100] [--against MODEL]

Times are of this thread's processor, so that other programs on the machine do not count; one thread is all it uses.
With --against the same search runs over jitted JAX too (a work directory, parameters.npz, or `default`), and both times
are of the whole process, whose threads share one core.
"""

import argparse
import copy
import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink
from tegashiki.recognizer.recognizer import Recognizer

PARTS = ("stem", "encode", "init_cache", "decode_step")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("inks", type=Path)
    parser.add_argument("--count", type=int, default=100, metavar="N", help="inks to read (default 100)")
    parser.add_argument("--against", metavar="MODEL", help="measure this model in jitted JAX beside it")
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


def start_to_first_result(model, inks):
    """Processor seconds of a fresh process that reads one ink with the widest beam, and its MB at the most."""
    code = (
        "import resource, sys, time\n"
        "from tegashiki import Recognizer; from tegashiki.ink.files import iterate_inks\n"
        "Recognizer.load(sys.argv[1]).recognize(next(iterate_inks(sys.argv[2]))[1], 1)\n"
        "print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)"
    )
    command = [sys.executable, "-c", code, str(model), str(inks)]
    return min(
        tuple(map(float, subprocess.run(command, capture_output=True, check=True).stdout.split())) for _ in range(3)
    )


def measure(recognizer, inks, clock=time.thread_time):
    """Print the milliseconds of an ink and of its parts; returns those of one call of each part, and of an ink."""
    for ink in inks:  # memory for every signature
        recognizer.recognize(ink)
    spent, calls, times = Counter(), Counter(), []
    for name in PARTS:
        setattr(recognizer.backend, name, timed(getattr(recognizer.backend, name), name, spent, calls, clock))
    for ink in inks:
        start = clock()
        recognizer.recognize(ink)
        times.append(1000 * (clock() - start))
    median, p95 = np.percentile(times, [50, 95])
    print(
        f"beam {recognizer.beams}: median {median:.1f} ms, p95 {p95:.1f} ms, "
        f"mean {np.mean(times):.2f} ms an ink, of which"
    )
    for name in PARTS:
        each = 1000 * spent[name] / calls[name]
        print(f"  {1000 * spent[name] / len(inks):6.2f} ms {name}: {calls[name] / len(inks):.1f} of {each:.3f} ms")
    print(f"  {np.mean(times) - 1000 * spent.total() / len(inks):6.2f} ms preprocessing, search and grammar")
    return {name: 1000 * spent[name] / calls[name] for name in PARTS} | {"an ink": np.mean(times)}


def compare_with_jax(model, checkpoint, inks):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ["JAX_NUM_CPU_DEVICES"] = "1"
    import jax

    from tegashiki.training.checkpoint_backend import CheckpointBackend

    backend = CheckpointBackend(checkpoint)
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


def measure_grammar(model, inks, beams):
    """Read with the grammar and without, in turns, the inks that read the same both ways; the least of three times."""
    recognizers = [Recognizer.load(model, beams=beams, grammar=grammar) for grammar in (True, False)]
    spent, same = np.zeros(2), 0
    for ink in inks:
        times = np.zeros((3, 2))
        read = [(), ()]
        for turn, which in itertools.product(range(3), range(2)):
            start = time.thread_time()
            read[which] = recognizers[which].recognize(ink)[0].tokens
            times[turn, which] = time.thread_time() - start
        if read[0] == read[1]:
            same += 1
            spent += times.min(axis=0)
    cost = 100 * (spent[0] - spent[1]) / spent[1]
    print(f"beam {beams}: the grammar adds {cost:.1f} % to {same} inks that read the same without it")


def measure_writing(recognizer, inks, clock=time.thread_time):
    """Time from the end of each stroke until its candidates are there; returns the median in milliseconds."""
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
    print(
        f"while writing, {n} candidates: median {median:.1f} ms, p95 {p95:.1f} ms behind each of {len(times)} strokes"
    )
    return median


def timed(function, name, spent, calls, clock):
    def call(*args):
        start = clock()
        result = function(*args)
        spent[name] += clock() - start
        calls[name] += 1
        return result

    return call


if __name__ == "__main__":
    main()
