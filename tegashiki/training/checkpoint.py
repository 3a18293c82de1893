"""Checkpoints by Orbax: asynchronous, latest and best, self-contained.

A checkpoint holds the whole state and, as JSON, the format's version, the config, the vocabulary and how the run stood;
evaluation and export need nothing else.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
from etils import epath

from tegashiki.config import Config
from tegashiki.errors import UserError
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID, Vocabulary
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training.parameters import SUFFIX, read_about, read_parameters, write_parameters
from tegashiki.training.state import Params, TrainState, create_state, make_optimizer
from tegashiki.training.workdir import locate

FORMAT = 1
KINDS = ("best", "latest")
PARAMETERS = f"parameters{SUFFIX}"  # in a work directory: the best checkpoint's averaged parameters
DEFAULT_PARAMETERS = Path(__file__).parent.parent / "assets" / f"default{SUFFIX}"  # of the shipped model
SPECIAL_IDS = (PAD_ID, BOS_ID, EOS_ID)


class CheckpointError(UserError):
    """A checkpoint that is missing, damaged, or of another version."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint in memory."""

    state: TrainState
    config: Config
    vocabulary: Vocabulary
    progress: dict[str, Any]  # "step", "best_step", "best_exprate", "stale": validations since the best, and perhaps
    # "learnt_from": the datasets that the parameters saw which it started from, and those that `synthetic` is made from

    @property
    def model(self) -> Seq2Seq:
        """The model that the parameters belong to."""
        return Seq2Seq(self.config.model, len(self.vocabulary))

    @property
    def about(self) -> dict[str, Any]:
        """What is stored beside the state."""
        return {
            "format": FORMAT,
            "config": self.config.to_json(),
            "vocabulary": self.vocabulary.to_json(),
            "progress": self.progress,
        }


class Checkpoints:
    """The checkpoints of one work directory, for writing."""

    def __init__(self, workdir: str | Path) -> None:
        """Open (and make) `workdir`/checkpoints."""
        self._parameters = locate(workdir) / PARAMETERS
        root = locate(workdir) / "checkpoints"
        self._managers = {
            kind: ocp.CheckpointManager(
                root / kind,
                item_names=("state", "about"),
                options=ocp.CheckpointManagerOptions(
                    max_to_keep=2 if kind == "latest" else 1,
                    create=True,
                    # Both may be writing one step at once: several processes wait for each other by this name.
                    multiprocessing_options=ocp.options.MultiprocessingOptions(barrier_sync_key_prefix=kind),
                ),
            )
            for kind in KINDS
        }

    def save(self, kind: str, checkpoint: Checkpoint) -> None:
        """Begin to write; a checkpoint counts only when it is whole. The state is copied off the devices first.

        The best one's averaged parameters go into a small file of their own too.
        """
        step = int(checkpoint.state.step)
        if step in self._managers[kind].all_steps():
            return
        state = jax.tree.map(np.asarray, jax.device_get(checkpoint.state))
        about = checkpoint.about
        self._managers[kind].save(
            step, args=ocp.args.Composite(state=ocp.args.StandardSave(state), about=ocp.args.JsonSave(about))
        )
        if kind == "best" and jax.process_index() == 0:
            write_parameters(self._parameters, state.ema, about)

    def close(self) -> None:
        """Wait for what is being written."""
        for manager in self._managers.values():
            manager.wait_until_finished()
            manager.close()


def find_checkpoint(path: str | Path, kind: str) -> epath.Path | None:
    """Return the folder of a work directory's newest checkpoint of a kind, or `path` itself if it is a checkpoint."""
    place = locate(path)
    if (place / "about").is_dir():
        return place
    steps = [folder for folder in (place / "checkpoints" / kind).glob("*") if folder.name.isdigit()]
    return max(steps, key=lambda folder: int(folder.name), default=None)


def load_checkpoint(path: str | Path, kind: str = "best") -> Checkpoint:
    """Load from a work directory (its best, or its latest where there is no best yet) or from one checkpoint's folder.

    A file of parameters (`parameters.npz` of a work directory), or the word `default` for those of the shipped model,
    gives a checkpoint without an optimiser's state.

    Raises:
      CheckpointError: nothing there, damaged, or written by a newer version.
    """
    if path == "default":
        path = DEFAULT_PARAMETERS
    if Path(path).suffix == SUFFIX:
        return _load_parameters(locate(path))
    folder = find_checkpoint(path, kind) or find_checkpoint(path, "latest")
    if folder is None:
        raise CheckpointError(f"no checkpoint in {path}; a work directory of train.py has one in checkpoints/latest")
    about = _read_about(folder)
    config, vocabulary = Config.from_json(about["config"]), Vocabulary.from_json(about["vocabulary"])
    handler = ocp.StandardCheckpointer()
    try:
        state = handler.restore(folder / "state", abstract_state(config, vocabulary))
    except Exception as error:  # Orbax raises bare ones where a file is cut short
        reason = next(iter(str(error.__cause__ or error).splitlines()), type(error).__name__)
        raise CheckpointError(f"{folder} cannot be restored: {reason}") from error
    finally:
        handler.close()
    return Checkpoint(jax.tree.map(np.asarray, state), config, vocabulary, about["progress"])


def _load_parameters(path: epath.Path) -> Checkpoint:
    try:
        about = _checked_about(read_about(path), path)
        config, vocabulary = Config.from_json(about["config"]), Vocabulary.from_json(about["vocabulary"])
        params = read_parameters(path, jax.eval_shape(lambda: initial_params(config, vocabulary)))
    except ValueError as error:
        raise CheckpointError(str(error)) from error
    step = jnp.asarray(about["progress"]["step"], jnp.int32)
    return Checkpoint(TrainState(step, params, params, ()), config, vocabulary, about["progress"])


def _read_about(folder: epath.Path) -> dict[str, Any]:
    try:
        about = json.loads((folder / "about" / "metadata").read_text())
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder} is not a whole checkpoint of tegashiki: {error}") from error
    return _checked_about(about, folder)


def _checked_about(about: Any, folder: epath.Path) -> dict[str, Any]:
    try:
        version = int(about["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder} is not a whole checkpoint of tegashiki: {error}") from error
    if version > FORMAT:
        raise CheckpointError(f"{folder} has format {version}; this version reads up to {FORMAT}: update tegashiki")
    missing = {"config", "vocabulary", "progress"} - about.keys()
    if missing:
        raise CheckpointError(f"{folder} is not a whole checkpoint of tegashiki: it lacks {', '.join(sorted(missing))}")
    return about


def abstract_state(config: Config, vocabulary: Vocabulary) -> TrainState:
    """Return the shapes and dtypes of a run's state, as Orbax restores into."""
    device = jax.local_devices()[0]
    shapes = jax.eval_shape(lambda: initial_state(config, vocabulary))
    sharding = jax.sharding.SingleDeviceSharding(device)
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding), shapes)


def initial_state(config: Config, vocabulary: Vocabulary) -> TrainState:
    """Return the state before the first step of a run."""
    optimizer = make_optimizer(config.optimizer, config.train.steps)
    return create_state(initial_params(config, vocabulary), optimizer)


def initial_params(config: Config, vocabulary: Vocabulary) -> Params:
    """Draw a model's parameters from the run's seed."""
    model = Seq2Seq(config.model, len(vocabulary))
    batch = {
        "points": np.zeros((1, 4, 32, 2), np.float32),
        "boxes": np.zeros((1, 4, 3), np.float32),
        "mask": np.ones((1, 4), bool),
        "inputs": np.zeros((1, 4), np.int32),
    }
    return jax.jit(model.init)(jax.random.key(config.train.seed), batch)["params"]


def transfer_params(old: Checkpoint, new: Params, vocabulary: Vocabulary) -> Params:
    """Start from another run's averaged parameters; rows of tokens that it did not know keep their new values.

    Raises:
      CheckpointError: another model's parameters.
    """
    shared = [token for token in vocabulary if token in old.vocabulary]
    kept, source = ([*SPECIAL_IDS, *words.encode(shared)] for words in (vocabulary, old.vocabulary))

    def copy(path: Any, fresh: Any, stored: Any) -> np.ndarray:
        fresh, stored = np.array(fresh), np.asarray(stored)
        if not _is_per_token(path) and fresh.shape == stored.shape:
            return stored
        axis = 0 if "table" in jax.tree_util.keystr(path) else fresh.ndim - 1
        others = [size for i, size in enumerate(fresh.shape) if i != axis]
        if not _is_per_token(path) or others != [size for i, size in enumerate(stored.shape) if i != axis]:
            raise CheckpointError(
                f"--init: {jax.tree_util.keystr(path)} has shape {stored.shape}, the config wants {fresh.shape}; "
                "it needs the same model settings"
            )
        np.moveaxis(fresh, axis, 0)[kept] = np.moveaxis(stored, axis, 0)[source]
        return fresh

    try:
        return jax.tree_util.tree_map_with_path(copy, new, old.state.ema)
    except ValueError as error:
        raise CheckpointError(f"--init: another model: {str(error).splitlines()[0]}") from error


def _is_per_token(path: Any) -> bool:
    name = jax.tree_util.keystr(path)
    return any(part in name for part in ("table", "['tokens']", "head_symbol"))
