"""A model's parameters alone, in one small file: float16 arrays by their paths in the tree, and what they belong to.

A tenth of a checkpoint: what travels between machines, and what a next run starts from (`--init`).
"""

import io
import json
import math
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np
from etils import epath

from tegashiki.errors import UserError
from tegashiki.safe_files import atomic_write
from tegashiki.training.workdir import is_remote

SUFFIX = ".npz"
ABOUT = "about"

Params = Any
_DAMAGE = (OSError, KeyError, ValueError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, SyntaxError)


class ParametersError(UserError, ValueError):
    """A file that is none of parameters, or of another model's."""


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
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        file.write(packed.getvalue())
        file.flush()
        os.fsync(file.fileno())


def read_about(path: epath.Path | Path) -> dict[str, Any]:
    """Read what describes the parameters.

    Raises:
      ParametersError: no such file, or not written by `write_parameters`.
    """
    try:
        with _opened(path) as file:
            return json.loads(_array(file, ABOUT).tobytes())
    except (*_DAMAGE, RecursionError) as error:
        raise ParametersError(f"{path} is not a whole file of parameters: {_first_line(error)}") from error


def read_parameters(path: epath.Path | Path, like: Params) -> Params:
    """Read parameters as float32 into a tree of the shapes of `like`.

    Raises:
      ParametersError: the file is cut short, damaged, or holds another model's parameters.
    """
    leaves = []
    try:
        with _opened(path) as file:
            for place, wanted in _leaves(like):
                leaf = _array(file, jax.tree_util.keystr(place))
                if leaf.shape != wanted.shape:
                    name = jax.tree_util.keystr(place)
                    raise ParametersError(f"{path}: {name} has shape {leaf.shape}, not {wanted.shape}")
                leaves.append(np.asarray(leaf, np.float32))
    except ParametersError:
        raise
    except _DAMAGE as error:
        raise ParametersError(f"{path} cannot be restored: {_first_line(error)}") from error
    return jax.tree.unflatten(jax.tree.structure(like), leaves)


@contextmanager
def _opened(path: epath.Path | Path) -> Iterator[zipfile.ZipFile]:
    with path.open("rb") as stream, zipfile.ZipFile(stream) as file:
        size = stream.seek(0, os.SEEK_END)
        for member in file.infolist():
            if member.compress_type != zipfile.ZIP_STORED or member.file_size > size:
                raise ValueError(f"{member.filename} is packed, or larger than the file")
        yield file


def _array(file: zipfile.ZipFile, name: str) -> np.ndarray:
    """Read one array. `np.load` would unpack and make room for whatever sizes a file states; here they must add up."""
    member = file.getinfo(f"{name}.npy")
    with file.open(member) as stream:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError(f"{name} is no array")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        data = stream.read()  # to the end, where its checksum is checked
    if fortran or dtype.hasobject or dtype.itemsize * math.prod(shape) != len(data):
        raise ValueError(f"{name} is not {shape} of {dtype}")
    return np.frombuffer(data, dtype).reshape(shape)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _leaves(params: Params) -> list[tuple[Any, Any]]:
    return jax.tree_util.tree_flatten_with_path(params)[0]
