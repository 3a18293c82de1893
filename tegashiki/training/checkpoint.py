"""Checkpoints by Orbax: asynchronous, latest and best, self-contained.

A checkpoint holds the whole state and, as JSON, the format's version, the config (the seed in it), the vocabulary, how
the run stood, what wrote it, and checksums of all that; evaluation and export need nothing else.
"""

import contextlib
import json
import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
from etils import epath

from tegashiki.errors import UserError
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.safe_files import explain_write_errors
from tegashiki.training import checksums
from tegashiki.training.config import Config
from tegashiki.training.parameters import SUFFIX, ParametersError, read_about, read_parameters, write_parameters
from tegashiki.training.state import TrainState, abstract_state, initial_params
from tegashiki.training.workdir import children, is_remote, locate
from tegashiki.versions import versions

FORMAT = 1
MAX_ABOUT = 16 * 2**20  # bytes of a description; those of the largest vocabulary and model take some 10 kB
KINDS = ("best", "latest")
PARAMETERS = f"parameters{SUFFIX}"  # in a work directory: the best checkpoint's averaged parameters
DEFAULT_PARAMETERS = Path(__file__).parent.parent / "assets" / f"default{SUFFIX}"  # of the shipped model


class CheckpointError(UserError):
    """A checkpoint that is missing, damaged, or of another version."""


class DamagedError(CheckpointError):
    """A checkpoint that is not what was written."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint in memory."""

    state: TrainState
    config: Config
    vocabulary: Vocabulary
    progress: dict[str, Any]  # "step", "best_step", "best_exprate", "stale": validations since the best, and perhaps
    # "learnt_from": the datasets that the parameters saw which it started from, and those that `synthetic` is made from
    versions: dict[str, str] = field(default_factory=versions)  # what wrote it; {} where an older version did not say

    @property
    def model(self) -> Seq2Seq:
        """The model that the parameters belong to."""
        return Seq2Seq(self.config.model, len(self.vocabulary))

    @property
    def datasets(self) -> set[str]:
        """Whatever ink the parameters have learnt from, and whose terms they stay under."""
        data = self.config.data
        symbols = (f"symbols/{split.split('[')[0]}" for split in data.symbols)
        return {*self.progress.get("learnt_from", []), data.dataset, *symbols, *(["lines"] if data.lines else [])}

    @property
    def about(self) -> dict[str, Any]:
        """What is stored beside the state."""
        return {
            "format": FORMAT,
            "config": self.config.to_json(),
            "vocabulary": self.vocabulary.to_json(),
            "progress": self.progress,
            "versions": self.versions,
        }


class Checkpoints:
    """The checkpoints of one work directory, for writing."""

    def __init__(self, workdir: str | Path) -> None:
        """Open (and make) `workdir`/checkpoints."""
        self._workdir = locate(workdir)
        self._parameters = self._workdir / PARAMETERS
        self._restored = False  # whether something that was saved here has been read back
        root = self._workdir / "checkpoints"
        with explain_write_errors(self._workdir):
            self._managers = {kind: _manager(root / kind, kind) for kind in KINDS}
            if jax.process_index() == 0:  # what a process that was killed had begun
                for path in children(self._workdir):
                    if path.name.startswith(f".{PARAMETERS}."):
                        path.unlink(missing_ok=True)

    def save(self, kind: str, checkpoint: Checkpoint) -> None:
        """Begin to write; a checkpoint counts only when it is whole. The state is copied off the devices first.

        The best one's averaged parameters go into a small file of their own too. The first checkpoint is read back
        before this returns: a place that keeps none shall be known early.

        Raises:
          WriteError: the disk is full or not writable; also for a checkpoint that was begun before.
          CheckpointError: the first checkpoint cannot be restored.
        """
        step = int(checkpoint.state.step)
        if step in self._managers[kind].all_steps():
            return
        state = jax.tree.map(np.asarray, jax.device_get(checkpoint.state))
        about = checkpoint.about
        items = ocp.args.Composite(
            state=ocp.args.StandardSave(state), about=ocp.args.JsonSave(checksums.seal(about, state))
        )
        with explain_write_errors(self._workdir, Exception):  # Orbax and what is under it raise bare ones
            if kind == "best" and jax.process_index() == 0:  # first: where it fails, the resumed run saves both
                write_parameters(self._parameters, state.ema, about)
            self._managers[kind].save(step, args=items)
        if not self._restored:
            self._restore(kind, step)

    def _restore(self, kind: str, step: int) -> None:
        """Wait for a checkpoint and read it back, in every process."""
        with explain_write_errors(self._workdir, Exception):
            self._managers[kind].wait_until_finished()
        try:
            _load_folder(self._workdir / "checkpoints" / kind / str(step))
        except CheckpointError as error:
            raise CheckpointError(
                f"what was just saved is lost: {error}. Training ends here, at its first checkpoint: give another "
                "--workdir, on another disk or with a plainer name"
            ) from error
        self._restored = True

    def wait(self) -> None:
        """Wait for what is being written; raises WriteError where it cannot be."""
        for manager in self._managers.values():
            with explain_write_errors(self._workdir, Exception):
                manager.wait_until_finished()

    def close(self) -> None:
        """Wait for what is being written, and let go of the folder; what fails here was said by `save` or `wait`."""
        for manager in self._managers.values():
            with contextlib.suppress(Exception):
                manager.wait_until_finished()
            with contextlib.suppress(Exception):
                manager.close()


def _manager(folder: epath.Path, kind: str) -> ocp.CheckpointManager:
    options = ocp.CheckpointManagerOptions(
        max_to_keep=2 if kind == "latest" else 1,
        create=True,
        cleanup_tmp_directories=True,  # of processes that were killed while they saved
        # Both may be writing one step at once: several processes wait for each other by this name.
        multiprocessing_options=ocp.options.MultiprocessingOptions(barrier_sync_key_prefix=kind),
    )
    return ocp.CheckpointManager(folder, item_names=("state", "about"), options=options)


def find_checkpoint(path: str | Path, kind: str) -> epath.Path | None:
    """Return the folder of a work directory's newest checkpoint of a kind, or `path` itself if it is a checkpoint."""
    place = locate(path)
    if (place / "about").is_dir():
        return place
    return next(iter(_newest_first(children(place / "checkpoints" / kind))), None)


def _newest_first(folders: Iterable[epath.Path]) -> list[epath.Path]:
    """Return those that are checkpoints written to the end: in a bucket unfinished ones have the same names."""
    steps = [folder for folder in folders if folder.name.isdigit() and ocp.utils.is_checkpoint_finalized(folder)]
    return sorted(steps, key=lambda folder: int(folder.name), reverse=True)


def load_checkpoint(path: str | Path, kind: str = "best") -> Checkpoint:
    """Load from a work directory (its best, or its latest where there is no best yet) or from one checkpoint's folder.

    A file of parameters (`parameters.npz` of a work directory), or the word `default` for those of the shipped model,
    gives a checkpoint without an optimiser's state.

    Raises:
      CheckpointError: nothing there, written by a newer version, or damaged: then it names a whole one where there is
        another in the work directory.
    """
    place = _place(path, kind)
    if place.suffix == SUFFIX:
        return _load_parameters(place)
    try:
        return _load_folder(place)
    except DamagedError as error:
        raise CheckpointError(f"{error}; {_offer(place)}") from error


def describe_checkpoint(path: str | Path) -> dict[str, Any]:
    """Return the description of the checkpoint that `load_checkpoint` would load; raises CheckpointError as it does."""
    place = _place(path, "best")
    if place.suffix != SUFFIX:
        return read_checkpoint_about(place)[0]
    try:
        return _checked(read_about(place), place)[0]
    except ParametersError as error:
        raise CheckpointError(str(error)) from error


def _place(path: str | Path, kind: str) -> epath.Path:
    """Return the file of parameters, or the checkpoint's folder: a work directory's of that kind, or its latest."""
    place = locate(DEFAULT_PARAMETERS if path == "default" else path)
    if place.suffix == SUFFIX:
        return place
    try:
        folder = find_checkpoint(path, kind) or find_checkpoint(path, "latest")
    except Exception as error:
        if not is_remote(place):
            raise
        raise CheckpointError(f"{path} cannot be read: {_reason(error)}") from error  # each storage has its own
    if folder is None:
        raise CheckpointError(f"no checkpoint in {path}; a work directory of train.py has one in checkpoints/latest")
    return folder


def read_checkpoint_about(folder: epath.Path) -> tuple[dict[str, Any], Config, Vocabulary]:
    """Read what a checkpoint's folder says of it, the arrays aside.

    Raises:
      CheckpointError: not a checkpoint, of a newer version, or not what was written (a DamagedError).
    """
    path = folder / "about" / "metadata"
    try:
        with path.open("rb") as file:
            data = file.read(MAX_ABOUT + 1)
        if len(data) > MAX_ABOUT:
            raise ValueError(f"a description above {MAX_ABOUT} bytes")
        about = json.loads(data)
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{folder} is not a whole checkpoint of tegashiki: {error}") from error
    return _checked(about, folder)


def _load_folder(folder: epath.Path) -> Checkpoint:
    about, config, vocabulary = read_checkpoint_about(folder)
    handler = ocp.StandardCheckpointer()
    try:
        restored = handler.restore(folder / "state", abstract_state(config, vocabulary))
        state = jax.tree.map(np.asarray, restored)
    except Exception as error:  # Orbax raises bare ones where a file is cut short
        raise DamagedError(f"{folder} cannot be restored: {_reason(error)}") from error
    finally:
        handler.close()
    changed = checksums.changed_array(about, state)
    if changed:
        raise DamagedError(f"{folder} is damaged: {changed} is not what was written")
    return Checkpoint(state, config, vocabulary, about["progress"], about.get("versions", {}))


def _offer(damaged: epath.Path) -> str:
    """Say which other checkpoint of the same work directory is whole, the newest first."""
    place = damaged.parent.parent
    for folder in _newest_first(path for kind in KINDS for path in children(place / kind)):
        if folder == damaged:
            continue
        try:
            _load_folder(folder)
        except UserError:
            continue
        return f"{folder} is whole: remove the damaged folder to go on from there"
    return "there is no other whole checkpoint beside it"


def _load_parameters(path: epath.Path) -> Checkpoint:
    try:
        return _read_parameters(path)
    except ParametersError as error:
        raise CheckpointError(str(error)) from error


def _read_parameters(path: epath.Path) -> Checkpoint:
    about, config, vocabulary = _checked(read_about(path), path)
    try:
        like = jax.eval_shape(lambda: initial_params(config, vocabulary))
    except Exception as error:  # whatever JAX says of sizes that make no model
        raise CheckpointError(f"{path} describes a model that cannot be built: {_reason(error)}") from error
    params = read_parameters(path, like)
    step = jnp.asarray(about["progress"]["step"], jnp.int32)
    return Checkpoint(
        TrainState(step, params, params, ()), config, vocabulary, about["progress"], about.get("versions", {})
    )


def _reason(error: BaseException) -> str:
    said = next(iter(str(error.__cause__ or error).splitlines()), type(error).__name__)
    return said.partition(" [tensorstore_spec")[0]  # which goes on for a page


def _checked(about: Any, place: epath.Path) -> tuple[dict[str, Any], Config, Vocabulary]:
    """Check a description, the version before all else: a newer one may look different."""
    if not isinstance(about, dict) or type(about.get("format")) is not int:
        raise DamagedError(f"{place} is not a whole checkpoint of tegashiki: it does not say its format")
    if about["format"] > FORMAT:
        raise CheckpointError(
            f"{place} has format {about['format']}; this version reads up to {FORMAT}: update tegashiki"
        )
    missing = {"config", "vocabulary", "progress"} - about.keys()
    if missing:
        raise DamagedError(f"{place} is not a whole checkpoint of tegashiki: it lacks {', '.join(sorted(missing))}")
    if checksums.changed_about(about):
        raise DamagedError(f"{place} is damaged: its description is not what was written")
    if not _is_progress(about["progress"]):
        raise DamagedError(f"{place} is not a whole checkpoint of tegashiki: its progress is {about['progress']!r:.80}")
    try:
        return about, Config.from_json(about["config"]), Vocabulary.from_json(about["vocabulary"])
    except UserError as error:
        raise CheckpointError(f"{place}: {error}") from error


def _is_progress(progress: Any) -> bool:
    if not isinstance(progress, dict):
        return False
    numbers = [progress.get("step"), progress.get("best_step", 0), progress.get("stale", 0)]
    whole = all(type(number) is int and abs(number) < 2**31 for number in numbers)
    learnt = progress.get("learnt_from", [])
    return (
        whole
        and type(progress.get("best_exprate", 0)) in (int, float)
        and isinstance(learnt, list)
        and all(isinstance(name, str) for name in learnt)
    )


def quiet_orbax() -> None:
    """Drop what Orbax logs, and what its threads report, of a failed save or restore.

    The error itself is raised where we wait for it, and reported there once. Lasts for the rest of the process.
    """
    logging.getLogger("absl").addFilter(_is_not_orbax)
    before = sys.unraisablehook

    def report(unraisable: Any) -> None:
        # tensorstore's threads still answer an event loop that Orbax has closed.
        if "Event loop is closed" not in str(unraisable.exc_value):
            before(unraisable)

    sys.unraisablehook = report


def _is_not_orbax(record: logging.LogRecord) -> bool:
    return not (record.exc_info and "orbax" in record.pathname)
