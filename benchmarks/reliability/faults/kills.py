"""SIGKILL at random moments of a run, then the same command again, until the run has ended.

What the run resumes from, each checkpoint that it saves and how it ends are compared, bit for bit, with an undisturbed
run.
"""

import argparse
import json
import random
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reliability.faults.harness import STEPS, Row, Undisturbed, newest, start


@dataclass
class Tally:
    """What happened so far."""

    kills: int = 0
    finished: int = 0  # runs
    resumed: int = 0  # processes
    where: dict[str, int] = field(default_factory=lambda: {"start": 0, "between saves": 0, "in a save": 0})
    wrong: list[str] = field(default_factory=list)


def kills(args: argparse.Namespace, undisturbed: Undisturbed) -> Iterator[Row]:
    """Kill at moments spread evenly over the work of a whole run, until `args.kills` processes have been killed."""
    rng = random.Random(args.seed)
    tally = Tally()
    began = time.monotonic()
    while tally.kills < args.kills:
        workdir = args.work / "kills" / str(tally.finished) / "run"
        shutil.rmtree(workdir.parent, ignore_errors=True)
        while kill_once(workdir, args.kills, rng, undisturbed, tally):
            pass
        problem = undisturbed.problem_of(workdir, must_have=True)
        if problem or newest(workdir) != STEPS:
            tally.wrong.append(f"run {tally.finished} at its end: {problem or f'ends at {newest(workdir)}'}")
        tally.finished += 1
    places = ", ".join(f"{count} {name}" for name, count in tally.where.items())
    happened = f"{tally.resumed} resumed, {tally.finished} runs ended, all bitwise"
    if tally.wrong:
        happened = "; ".join(tally.wrong)
    yield Row("kills", f"{tally.kills} times SIGKILL: {places}", happened, not tally.wrong, time.monotonic() - began)


def kill_once(workdir: Path, most: int, rng: random.Random, undisturbed: Undisturbed, tally: Tally) -> bool:
    """Run the command and kill it at a random moment. Returns whether it was killed and has to be run again."""
    before = newest(workdir)
    launched = time.time()
    process = start(workdir, change=f"digests {undisturbed.log}")
    if tally.kills < most and not process.wait_for_work(rng.uniform(0, undisturbed.ended.work)):
        process.send(signal.SIGKILL)
    ended = process.ended()
    resumed = bool(before) and f"resuming at step {before} of" in ended.output
    tally.resumed += resumed
    if before and "\r" in ended.output and not resumed:
        tally.wrong.append(f"run {tally.finished} did not resume at {before}")
    if ended.status == 0:
        return False
    if ended.status != -signal.SIGKILL:
        tally.wrong.append(f"run {tally.finished}: status {ended.status}: {ended.last_line}")
        return False
    tally.kills += 1
    tally.where[phase(workdir, launched)] += 1
    print(f"kill {tally.kills}: after {ended.seconds:.1f} s, {tally.where}, newest {newest(workdir)}", flush=True)
    return True


def phase(workdir: Path, launched: float) -> str:
    """Where a run was killed, judged by what it left: unfinished folders or files, or no step since `launched`."""
    unfinished = [*workdir.glob("checkpoints/*/*tmp*"), *workdir.glob(".parameters.npz.*")]
    if any(path.stat().st_mtime >= launched for path in unfinished):
        return "in a save"
    log = workdir / "metrics.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    times = [json.loads(line)["time"] for line in lines if line.endswith("}")]
    return "between saves" if times and times[-1] >= launched else "start"
