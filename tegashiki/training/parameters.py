"""A model's parameters alone, in one small file: float16 arrays by their paths in the tree, and what they belong to.

A tenth of a checkpoint: what travels between machines, and what a next run starts from (`--init`).
"""

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
from etils import epath

from tegashiki.datasets.replacing import replacing
from tegashiki.training.workdir import is_remote

SUFFIX = ".npz"
ABOUT = "about"

Params = Any


def write_parameters(path: epath.Path | Path, params: Params, about: Mapping[str, Any]) -> None:
    """Write parameters, rounded to float16, and the JSON that describes them; an older file is replaced at the end.

    Raises OSError where the disk is full or not writable; the older file is whole then.
    """
    arrays: dict[str, Any] = {
        jax.tree_util.keystr(place): np.asarray(leaf, np.float16) for place, leaf in _leaves(params)
    }
    arrays[ABOUT] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    if is_remote(path):  # an object appears when it is whole
        path.write_bytes(packed.getvalue())
        return
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        file.write(packed.getvalue())
        file.flush()
        os.fsync(file.fileno())


def read_about(path: epath.Path | Path) -> dict[str, Any]:
    """Read what describes the parameters.

    Raises:
      ValueError: no such file, or not written by `write_parameters`.
    """
    try:
        with path.open("rb") as stream, np.load(stream) as file:  # np.load leaves what is damaged open
            return json.loads(file[ABOUT].tobytes())
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a whole file of parameters: {error}") from error


def read_parameters(path: epath.Path | Path, like: Params) -> Params:
    """Read parameters as float32 into a tree of the shapes of `like`.

    Raises:
      ValueError: the file is cut short, or holds another model's parameters.
    """
    try:
        with path.open("rb") as stream, np.load(stream) as file:  # np.load leaves what is damaged open
            leaves = [np.asarray(file[jax.tree_util.keystr(place)], np.float32) for place, _ in _leaves(like)]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be restored: {error}") from error
    for (place, wanted), leaf in zip(_leaves(like), leaves, strict=True):
        if leaf.shape != wanted.shape:
            raise ValueError(f"{path}: {jax.tree_util.keystr(place)} has shape {leaf.shape}, not {wanted.shape}")
    return jax.tree.unflatten(jax.tree.structure(like), leaves)


def _leaves(params: Params) -> list[tuple[Any, Any]]:
    return jax.tree_util.tree_flatten_with_path(params)[0]
