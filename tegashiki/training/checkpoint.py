"""Checkpoints, written asynchronously by Orbax: the latest and the best of a run.

A checkpoint is self-contained. It holds the whole training state and a description in JSON: the format version, the
config with the seed, the vocabulary, the progress of the run, the versions of the packages that wrote it, and
checksums. Evaluation and export need nothing else.
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
from tegashiki.training.workdir import children, is_remote, locate, name_fault
from tegashiki.versions import versions

FORMAT = 1
MAX_ABOUT = 16 * 2**20  # maximum size of a description in bytes; the largest vocabulary and model take about 10 kB
KINDS = ("best", "latest")
PARAMETERS = f"parameters{SUFFIX}"  # file in a work directory with the averaged parameters of the best checkpoint
DEFAULT_PARAMETERS = Path(__file__).parent.parent / "assets" / f"default{SUFFIX}"  # parameters of the shipped model


class CheckpointError(UserError):
    """A checkpoint is missing, damaged, or of another version."""


class DamagedError(CheckpointError):
    """A checkpoint is damaged: its contents are not what was written."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint in memory.

    Attributes:
        state: The training state.
        config: The config of the run.
        vocabulary: The vocabulary of the run.
        progress: "step" and "best_step"; "best_exprate" in percent; "stale", the number of validations since the best
            one; optionally "learnt_from", the names of datasets on which the initial parameters were trained or from
            which synthetic ink was made.
        versions: Versions of the packages that wrote the checkpoint; empty for checkpoints of older versions.
    """

    state: TrainState
    config: Config
    vocabulary: Vocabulary
    progress: dict[str, Any]
    versions: dict[str, str] = field(default_factory=versions)

    @property
    def model(self) -> Seq2Seq:
        """The model that the parameters belong to."""
        return Seq2Seq(self.config.model, len(self.vocabulary))

    @property
    def datasets(self) -> set[str]:
        """Names of all datasets on which the parameters were trained and whose terms apply to them."""
        data = self.config.data
        symbols = (f"symbols/{split.split('[')[0]}" for split in data.symbols)
        return {*self.progress.get("learnt_from", []), data.dataset, *symbols, *(["lines"] if data.lines else [])}

    @property
    def about(self) -> dict[str, Any]:
        """The description that is stored with the state, without checksums."""
        return {
            "format": FORMAT,
            "config": self.config.to_json(),
            "vocabulary": self.vocabulary.to_json(),
            "progress": self.progress,
            "versions": self.versions,
        }


class Checkpoints:
    """Writer for the checkpoints of one work directory."""

    def __init__(self, workdir: str | Path) -> None:
        """Open `workdir`/checkpoints; create the folder if needed.

        Raises:
            WriteError: The work directory cannot be written.
        """
        self._workdir = locate(workdir)
        self._parameters = self._workdir / PARAMETERS
        self._restored = False  # whether a checkpoint that was saved here has been read back
        root = self._workdir / "checkpoints"
        with explain_write_errors(self._workdir):
            self._managers = {kind: _manager(root / kind, kind) for kind in KINDS}
            if jax.process_index() == 0:  # remove unfinished files of a killed process
                for path in children(self._workdir):
                    if path.name.startswith(f".{PARAMETERS}."):
                        path.unlink(missing_ok=True)

    def save(self, kind: str, checkpoint: Checkpoint) -> None:
        """Copy the state from the devices and start to write a checkpoint in the background.

        An unfinished checkpoint is never loaded. The averaged parameters of the best checkpoint are also written to a
        small file of their own. The first checkpoint is read back before this method returns, to detect early that a
        storage loses checkpoints.

        Args:
            kind: One of KINDS.
            checkpoint: The checkpoint. Nothing is written if its step has been saved before.

        Raises:
            WriteError: The disk is full or not writable. The error may be that of the checkpoint before.
            CheckpointError: The first checkpoint cannot be restored.
        """
        step = int(checkpoint.state.step)
        if step in self._managers[kind].all_steps():
            return
        state = jax.tree.map(np.asarray, jax.device_get(checkpoint.state))
        about = checkpoint.about
        items = ocp.args.Composite(
            state=ocp.args.StandardSave(state), about=ocp.args.JsonSave(checksums.seal(about, state))
        )
        with explain_write_errors(self._workdir, Exception):  # Orbax and tensorstore raise exceptions of any type
            if kind == "best" and jax.process_index() == 0:  # written first: if this fails, a resumed run saves both
                write_parameters(self._parameters, state.ema, about)
            self._managers[kind].save(step, args=items)
        if not self._restored:
            self._restore(kind, step)

    def _restore(self, kind: str, step: int) -> None:
        """Wait until a checkpoint is written and read it back, in every process."""
        with explain_write_errors(self._workdir, Exception):
            self._managers[kind].wait_until_finished()
        try:
            _load_folder(self._workdir / "checkpoints" / kind / str(step))
        except CheckpointError as error:
            raise CheckpointError(
                f"the checkpoint that was just saved is lost: {error}. Training ends at its first checkpoint: give "
                "another --workdir, on another disk or with a plainer name"
            ) from error
        self._restored = True

    def wait(self) -> None:
        """Wait until all checkpoints are written.

        Raises:
            WriteError: A checkpoint cannot be written.
        """
        for manager in self._managers.values():
            with explain_write_errors(self._workdir, Exception):
                manager.wait_until_finished()

    def close(self) -> None:
        """Wait until all checkpoints are written and close the folder. Errors have been raised by `save` or `wait`."""
        for manager in self._managers.values():
            with contextlib.suppress(Exception):
                manager.wait_until_finished()
            with contextlib.suppress(Exception):
                manager.close()


def _manager(folder: epath.Path, kind: str) -> ocp.CheckpointManager:
    options = ocp.CheckpointManagerOptions(
        max_to_keep=2 if kind == "latest" else 1,
        create=True,
        cleanup_tmp_directories=True,  # left by processes that were killed while they saved
        # Both kinds may write the same step at once. This name keeps the barriers between processes apart.
        multiprocessing_options=ocp.options.MultiprocessingOptions(barrier_sync_key_prefix=kind),
    )
    return ocp.CheckpointManager(folder, item_names=("state", "about"), options=options)


def find_checkpoint(path: str | Path, kind: str) -> epath.Path | None:
    """Return the folder of the newest checkpoint of a kind in a work directory.

    Args:
        path: A work directory, or the folder of a checkpoint, which is returned itself.
        kind: One of KINDS.

    Returns:
        The folder; None if there is no checkpoint.
    """
    place = locate(path)
    if (place / "about").is_dir():
        return place
    return next(iter(_newest_first(children(place / "checkpoints" / kind))), None)


def _newest_first(folders: Iterable[epath.Path]) -> list[epath.Path]:
    """Return the finished checkpoints, newest first. In object storage unfinished ones have the same kind of name."""
    steps = [folder for folder in folders if folder.name.isdigit() and ocp.utils.is_checkpoint_finalized(folder)]
    return sorted(steps, key=lambda folder: int(folder.name), reverse=True)


def load_checkpoint(path: str | Path, kind: str = "best") -> Checkpoint:
    """Load a checkpoint.

    Args:
        path: A work directory; the folder of a checkpoint; a file of parameters such as `parameters.npz` in a work
            directory; or "default", the parameters of the shipped model. Parameters give a checkpoint without the
            state of an optimiser.
        kind: Which checkpoint of a work directory to load, one of KINDS. If there is no best one, the latest is loaded.

    Raises:
        CheckpointError: There is no checkpoint, a newer version wrote it, or it is damaged. If another checkpoint of
            the work directory is intact, the message names it.
    """
    place = _place(path, kind)
    if place.suffix == SUFFIX:
        return _load_parameters(place)
    try:
        return _load_folder(place)
    except DamagedError as error:
        raise CheckpointError(f"{error}; {_offer(place)}") from error


def describe_checkpoint(path: str | Path) -> dict[str, Any]:
    """Return the description of the checkpoint that `load_checkpoint` loads.

    Raises:
        CheckpointError: There is no checkpoint, a newer version wrote it, or its description is damaged.
    """
    place = _place(path, "best")
    if place.suffix != SUFFIX:
        return read_checkpoint_about(place)[0]
    try:
        return _checked(read_about(place), place)[0]
    except ParametersError as error:
        raise CheckpointError(str(error)) from error


def _place(path: str | Path, kind: str) -> epath.Path:
    """Return the path of the file of parameters or of the checkpoint's folder that `load_checkpoint` reads."""
    place = locate(DEFAULT_PARAMETERS if path == "default" else path)
    if place.suffix == SUFFIX:
        return place
    try:
        folder = find_checkpoint(path, kind) or find_checkpoint(path, "latest")
    except Exception as error:
        if not is_remote(place):
            raise
        # Each kind of storage has its own exceptions.
        raise CheckpointError(f"{path} cannot be read: {_reason(error)}") from error
    if folder is None:
        raise CheckpointError(f"no checkpoint in {path}; a work directory of train.py has one in checkpoints/latest")
    return folder


def read_checkpoint_about(folder: epath.Path) -> tuple[dict[str, Any], Config, Vocabulary]:
    """Read the description of a checkpoint, without its arrays.

    Args:
        folder: The folder of the checkpoint.

    Returns:
        The description, and the config and the vocabulary from it.

    Raises:
        DamagedError: The folder is no checkpoint, or its description is damaged.
        CheckpointError: A newer version wrote the checkpoint.
    """
    path = folder / "about" / "metadata"
    try:
        with path.open("rb") as file:
            data = file.read(MAX_ABOUT + 1)
        if len(data) > MAX_ABOUT:
            raise ValueError(f"its description has more than {MAX_ABOUT} bytes")
        about = json.loads(data)
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{folder} is not a whole checkpoint of tegashiki: {error}") from error
    return _checked(about, folder)


def _load_folder(folder: epath.Path) -> Checkpoint:
    if reason := name_fault(folder):  # tensorstore would print a stack trace for every array
        raise CheckpointError(f"{folder} cannot be restored: {reason}, or rename or move the work directory")
    about, config, vocabulary = read_checkpoint_about(folder)
    handler = ocp.StandardCheckpointer()
    try:
        restored = handler.restore(folder / "state", abstract_state(config, vocabulary))
        state = jax.tree.map(np.asarray, restored)
    except Exception as error:  # for truncated files Orbax raises exceptions of any type
        raise DamagedError(f"{folder} cannot be restored: {_reason(error)}") from error
    finally:
        handler.close()
    changed = checksums.changed_array(about, state)
    if changed:
        raise DamagedError(f"{folder} is damaged: {changed} is not what was written")
    return Checkpoint(state, config, vocabulary, about["progress"], about.get("versions", {}))


def _offer(damaged: epath.Path) -> str:
    """Name the newest other checkpoint of the same work directory that is intact, for an error message."""
    place = damaged.parent.parent
    for folder in _newest_first(path for kind in KINDS for path in children(place / kind)):
        if folder == damaged:
            continue
        try:
            _load_folder(folder)
        except UserError:
            continue
        return f"{folder} is whole: remove the damaged folder to continue from there"
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
    except Exception as error:  # JAX raises various exceptions for impossible sizes
        raise CheckpointError(f"{path} describes a model that cannot be built: {_reason(error)}") from error
    params = read_parameters(path, like)
    step = jnp.asarray(about["progress"]["step"], jnp.int32)
    return Checkpoint(
        TrainState(step, params, params, ()), config, vocabulary, about["progress"], about.get("versions", {})
    )


def _reason(error: BaseException) -> str:
    line = next(iter(str(error.__cause__ or error).splitlines()), type(error).__name__)
    return line.partition(" [tensorstore_spec")[0]  # tensorstore appends a page of details


def _checked(about: Any, place: epath.Path) -> tuple[dict[str, Any], Config, Vocabulary]:
    """Check a description. The version is checked first, because newer descriptions may look different."""
    if not isinstance(about, dict) or type(about.get("format")) is not int:
        raise DamagedError(f"{place} is not a whole checkpoint of tegashiki: it does not state its format")
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
    """Suppress what Orbax and its threads print about a failed save or restore, for the rest of the process.

    The error itself is raised where we wait for it, and is reported there once.
    """
    logging.getLogger("absl").addFilter(_is_not_orbax)
    before = sys.unraisablehook

    def report(unraisable: Any) -> None:
        # Threads of tensorstore may still report to an event loop that Orbax has closed.
        if "Event loop is closed" not in str(unraisable.exc_value):
            before(unraisable)

    sys.unraisablehook = report


def _is_not_orbax(record: logging.LogRecord) -> bool:
    return not (record.exc_info and "orbax" in record.pathname)
