"""Write the web page as a static site, which any web server can host under any path."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.page import sha256
from tegashiki.safe_files import atomic_write

RECORD = "tegashiki-site.json"  # the files that were written, so that a later version may replace them


def write_site(folder: Path, files: Mapping[str, bytes], version: str) -> None:
    """Write a site, or replace one that was written before. Other files in the folder stay.

    Args:
        folder: The folder of the site, which is created if it does not exist.
        files: The content of each file by its path relative to the folder.
        version: The version of the package.

    Raises:
        RecognizerError: The folder cannot be one, or a file there is not from an earlier site. Nothing has been
            written then.
    """
    if folder.exists() and not folder.is_dir():
        raise RecognizerError(f"{folder} is a file: give the folder that the site shall be written to")
    hashes = {path: sha256(content) for path, content in sorted(files.items())}
    earlier = _read_record(folder / RECORD)
    for path, hash_ in hashes.items():
        if os.path.lexists(folder / path) and _hash(folder / path) not in (hash_, earlier.get(path, hash_)):
            raise RecognizerError(
                f"{folder / path} exists and was not written by `tegashiki site`, or was changed since: move it away, "
                "or give another folder"
            )
    for path, content in files.items():
        _write(folder / path, content)
    for path in sorted(earlier.keys() - files.keys()):
        if _hash(folder / path) == earlier[path]:
            (folder / path).unlink()
    _write(folder / RECORD, (json.dumps({"tegashiki": version, "files": hashes}, indent=1) + "\n").encode())


def _read_record(path: Path) -> dict[str, str]:
    """Return the SHA-256 of the files of an earlier site by their paths; empty if there is no earlier site."""
    if not os.path.lexists(path):
        return {}
    try:
        files = json.loads(path.read_text("utf-8"))["files"]
        return {str(name): str(hash_) for name, hash_ in files.items() if _is_inside(str(name))}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecognizerError(f"{path} is damaged: delete it and the site beside it, or give another folder") from error


def _is_inside(name: str) -> bool:
    """Whether a path of a record stays in the folder of the site."""
    return ".." not in Path(name).parts and not Path(name).is_absolute()


def _hash(path: Path) -> str | None:
    """Return the SHA-256 of a regular file, None for anything else."""
    return sha256(path.read_bytes()) if path.is_file() and not path.is_symlink() else None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(content)
