"""Anyone's own ink: a folder (or a compressed tar) of InkML or JSON files that hold their labels.

Sub-folders named train, validation (or valid) and test become those splits; without them all ink is `train`.
The label of an InkML file is its `normalizedLabel`, `truth` or `label` annotation, that of a JSON file its "label";
a `labels.tsv` in the folder (file name without suffix, tab, LaTeX) goes before both.
"""

from pathlib import Path

import tensorflow_datasets as tfds

from tegashiki.datasets.builder import DatasetError, InkBuilder, count_files, progress, stem
from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import read_limited

SPLITS = {"train": "train", "validation": "validation", "valid": "validation", "test": "test"}
LABELS = "labels.tsv"
MAX_LABELS = 64 * 2**20  # bytes of it


class InkFolder(InkBuilder):
    """TFDS builder `ink_folder`; prepare it with `tegashiki prepare ink_folder --source DIR`."""

    name = "ink_folder"
    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = __doc__
    DESCRIPTION = """Your own labelled ink, from InkML or JSON files in a folder or a tar.

Sub-folders named train, validation (or valid) and test become those splits, else all ink is `train`. Labels become
canonical LaTeX tokens; strokes are linked to them where an InkML file names its symbols.
"""
    LICENSE = "That of the ink: yours to say"

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        source = self.source or Path(dl_manager.manual_dir)
        if not source.exists():
            raise DatasetError(f"{source} does not exist; it should be a folder or tar of .inkml or .json files")
        labels = read_labels(source / LABELS)
        parts = {split: source / name for name, split in SPLITS.items() if (source / name).is_dir()}
        generators = {}
        for split, path in (parts or {"train": source}).items():
            inks = progress(iterate_inks(path), count_files(path), self.limit, split)
            examples = self.label_inks(split, inks, lambda ink: labels.get(stem(ink.source)) or own_label(ink))
            generators[split] = self._generate_examples(split, examples)
        return generators


def own_label(ink: Ink) -> str:
    """Return the label in the ink's own file, the normalised one where there are two."""
    return ink.annotations.get("normalizedLabel") or ink.label


def read_labels(path: Path) -> dict[str, str]:
    """Read a label list: file name without suffix, tab, LaTeX; {} where there is no such file."""
    if not path.is_file():
        return {}
    labels = {}
    try:
        text = read_limited(path, str(path), MAX_LABELS).decode("utf-8")
    except (InkError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} is not a list of labels in UTF-8: {error}") from error
    for number, row in enumerate(text.splitlines(), start=1):
        name, tab, label = row.partition("\t")
        if not tab:
            raise DatasetError(f"{path} line {number}: {row[:40]!r} is not `name, tab, LaTeX`")
        labels[name.removesuffix(".inkml").removesuffix(".json")] = label.split("\t")[0]
    return labels
