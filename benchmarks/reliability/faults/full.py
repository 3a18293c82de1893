"""A full disk: a small tmpfs where this user may mount one (root), and a limit on the size of files."""

import argparse
import re
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.reliability.faults.harness import (
    STEPS,
    Row,
    Undisturbed,
    shortened,
    start,
    train_arguments,
    train_with,
)
from benchmarks.reliability.faults.process import Ended, Process, in_fork

MEBIBYTE = 2**20
SHARES = (0.5, 0.75, 0.95)  # of an undisturbed run's size: the disk fills in the first checkpoint, or later


def full(args: argparse.Namespace, undisturbed: Undisturbed) -> Iterator[Row]:
    whole = sum(path.stat().st_size for path in undisturbed.workdir.rglob("*") if path.is_file())
    for share in SHARES:
        folder = args.work / "full" / str(share)
        with small_disk(folder / "disk", int(whole * share)) as mounted:
            if not mounted:
                print("full: mounting is not permitted here; only the limit on the size of files is tried")
                break
            workdir = folder / "disk" / "run"
            arguments = train_arguments(workdir, train__steps=1000)
            ended = Process(partial(train_with, "", arguments), folder).ended(300)
            happened, good = judge(ended, workdir, "No space left|disk is full")
            yield Row("full", f"tmpfs of {whole * share / MEBIBYTE:.1f} MiB", happened, good, ended.seconds)
    yield limited(args.work / "full" / "limit" / "run", undisturbed)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """Mount a file system of `size` bytes at `folder`. Yields whether this user may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = bool(shutil.which("mount")) and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def limited(workdir: Path, undisturbed: Undisturbed) -> Row:
    """Remove a run's last checkpoints, and resume it where no file may be as large as a checkpoint's largest."""
    shutil.rmtree(workdir.parent, ignore_errors=True)
    shutil.copytree(undisturbed.workdir, workdir)
    for path in workdir.glob(f"checkpoints/*/{STEPS}"):
        shutil.rmtree(path)
    files = [path for path in workdir.glob("checkpoints/latest/*/state/**/*") if path.is_file()]
    most = max(path.stat().st_size for path in files) // 2

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    ended = start(workdir, prepare=limit).ended(300)
    happened, good = judge(ended, workdir, "File too large|cannot be written")
    return Row("full", f"files of at most {most} bytes", happened, good, ended.seconds)


def judge(ended: Ended, workdir: Path, pattern: str) -> tuple[str, bool]:
    """Judge a run that could not save. Good: one line says so, the status is not 0, the last checkpoint is whole.

    Returns: what happened, for the table, and whether that is good.
    """
    from tegashiki.training.checkpoint import find_checkpoint

    told = ended.status not in (0, -signal.SIGKILL) and bool(re.search(pattern, ended.last_line))
    traced = "Traceback" in ended.output
    folder = find_checkpoint(workdir, "latest")
    kept = "no checkpoint yet"
    if folder is not None:
        torn = in_fork(read_or_reason, folder)
        kept = f"TORN: {torn}" if torn else f"step {folder.name} is whole"
    happened = f"status {ended.status}, {kept}: {shortened(ended.last_line)}{', STACK TRACE' if traced else ''}"
    return happened, told and not traced and "TORN" not in kept


def read_or_reason(folder: Path) -> str:
    """Read a checkpoint. Returns "" or what is wrong with it."""
    from tegashiki.errors import UserError
    from tegashiki.training.checkpoint import load_checkpoint

    try:
        load_checkpoint(folder)
    except UserError as error:
        return str(error)
    return ""
