"""Speedrun: how many minutes a recipe takes from random parameters to a mark on validation.

    python -m benchmarks.speed.speedrun --config configs/speedrun.py --data-dir data --seeds 0 1 2

Every seed trains to the last step of the config, on prepared data, in a process of its own with an empty compilation
cache. The clock starts with the command. It leaves out the time of validations, which is printed beside it. The mark
is passed at the first validation of the run whose ExpRate (greedy, whole vocabulary, no grammar) is at least --mark. At
the end the best checkpoint is evaluated as in the README (greedy, --restrict crohme) on validation and, with --test,
once on test_2014. docs/speedrun.md has the rules and the table of records.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MINUTES = (5, 10, 15, 20)  # after which the ExpRate is printed


@dataclass(frozen=True)
class Point:
    """One validation of a run."""

    step: int
    exprate: float  # percent
    minutes: float  # from the command to the start of this validation, without earlier validations


def main() -> None:
    args = parse()
    folder = Path(args.workdir or tempfile.mkdtemp(prefix="speedrun-"))
    taken = [folder / f"seed-{seed}" for seed in args.seeds if (folder / f"seed-{seed}").exists()]
    if taken:
        sys.exit(f"{taken[0]} exists: give another --workdir, or remove it")
    reached = [minutes for seed in args.seeds if (minutes := run_seed(args, seed, folder / f"seed-{seed}")) is not None]
    print(f"{len(reached)} of {len(args.seeds)} runs reached {args.mark:g} %", end="")
    print(f"; median {statistics.median(reached):.1f} minutes" if reached else "")
    sys.exit(len(reached) < len(args.seeds))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/speedrun.py", help="default: configs/speedrun.py")
    parser.add_argument("--data-dir", default="data", metavar="DIR", help="prepared datasets (default: data)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], metavar="N", help="one run each (default: 0)")
    parser.add_argument("--mark", type=float, default=65.0, metavar="PERCENT", help="of validation (default: 65)")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--test", action="store_true", help="read test_2014 at the end, once per record")
    parser.add_argument("--workdir", metavar="DIR", help="keep the runs in this folder (default: a temporary one)")
    return parser.parse_args()


def run_seed(args: argparse.Namespace, seed: int, workdir: Path) -> float | None:
    """Train with one seed and print what it reached; return the minutes to the mark, None if it was not reached."""
    began = time.time()
    train(args, seed, workdir)
    log = read_log(workdir)
    points = validations(log, began)
    curve = ", ".join(f"{minutes} min {exprate_after(points, minutes)}" for minutes in MINUTES)
    first_loss = next(line["time"] for line in log if line["kind"] == "train") - began
    print(f"seed {seed}: first loss after {first_loss:.1f} s; validation: {curve}, end {points[-1].exprate:.1f}")
    spent = [line for line in log if line["kind"] == "goodput"][-1]
    parts = ", ".join(f"{name} {spent[name]:.0f} s" for name in ("restarting", "compiling", "steps", "saving"))
    print(f"  {parts}; not counted: validating {spent['validating']:.0f} s", flush=True)
    passed = next((point for point in points if point.exprate >= args.mark), None)
    if passed is None:
        print(f"  {args.mark:g} % was not reached", flush=True)
        return None
    splits = ["validation", "test_2014"] if args.test else ["validation"]
    figures = ", ".join(f"{split} {evaluate(args, workdir, split):.2f} %" for split in splits)
    print(f"  {args.mark:g} % at step {passed.step:,} after {passed.minutes:.1f} minutes; best checkpoint: {figures}")
    sys.stdout.flush()
    return passed.minutes


def train(args: argparse.Namespace, seed: int, workdir: Path) -> None:
    """Train in a process of its own with nothing compiled before."""
    command = [sys.executable, "train.py", args.config, "--data-dir", args.data_dir, "--workdir", str(workdir)]
    command += [word for setting in [f"train.seed={seed}", *args.settings] for word in ("--set", setting)]
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": cache}
        subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def read_log(workdir: Path) -> list[dict[str, Any]]:
    """Return the lines of a run's log."""
    return [json.loads(line) for line in (workdir / "metrics.jsonl").read_text("utf-8").splitlines()]


def validations(log: list[dict[str, Any]], began: float) -> list[Point]:
    """Return the validations of a run that began at a time (seconds since 1970).

    A goodput line follows each of them.
    """
    points = []
    for line, after in pairwise(log):
        if line["kind"] == "validation":
            points.append(Point(line["step"], line["exprate"], (after["time"] - began - after["validating"]) / 60))
    return points


def exprate_after(points: list[Point], minutes: float) -> str:
    """Return the ExpRate of the last validation within so many minutes."""
    found = [point.exprate for point in points if point.minutes <= minutes]
    return f"{found[-1]:.1f}" if found else "-"


def evaluate(args: argparse.Namespace, workdir: Path, split: str) -> float:
    """Return the ExpRate of the run's best checkpoint as the README states it."""
    result = workdir / f"{split}.json"
    command = [sys.executable, "eval.py", str(workdir), "--dataset", "crohme", "--split", split, "--beam", "1"]
    command += ["--data-dir", args.data_dir, "--restrict", "crohme", "--json", str(result)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return json.loads(result.read_text("utf-8"))["figures"]["exprate"]["value"]


if __name__ == "__main__":
    main()
