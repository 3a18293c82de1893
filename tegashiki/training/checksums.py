"""What tells a checkpoint that was changed on its disk from the one that was written: Orbax itself does not notice.

CRC-32: made for damage, not against somebody who wants to deceive.
"""

import json
import zlib
from typing import Any

import jax
import numpy as np

KEY = "checksums"  # in a checkpoint's description


def seal(about: dict[str, Any], state: Any) -> dict[str, Any]:
    """Return the description with the checksums of itself and of each array of the state (numpy arrays)."""
    checksums = {"about": of_json(about), "state": [_of_array(leaf) for leaf in jax.tree.leaves(state)]}
    return about | {KEY: checksums}


def changed_about(about: dict[str, Any]) -> bool:
    """Whether a sealed description is no longer what was written; one without checksums counts as it is."""
    checksums = about.get(KEY)
    if checksums is None:
        return False
    rest = {name: value for name, value in about.items() if name != KEY}
    return not isinstance(checksums, dict) or checksums.get("about") != of_json(rest)


def changed_array(about: dict[str, Any], state: Any) -> str | None:
    """Name the first array of a restored state that is not what was written; None where all are."""
    if KEY not in about:
        return None  # of a version before checksums
    leaves = jax.tree_util.tree_leaves_with_path(state)
    written = about[KEY].get("state")
    if not isinstance(written, list) or len(written) != len(leaves):
        return "the number of arrays"
    for (place, leaf), checksum in zip(leaves, written, strict=True):
        if _of_array(leaf) != checksum:
            return jax.tree_util.keystr(place)
    return None


def of_json(value: Any) -> str:
    """Return the checksum of a JSON value, 8 hexadecimal digits; the order of its keys does not matter."""
    return _hex(json.dumps(value, sort_keys=True).encode())


def _of_array(leaf: Any) -> str:
    array = np.asarray(leaf)
    start = zlib.crc32(f"{array.dtype}{array.shape}".encode())
    return _hex(np.ascontiguousarray(array).view(np.uint8).data if array.ndim else array.tobytes(), start)


def _hex(data: bytes | memoryview, start: int = 0) -> str:
    return f"{zlib.crc32(data, start):08x}"
