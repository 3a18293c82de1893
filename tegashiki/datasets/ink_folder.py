"""Your own ink: a folder, a zip or a (compressed) tar of InkML or JSON files with labels.

Folders named train, validation (or valid) and test become the splits. They may be at the top or in a single folder that
holds everything. Without such folders all ink is `train`. The label of an InkML file is its annotation
`normalizedLabel`, `truth` or `label`, and that of a JSON file is its "label". A `labels.tsv` (file name, tab, LaTeX)
beside the folders of the splits takes precedence over both.
"""

import itertools
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import tensorflow_datasets as tfds

from tegashiki.datasets.builder import DatasetError, InkBuilder, progress
from tegashiki.ink.files import UNREADABLE, is_ink, iterate_inks, list_files, read_file
from tegashiki.ink.ink import Ink
from tegashiki.ink.labels import MAX_LABELS, find_name, own_label, parse_labels, unused_names

SPLITS = {"train": "train", "validation": "validation", "valid": "validation", "test": "test"}
LABELS = "labels.tsv"


class InkFolder(InkBuilder):
    """TFDS builder `ink_folder`; prepare it with `tegashiki prepare ink_folder --source DIR`."""

    name = "ink_folder"
    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = __doc__
    DESCRIPTION = """Your own labelled ink, from InkML or JSON files in a folder, a zip or a tar.

Sub-folders named train, validation (or valid) and test become the splits; otherwise all ink is `train`. Labels become
canonical LaTeX tokens. Strokes are linked to them if an InkML file names its symbols.
"""
    LICENSE = "The licence of your ink"

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        source = self.source or Path(dl_manager.manual_dir)
        if not source.exists():
            raise DatasetError(f"{source} does not exist; it should be a folder, zip or tar of .inkml or .json files")
        files = list_files(source)
        root = root_of(files)
        labels = read_tables(source, files, root)
        warning = unused_names(labels, filter(is_ink, files), f"{source}'s {LABELS}") if labels else None
        if warning:
            print(warning, file=sys.stderr)

        def label_of(ink: Ink) -> str:
            name = find_name(labels, ink.source)
            return own_label(ink) if name is None else labels[name]

        generators = {}
        for split, names in divide(files, root).items():
            inks = progress(iterate_inks(source, frozenset(names).__contains__), len(names), self.limit, split)
            examples = self.label_inks(split, inks, label_of)
            generators[split] = self._generate_examples(split, examples)
        return generators


def folders_of(name: str) -> tuple[str, ...]:
    """Return the folders that a file lies in, the outermost first."""
    return PurePosixPath(name).parent.parts


def root_of(files: Iterable[str]) -> tuple[str, ...]:
    """Return the folders that contain all inks, as is common in archives, up to the first one named like a split."""
    levels = zip(*{folders_of(name) for name in files if is_ink(name)}, strict=False)  # the outermost folders first
    shared = itertools.takewhile(lambda level: len({*level}) == 1 and level[0] not in SPLITS, levels)
    return tuple(level[0] for level in shared)


def divide(files: Iterable[str], root: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the names of the inks of each split by the folders in `root`; without folders of splits, all are `train`.

    Raises:
        DatasetError: There are inks beside the folders of the splits, so their split is unknown.
    """
    found: dict[str, list[str]] = {}
    for name in files:
        folders = folders_of(name)
        split = SPLITS.get((*folders, "")[len(root)], "") if folders[: len(root)] == root else ""
        inks = found.setdefault(split, [])
        if is_ink(name):
            inks.append(name)
    loose = found.pop("", [])
    inks = [name for name in loose if PurePosixPath(name).name != UNREADABLE]
    if found and inks:
        raise DatasetError(
            f"{len(inks)} inks, such as {inks[0]}, lie beside the folders of the splits ({', '.join(found)}): "
            "move them into one of these folders, or out of the source"
        )
    return found or {"train": loose}


def read_tables(source: Path, files: Iterable[str], root: tuple[str, ...]) -> dict[str, str]:
    """Read the labels.tsv in `root` and in the folders around it.

    The list in an inner folder takes precedence. For every other labels.tsv a warning is printed to stderr.
    """
    labels: dict[str, str] = {}
    for name in sorted(files, key=len):
        folders = folders_of(name)
        if PurePosixPath(name).name != LABELS:
            continue
        if folders != root[: len(folders)]:
            place = "/".join((*root, LABELS))
            print(f"{source}/{name} is not read: labels of all splits belong in {source}/{place}", file=sys.stderr)
        else:
            labels |= parse_labels(read_file(source, name, MAX_LABELS), f"{source}/{name}")
    return labels
