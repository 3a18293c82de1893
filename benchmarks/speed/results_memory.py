"""Peak memory of `tegashiki eval --results` for sets of different sizes.

    python -m benchmarks.speed.results_memory --inks 10000 100000

The inks are copies of one small ink in a tar. Each is read from the tar, scored and written to the file of results as
always, but the model reads only the first one: the others get the same result. Each size has a process of its own.
"""

import argparse
import contextlib
import io
import resource
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from tegashiki.cli import main as run
from tegashiki.evaluation import evaluate
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.samples import Sample
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
from tegashiki.recognizer.recognizer import Recognizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inks", type=int, nargs="+", default=[10_000, 100_000], metavar="N", help="sizes of the sets")
    args = parser.parse_args()
    for count in args.inks:
        with tempfile.TemporaryDirectory() as folder, get_context("spawn").Pool(1) as pool:
            write_tar(Path(folder, "inks.tar"), count)
            seconds, memory = pool.apply(evaluate_copies, (Path(folder),))
        print(f"{count:,} inks: {seconds:.0f} s, {memory / 2**20:.1f} MiB at most")


def write_tar(path: Path, count: int) -> None:
    """Write a tar of `count` copies of an ink."""
    strokes = ([[0, 0], [10, 12], [20, 20]], [[20, 0], [10, 12], [0, 20]])
    ink = Ink(tuple(np.array(stroke, np.float32) for stroke in strokes), label="x")
    content = write_inkml(ink).encode()
    with tarfile.open(path, "w") as tar:
        for number in range(count):
            member = tarfile.TarInfo(f"{number:08d}.inkml")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def evaluate_copies(folder: Path) -> tuple[float, int]:
    """Evaluate the tar in a folder; return seconds and peak bytes of memory."""
    first: list[InkResult] = []
    evaluate.read = partial(read_once, evaluate.read, first)
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        status = run(
            [
                "eval",
                "default",
                "--inkml",
                str(folder / "inks.tar"),
                "--results",
                str(folder / "out.jsonl"),
                "--processes",
                "1",
            ]
        )
    assert status == 0
    return time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def read_once(
    read: Callable[[Recognizer, Sample], InkResult], first: list[InkResult], recognizer: Recognizer, sample: Sample
) -> InkResult:
    """Read the first ink, and return its result under the name of every other one."""
    if not first:
        first.append(read(recognizer, sample))
    return replace(first[0], file=sample.file)


if __name__ == "__main__":
    main()
