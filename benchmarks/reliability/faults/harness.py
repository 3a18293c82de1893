"""What the checks share: runs of training on the debug config, an undisturbed run to compare with, rows of the table.

Runs are forked from a process that has imported the modules already, which saves five seconds each, and call the
command's own function. Tracing the model's step would take seconds more, so cheap arithmetic that changes every
parameter takes its place, except where a run asks for the real step.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from benchmarks.reliability.faults.process import Process, in_fork

if TYPE_CHECKING:
    from tegashiki.training.checkpoint import Checkpoint

STEPS = 12
SETTINGS = {
    **{"train.steps": STEPS, "train.validate_every": 4, "train.checkpoint_every": 1, "train.log_every": 1},
    **{"model.width": 16, "model.decoder_layers": 1, "data.train_inks": 8, "data.inks_per_step": 8},
    "data.validation_inks": 2,
}
DIFFERS = 3  # exit status of a run that found a checkpoint to differ from the undisturbed run's
always_real_step = False  # set by --own-step before any run starts; runs are forks and inherit it


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    check: str
    case: str
    happened: str
    good: bool
    seconds: float | None = None
    memory: float | None = None  # MiB

    def cells(self) -> list[str]:
        numbers = ["" if value is None else f"{value:.1f}" for value in (self.seconds, self.memory)]
        return [self.check, self.case, self.happened, *numbers, "ok" if self.good else "FAILED"]


Check = Callable[[argparse.Namespace, "Undisturbed"], Iterator[Row]]


def train_arguments(workdir: Path, **settings: object) -> list[str]:
    changed = SETTINGS | {name.replace("__", "."): value for name, value in settings.items()}
    words = [word for name, value in changed.items() for word in ("--set", f"{name}={value}")]
    return ["configs/debug.py", "--workdir", str(workdir), "--devices", "1", *words]


def start(
    workdir: Path,
    change: str = "",
    prepare: Callable[[], None] | None = None,
    real_step: bool = False,
    **settings: Any,
) -> Process:
    """Start training on the debug config in a process of its own.

    Args:
      workdir: of the run; its output goes to the folder above it.
      change: what `train_with` changes in the run.
      prepare: called in the new process first.
      real_step: train with the model's own step.
      settings: of the config, with `__` for a dot.
    """
    arguments = train_arguments(workdir, **settings)
    return Process(lambda: train_with(change, arguments, real_step), workdir.parent, prepare)


def train_with(change: str, arguments: list[str], real_step: bool = False) -> int:
    """Run `train.py` in this process with parts of the training loop replaced. Returns its exit status.

    Args:
      change: "" for nothing more, "nan" or "empty" for a bad batch in the middle of the run, "digests FILE" to
        compare every checkpoint with those in FILE.
      arguments: of `train.py`.
      real_step: train with the model's own step.
    """
    import numpy as np

    from tegashiki.cli import run_command
    from tegashiki.training import loop

    # A picture would take longer than ten steps.
    replaced: dict[str, Any] = {"draw_validation": lambda *args: np.zeros((2, 2, 3), np.uint8)}
    if change in ("nan", "empty"):
        replaced["prefetch"] = with_bad_batch(loop.prefetch, change)
    if not (real_step or always_real_step):
        replaced |= {"make_train_step": lambda *args: light_step, "make_validate": lambda *args: light_validation}
    for name, function in replaced.items():
        mock.patch.object(loop, name, function).start()  # an error if training has no such function
    if change.startswith("digests"):
        watch_checkpoints(Path(change.removeprefix("digests ")))
    return run_command("train", arguments)


def with_bad_batch(prefetch: Callable[..., Iterator[dict]], kind: str) -> Callable[..., Iterator[dict]]:
    """Replace the batch in the middle of the run by one without ink ("empty") or with NaN ("nan")."""

    def changed(*args: object) -> Iterator[dict]:
        for number, batch in enumerate(prefetch(*args)):
            if number == STEPS // 2 and kind == "empty":
                yield {name: value * 0 for name, value in batch.items()}
            elif number == STEPS // 2:
                yield batch | {"points": batch["points"] * float("nan")}
            else:
                yield batch

    return changed


def light_step(state: Any, batch: dict[str, Any]) -> tuple[Any, dict[str, float]]:
    """Stand in for the model's step: change every number of the state, depending on that number and on the batch."""
    import jax
    import numpy as np

    ink = np.float32(np.abs(batch["points"]).sum())

    def move(leaf: Any) -> np.ndarray:
        leaf = np.asarray(leaf)
        return leaf + np.int32(1) if leaf.dtype == np.int32 else leaf * np.float32(0.9) + np.sin(ink + leaf)

    loss = float(ink)
    metrics = {"loss": loss, "accuracy": 0.0, "gradient_norm": loss, "inks": int((batch["weights"].sum(-1) > 0).sum())}
    return jax.tree.map(move, jax.device_get(state)), metrics


def light_validation(params: Any) -> Any:
    import jax
    import numpy as np

    from tegashiki.evaluation.metrics import Scores
    from tegashiki.training.validation import Validation

    rate = float(np.abs(jax.tree.leaves(params)[0]).sum()) % 100
    return Validation(Scores(1, rate, 0.0, 0.0, 1.0), 1.0, 0.0, 0.0, [()], [()])


def digest(checkpoint: "Checkpoint") -> str:
    """Return the SHA-256 of a checkpoint's progress and of every array of its state."""
    import jax
    import numpy as np

    found = hashlib.sha256(json.dumps(checkpoint.progress, sort_keys=True).encode())
    for leaf in jax.tree.leaves(checkpoint.state):
        found.update(np.asarray(leaf).tobytes())
    return found.hexdigest()


def watch_checkpoints(log: Path) -> None:
    """Compare every checkpoint that this process saves or resumes from with the digests in `log`.

    The process ends with status `DIFFERS` where they differ. Digests of steps that `log` does not have are added to it.
    """
    from tegashiki.training import loop

    save, load = loop.Checkpoints.save, loop.load_checkpoint
    known = {} if not log.exists() else read_digests(log)

    def compare(kind: str, checkpoint: "Checkpoint") -> None:
        step = int(checkpoint.state.step)
        if (kind, step) not in known:
            with log.open("a") as file:
                file.write(json.dumps([kind, step, digest(checkpoint)]) + "\n")
        elif known[kind, step] != digest(checkpoint):
            print(f"the {kind} checkpoint of step {step} differs from the undisturbed run's", flush=True)
            os._exit(DIFFERS)

    def watched_save(self: Any, kind: str, checkpoint: "Checkpoint") -> None:
        compare(kind, checkpoint)
        save(self, kind, checkpoint)

    def watched_load(path: str | Path, kind: str = "best") -> "Checkpoint":
        checkpoint = load(path, kind)
        compare(kind, checkpoint)
        return checkpoint

    mock.patch.object(loop.Checkpoints, "save", watched_save).start()
    mock.patch.object(loop, "load_checkpoint", watched_load).start()


def read_digests(log: Path) -> dict[tuple[str, int], str]:
    return {(kind, step): found for kind, step, found in map(json.loads, log.read_text().splitlines())}


class Undisturbed:
    """A run that nothing disturbs: its work directory, the digest of each of its checkpoints, how it ended."""

    def __init__(self, work: Path) -> None:
        self.workdir = work / "undisturbed" / "run"
        shutil.rmtree(self.workdir.parent, ignore_errors=True)
        self.log = self.workdir.parent / "digests.jsonl"
        self.ended = start(self.workdir, change=f"digests {self.log}").ended()
        if self.ended.status:
            raise SystemExit(f"the undisturbed run failed:\n{self.ended.output}")
        self.digests = read_digests(self.log)

    def problem_of(self, workdir: Path, must_have: bool = False) -> str:
        """Say what is wrong with the newest checkpoints of a work directory; "" where they are as in this run."""
        return in_fork(self._problem_of, workdir, must_have)

    def _problem_of(self, workdir: Path, must_have: bool) -> str:
        from tegashiki.errors import UserError
        from tegashiki.training.checkpoint import PARAMETERS, find_checkpoint, load_checkpoint

        for kind in ("latest", "best"):
            folder = find_checkpoint(workdir, kind)
            if folder is None:
                if must_have:
                    return f"no {kind} checkpoint"
                continue
            try:
                found = load_checkpoint(folder)
            except UserError as error:
                return f"torn: {error}"
            if digest(found) != self.digests[kind, int(folder.name)]:
                return f"{kind}/{folder.name} differs from the undisturbed run's"
        if (workdir / PARAMETERS).exists():
            load_checkpoint(workdir / PARAMETERS)
        return ""


def newest(workdir: Path) -> int:
    """The step of the checkpoint from which a run would resume, 0 where there is none."""
    from tegashiki.training.checkpoint import find_checkpoint

    folder = find_checkpoint(workdir, "latest") or find_checkpoint(workdir, "best")
    return int(folder.name) if folder else 0


def same_end(workdir: Path, other: Path) -> bool:
    """Whether two runs ended with the same state, bit for bit."""
    return in_fork(end_digest, workdir) == in_fork(end_digest, other)


def end_digest(workdir: Path) -> str:
    from tegashiki.training.checkpoint import load_checkpoint

    return digest(load_checkpoint(workdir, "latest"))


def shortened(text: str) -> str:
    """One line for the table, without the folders of this machine."""
    text = re.sub(r"(/[\w.@-]+)+/(?=[\w.@-])", "", text.replace("|", "/"))
    return text if len(text) < 170 else text[:167] + "..."
