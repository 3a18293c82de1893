"""Break training and its files in every way we know, and check that nothing is lost and each error is reported.

    python -m benchmarks.reliability.faults                            # everything, about 40 minutes on one core
    python -m benchmarks.reliability.faults --checks kills --kills 50  # one check

Prints a table: check, case, what happened, seconds, peak MiB, verdict. The exit status is 1 if a property fails.
Everything happens in --work, on the debug config with a checkpoint at every step. The model's step, which takes
seconds to trace, is replaced by arithmetic on the state and the batch, except in `twice` and with --own-step: saving,
restoring and repeating work the same. The checks:

    kills      SIGKILL at random moments of a run, then the same command again: what it resumes from, each checkpoint
               that it saves and how it ends are compared, bit for bit, with an undisturbed run
    terminate  SIGTERM at random moments: the run saves and ends within 30 s
    full       a full disk: a small tmpfs where this user may mount one (root), and a limit on the size of files
    flips      one byte of a checkpoint changed, again and again
    wrong      NaN in a batch, an empty batch, a damaged record, a changed vocabulary, a newer format
    hostile    hostile files, given to the commands that read them
    twice      two runs with one seed
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.reliability.faults import harness
from benchmarks.reliability.faults.flips import flips
from benchmarks.reliability.faults.full import full
from benchmarks.reliability.faults.harness import STEPS, Check, Row, Undisturbed
from benchmarks.reliability.faults.hostile import hostile
from benchmarks.reliability.faults.kills import kills
from benchmarks.reliability.faults.terminate import terminate
from benchmarks.reliability.faults.twice import twice
from benchmarks.reliability.faults.wrong import wrong

CHECKS: dict[str, Check] = {
    **{"hostile": hostile, "wrong": wrong, "flips": flips, "full": full, "terminate": terminate, "twice": twice},
    "kills": kills,
}


def main() -> int:
    args = parse()
    # The runs are forks of this process: what is imported here, they need not import again.
    import tegashiki.commands.train
    import tegashiki.training.loop  # noqa: F401

    harness.always_real_step = args.own_step
    args.work = (args.work or Path(tempfile.mkdtemp(prefix="faults"))).absolute()
    print(f"runs and their output are in {args.work}", flush=True)
    undisturbed = Undisturbed(args.work)
    happened = f"{len(undisturbed.digests)} checkpoints"
    rows = [Row("", f"an undisturbed run of {STEPS} steps", happened, True, undisturbed.ended.seconds)]
    for name in args.checks:
        for row in CHECKS[name](args, undisturbed):
            rows.append(row)
            print("  ".join(row.cells()), flush=True)
    print(f"\n{table(rows)}\n\nmachine: {os.cpu_count()} cores, Python {sys.version.split()[0]}, seed {args.seed}")
    return 0 if all(row.good for row in rows) else 1


def table(rows: list[Row]) -> str:
    """Format the rows as Markdown."""
    head = ["check", "case", "what happened", "s", "MiB", ""]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reliability.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--checks", nargs="*", default=[*CHECKS], choices=CHECKS, metavar="NAME", help="default: all")
    parser.add_argument("--kills", type=int, default=50, help="number of processes to kill (default: 50)")
    parser.add_argument("--terminations", type=int, default=3, help="number of processes to terminate (default: 3)")
    parser.add_argument("--flips", type=int, default=200, help="number of bytes to change (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="seed of moments and places (default: 0)")
    parser.add_argument("--own-step", action="store_true", help="train the model's own step everywhere: slower")
    parser.add_argument(
        "--work", type=Path, help="folder for the runs, some 100 MB (default: a temporary one, which is kept)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
