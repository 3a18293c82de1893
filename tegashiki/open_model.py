"""Open a model to read with: a work directory of `train.py`, a checkpoint, a `.tflite` file, or the word `default`.

`train --init`, `average` and `export` need its parameters instead: `tegashiki.training.checkpoint.load_checkpoint`.
"""

import contextlib
import functools
import hashlib
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
    """Return whether `model` is a checkpoint, which runs in one process that uses all cores itself."""
    return model != "default" and ("://" in model or Path(model).is_dir() or Path(model).suffix == ".npz")


def looks_like_model(path: str) -> bool:
    """Return whether `path` names a model rather than an ink or a folder of inks."""
    folder = Path(path)
    is_part = any((folder / part).is_dir() for part in ("checkpoints", "about")) or folder.parent.name == "checkpoints"
    return path == "default" or "://" in path or folder.suffix in (".tflite", ".npz") or (folder.is_dir() and is_part)


def open_model(model: str, **settings: Any) -> Recognizer:
    """Open a model as a recogniser.

    Args:
        model: A work directory, a checkpoint, a `.tflite` file, or the word `default`. Work directories and
            checkpoints need the `train` extra.
        **settings: The settings of `Recognizer`.

    Raises:
        ModelError: There is no such model, or the `train` extra is not installed.
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
    """Return the origin of a result: versions, seeds, and the versions that the model was trained with.

    Args:
        model: A model as for `open_model`, or None for predictions that come from a file.
        **seeds: Further seeds by name, besides the training seed.

    Returns:
        JSON values under "versions", "seeds" and "trained_with". Unknown values are None.
    """
    seed, trained_with = None, None
    if model is not None and is_checkpoint(model):
        from tegashiki.training.checkpoint import describe_checkpoint

        about = describe_checkpoint(model)
        seed, trained_with = about["config"].get("train", {}).get("seed"), about.get("versions")
    elif model is not None:
        with contextlib.suppress(UserError):  # a model can be usable without this metadata
            metadata = read_metadata(DEFAULT_MODEL if model == "default" else model)
            seed, trained_with = metadata.get("seed"), metadata.get("trained_with")
    return {
        "versions": versions(),
        "seeds": {**seeds, "training": seed},
        "trained_with": trained_with,
    }


def recognizer_opener(model: str, **settings: Any) -> Callable[[], Recognizer]:
    """Return a picklable function that calls `open_model` with these arguments, for use in another process."""
    return functools.partial(open_model, model, **settings)


def fingerprint(model: str) -> str:
    """Return a text that tells models apart: the name and, for a .tflite file, the SHA-256 of its content."""
    if is_checkpoint(model):
        return model
    content = (DEFAULT_MODEL if model == "default" else Path(model)).read_bytes()
    return f"{model} {hashlib.sha256(content).hexdigest()}"
