"""One byte of a checkpoint changed, again and again: the error names the checkpoint, or what is read is right."""

import argparse
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.faults.harness import Row, Undisturbed, digest, shortened
from benchmarks.reliability.faults.process import in_fork


def flips(args: argparse.Namespace, undisturbed: Undisturbed) -> Iterator[Row]:
    yield in_fork(flip_bytes, args, undisturbed)


def flip_bytes(args: argparse.Namespace, undisturbed: Undisturbed) -> Row:
    """Change one byte of a random file, small files as likely as large ones, and read the checkpoint."""
    from tegashiki.training.checkpoint import find_checkpoint, load_checkpoint, quiet_orbax

    quiet_orbax()
    rng = random.Random(args.seed)
    whole = digest(load_checkpoint(undisturbed.workdir, "latest"))
    workdir = args.work / "flips" / "run"
    shutil.rmtree(workdir, ignore_errors=True)
    shutil.copytree(undisturbed.workdir / "checkpoints", workdir / "checkpoints")
    folder = Path(str(find_checkpoint(workdir, "latest")))
    files = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    began = time.monotonic()
    count: Counter[str] = Counter()
    wrong: list[str] = []
    for _ in range(args.flips):
        path = rng.choice(files)
        before = path.read_bytes()
        place = rng.randrange(len(before))
        path.write_bytes(before[:place] + bytes([before[place] ^ rng.randint(1, 255)]) + before[place + 1 :])
        problem = read_damaged(workdir, folder, whole, count)
        if problem:
            wrong.append(f"{path.name} byte {place}: {problem}")
        path.write_bytes(before)
    happened = (
        f"{count['refused']} refused and named ({count['by our checksums']} by our checksums alone), "
        f"{count['offered']} with the one before offered, {count['harmless']} where nothing is read"
    )
    good = not wrong and count["offered"] == count["refused"]
    case = f"{args.flips} bytes in {len(files)} files"
    return Row("flips", case, "; ".join([happened, *wrong[:3]]), good, time.monotonic() - began)


def read_damaged(workdir: Path, folder: Path, whole: str, count: Counter[str]) -> str:
    """Read the checkpoint in `folder` and count what happened. Returns "" or what is wrong with that.

    Args:
      workdir: of the run.
      folder: its newest checkpoint, one byte of which was changed.
      whole: the checkpoint's digest before the change.
      count: what is counted up.
    """
    from tegashiki.errors import UserError
    from tegashiki.training.checkpoint import load_checkpoint

    try:
        found = load_checkpoint(workdir, "latest")
    except UserError as error:
        count["refused"] += 1
        count["offered"] += "is whole: remove the damaged folder" in str(error)
        count["by our checksums"] += "not what was written" in str(error)
        return "" if str(folder) in str(error) else f"not named: {shortened(str(error))}"
    except Exception as error:
        return f"{type(error).__name__}: {shortened(str(error))}"
    count["harmless"] += 1
    return "" if digest(found) == whole else "not noticed"
