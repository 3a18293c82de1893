"""Checksums that detect damaged checkpoints, which Orbax itself does not notice.

They are CRC-32, which detects accidental damage but no deliberate changes.
"""

import json
import zlib
from typing import Any

import jax
import numpy as np

KEY = "checksums"  # entry in the description of a checkpoint


def seal(about: dict[str, Any], state: Any) -> dict[str, Any]:
    """Return the description with its own checksum and one for each array of the state (numpy arrays)."""
    checksums = {"about": of_json(about), "state": [_of_array(leaf) for leaf in jax.tree.leaves(state)]}
    return about | {KEY: checksums}


def changed_about(about: dict[str, Any]) -> bool:
    """Return whether a sealed description has changed. A description without checksums counts as unchanged."""
    checksums = about.get(KEY)
    if checksums is None:
        return False
    rest = {name: value for name, value in about.items() if name != KEY}
    return not isinstance(checksums, dict) or checksums.get("about") != of_json(rest)


def changed_array(about: dict[str, Any], state: Any) -> str | None:
    """Return the name of the first array of a restored state that has changed; None if there is none."""
    if KEY not in about:
        return None  # written by a version without checksums
    leaves = jax.tree_util.tree_leaves_with_path(state)
    written = about[KEY].get("state")
    if not isinstance(written, list) or len(written) != len(leaves):
        return "the number of arrays"
    for (place, leaf), checksum in zip(leaves, written, strict=True):
        if _of_array(leaf) != checksum:
            return jax.tree_util.keystr(place)
    return None


def of_json(value: Any) -> str:
    """Return the checksum of a JSON value, 8 hexadecimal digits. The order of its keys does not matter."""
    return _hex(json.dumps(value, sort_keys=True).encode())


def _of_array(leaf: Any) -> str:
    array = np.asarray(leaf)
    start = zlib.crc32(f"{array.dtype}{array.shape}".encode())
    return _hex(np.ascontiguousarray(array).view(np.uint8).data if array.ndim else array.tobytes(), start)


def _hex(data: bytes | memoryview, start: int = 0) -> str:
    return f"{zlib.crc32(data, start):08x}"
