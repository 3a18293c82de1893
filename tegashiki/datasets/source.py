"""The folder that `--source` names: a set's own, or the one above it that holds several sets."""

from collections.abc import Sequence
from pathlib import Path


def find(source: Path, name: str, suffixes: Sequence[str], folder: str) -> Path | None:
    """Return the file or folder `name` in `source` or in `source/folder`, with the first suffix that is there."""
    candidates = (parent / (name + suffix) for parent in (source, source / folder) for suffix in suffixes)
    return next((path for path in candidates if path.exists()), None)
