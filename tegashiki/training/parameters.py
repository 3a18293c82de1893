"""Files with the parameters of a model: float16 arrays, named by their paths in the tree, and a JSON description.

Such a file has a tenth of the size of a checkpoint. It is made for copying a model to another machine and for starting
another run from it (`--init`).
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
    """A file holds no parameters, is damaged, or belongs to another model."""


def write_parameters(path: epath.Path | Path, params: Params, about: Mapping[str, Any]) -> None:
    """Write parameters, rounded to float16, and their description.

    Args:
        path: The file, local or remote. If an error occurs, an existing file stays.
        params: Tree of arrays.
        about: The description, JSON values by name.

    Raises:
        OSError: The disk is full or not writable.
    """
    arrays: dict[str, Any] = {
        jax.tree_util.keystr(place): np.asarray(leaf, np.float16, order="C") for place, leaf in _leaves(params)
    }
    arrays[ABOUT] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    if is_remote(path):  # object storage shows an object only once it is complete
        path.write_bytes(packed.getvalue())
        return
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        file.write(packed.getvalue())
        file.flush()
        os.fsync(file.fileno())


def read_about(path: epath.Path | Path) -> dict[str, Any]:
    """Read the description of parameters.

    Args:
        path: The file.

    Raises:
        ParametersError: There is no such file, or `write_parameters` did not write it.
    """
    try:
        with _opened(path) as file:
            return json.loads(_array(file, ABOUT).tobytes())
    except (*_DAMAGE, RecursionError) as error:
        raise ParametersError(f"{path} is not a whole file of parameters: {_first_line(error)}") from error


def read_parameters(path: epath.Path | Path, like: Params) -> Params:
    """Read parameters as float32.

    Args:
        path: The file.
        like: Tree with the expected structure and shapes.

    Returns:
        A tree like `like`.

    Raises:
        ParametersError: The file is truncated or damaged, or holds the parameters of another model.
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
                raise ValueError(f"{member.filename} is compressed, or larger than the file")
        yield file


def _array(file: zipfile.ZipFile, name: str) -> np.ndarray:
    """Read one array and check that its stated size is its real size.

    `np.load` would allocate memory for any size that a damaged or malicious file states.
    """
    member = file.getinfo(f"{name}.npy")
    with file.open(member) as stream:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError(f"{name} is not an array")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        data = stream.read()  # reading to the end verifies the checksum of the member
    if fortran or dtype.hasobject or dtype.itemsize * math.prod(shape) != len(data):
        raise ValueError(f"{name} is not an array of shape {shape} and dtype {dtype}")
    return np.frombuffer(data, dtype).reshape(shape)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _leaves(params: Params) -> list[tuple[Any, Any]]:
    return jax.tree_util.tree_flatten_with_path(params)[0]
