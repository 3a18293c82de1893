"""Two runs with one seed end bitwise equal, and one with another seed does not. All train the model's own step."""

import argparse
import shutil
from collections.abc import Iterator

from benchmarks.reliability.faults.harness import Row, Undisturbed, same_end, start


def twice(args: argparse.Namespace, undisturbed: Undisturbed) -> Iterator[Row]:
    """Run twice with one seed, the second time from the compilation cache, then with another seed."""
    from tegashiki.training.checkpoint import describe_checkpoint

    folder = args.work / "twice"
    shutil.rmtree(folder, ignore_errors=True)
    runs = [folder / name / "run" for name in ("one", "again", "other")]
    start(runs[0], real_step=True).ended()
    again = start(runs[1], real_step=True).ended()
    same = again.status == 0 and same_end(runs[0], runs[1])
    yield Row("twice", "the same seed", "bitwise equal" if same else "NOT equal", same, again.seconds)
    start(runs[2], real_step=True, train__seed=1).ended()
    other = not same_end(runs[2], runs[0])
    yield Row("twice", "another seed", "differs" if other else "NO difference", other)
    about = describe_checkpoint(undisturbed.workdir)
    named = {"tegashiki", "python", "jax", "numpy"} <= about["versions"].keys()
    happened = f"seed {about['config']['train']['seed']}, {len(about['versions'])} versions"
    yield Row("twice", "seed and versions in the checkpoint", happened, named)
