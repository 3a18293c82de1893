"""SIGTERM at random moments of a run: it saves and ends within 30 s, and the same command resumes to the same end."""

import argparse
import random
import shutil
import signal
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.reliability.faults.harness import Row, Undisturbed, newest, same_end, start

TERMINATED_WITHIN = 30  # seconds from SIGTERM to the end


def terminate(args: argparse.Namespace, undisturbed: Undisturbed) -> Iterator[Row]:
    """Terminate runs that save nothing by themselves before their end, then let each run on to its end."""
    rng = random.Random(args.seed)
    longer: dict[str, Any] = {"train__steps": 300, "train__checkpoint_every": 1000, "train__validate_every": 1000}
    whole = args.work / "terminate" / "whole" / "run"
    shutil.rmtree(args.work / "terminate", ignore_errors=True)
    reference = start(whole, **longer).ended()
    for turn in range(args.terminations):
        workdir = args.work / "terminate" / str(turn) / "run"
        process = start(workdir, **longer)
        log = workdir / "metrics.jsonl"
        moment = rng.randrange(1, 250)  # steps
        while process.running() and (not log.exists() or log.read_text().count("\n") < moment):
            time.sleep(0.005)
        told = time.monotonic()
        process.send(signal.SIGTERM)
        ended = process.ended()
        took = time.monotonic() - told
        step = newest(workdir)
        stopped = ended.status == 0 and f"terminated at step {step};" in ended.last_line and took <= TERMINATED_WITHIN
        rest = start(workdir, **longer).ended()
        same = reference.status == rest.status == 0 and same_end(workdir, whole)
        end = "bitwise the same end" if same else "NOT the same end"
        happened = f"saved step {step} of 300, status {ended.status}; resumed to {end}"
        yield Row("terminate", f"SIGTERM {turn + 1}", happened, stopped and same, took)
