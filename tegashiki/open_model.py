"""Opening a model: a work directory of `train.py`, a checkpoint, a `.tflite` file, or the word `default`."""

import contextlib
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tegashiki.errors import UserError
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.metadata import read_metadata
from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer
from tegashiki.versions import versions


class ModelError(UserError, ValueError):
    """A model that cannot be opened."""


def is_checkpoint(model: str) -> bool:
    """Return whether MODEL is read from a checkpoint, in one process that uses all cores by itself."""
    return model != "default" and ("://" in model or Path(model).is_dir() or Path(model).suffix == ".npz")


def looks_like_model(path: str) -> bool:
    """Return whether `path`, which may also be an ink or a folder of inks, is a MODEL."""
    folder = Path(path)
    is_part = any((folder / part).is_dir() for part in ("checkpoints", "about")) or folder.parent.name == "checkpoints"
    return path == "default" or "://" in path or folder.suffix in (".tflite", ".npz") or (folder.is_dir() and is_part)


def open_model(model: str, **settings: Any) -> Recognizer:
    """Make a recogniser of MODEL: a work directory, a checkpoint, a .tflite, or the word `default`.

    `settings` are those of `Recognizer`. Only the first two need the `train` extra.
    """
    if model == "default":
        return Recognizer.load(None, **settings)
    if not is_checkpoint(model):
        if not Path(model).is_file():
            raise ModelError(
                f"no model {model}: give a work directory, a checkpoint, a .tflite file, or the word default"
            )
        return Recognizer.load(model, **settings)
    try:
        from tegashiki.training.checkpoint_backend import CheckpointBackend
    except ModuleNotFoundError as error:
        raise ModelError(
            f"{model} is a checkpoint, which needs the training extra (no module {error.name}): "
            "pip install 'tegashiki[train]', or give its exported .tflite"
        ) from error
    backend = CheckpointBackend(model)
    return Recognizer(backend, Vocabulary(backend.metadata["vocabulary"]), **settings)


def origin(model: str | None, **seeds: int) -> dict[str, Any]:
    """Return what a report states about its origin: versions, seeds, and what the model was trained with.

    Args:
      model: as for `open_model`, or None where somebody else's output is judged.
      seeds: other seeds than the training's, by name.

    Returns:
      "versions", "seeds" and "trained_with", as JSON values; None for what is not known.
    """
    seed, trained_with = None, None
    if model is not None and is_checkpoint(model):
        from tegashiki.training.checkpoint import describe_checkpoint

        about = describe_checkpoint(model)
        seed, trained_with = about["config"].get("train", {}).get("seed"), about.get("versions")
    elif model is not None:
        with contextlib.suppress(UserError):  # what could be opened may still not say
            metadata = read_metadata(DEFAULT_MODEL if model == "default" else model)
            seed, trained_with = metadata.get("seed"), metadata.get("trained_with")
    return {
        "versions": versions(),
        "seeds": {**seeds, "training": seed},
        "trained_with": trained_with,
    }


def recognizer_opener(model: str, **settings: Any) -> Callable[[], Recognizer]:
    """Return `open_model` with its arguments as something that can be sent to another process."""
    return functools.partial(open_model, model, **settings)
