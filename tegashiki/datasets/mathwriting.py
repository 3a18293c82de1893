"""MathWriting (Google, 2024): 230 k handwritten and 400 k synthetic formulas as InkML.

The dataset is downloaded (2.9 GB) or read from a local copy, which is the archive or a folder that contains some of the
folders train, valid, test, symbols and synthetic. Tokens are made from `normalizedLabel`, which its authors use for
evaluation.
"""

from collections import Counter
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import tensorflow_datasets as tfds

from tegashiki.datasets.builder import DatasetError, InkBuilder, Inks, count_inks, progress
from tegashiki.ink.files import iterate_inks, list_files
from tegashiki.ink.labels import own_label

URL = "https://storage.googleapis.com/mathwriting_data/mathwriting-2024.tgz"
SPLITS = ("train", "valid", "test", "symbols", "synthetic")


class MathWriting(InkBuilder):
    """TFDS builder `mathwriting`; prepare it with `tegashiki prepare mathwriting [--source ARCHIVE_OR_DIR]`."""

    name = "mathwriting"
    VERSION = tfds.core.Version("1.0.0")
    DESCRIPTION = """MathWriting's handwritten formulas with the original strokes and the published splits.

The label is the `normalizedLabel` of the file as canonical LaTeX tokens. `symbols` contains isolated symbols, and
`synthetic` contains formulas composed of them. Strokes are not linked to tokens, and times are dropped.
"""
    HOMEPAGE = "https://github.com/google-research/google-research/tree/master/mathwriting"
    LICENSE = "CC BY-NC-SA 4.0"
    CITATION = """@article{gervais2024mathwriting,
  title={{MathWriting}: A Dataset For Handwritten Mathematical Expression Recognition},
  author={Gervais, Philippe and Fadeeva, Anastasiia and Maksai, Andrii},
  journal={arXiv:2404.10690}, year={2024}
}"""
    TRAINING_SPLITS: ClassVar = frozenset({"train", "symbols", "synthetic"})

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        source = self.source or Path(dl_manager.download(URL))
        inks = of_folder(source) if source.is_dir() else of_archive(source)
        if not inks:
            raise DatasetError(f"{source} holds none of the folders {', '.join(SPLITS)} with .inkml files")
        return {
            split: self._generate_examples(
                split, self.label_inks(split, progress(part, total, self.limit, split), own_label)
            )
            for split, (part, total) in inks.items()
        }


def of_folder(source: Path) -> dict[str, tuple[Inks, int]]:
    """Return the inks and their number for each split in a folder."""
    return {
        split: (iterate_inks(source / split), count_inks(source / split))
        for split in SPLITS
        if (source / split).is_dir()
    }


def of_archive(source: Path) -> dict[str, tuple[Inks, int]]:
    """Return the inks and their number for each split in a tar or zip, which is read once to count them.

    Raises:
        InkError: The file is neither a tar nor a zip, or it is damaged.
    """
    counts = Counter(map(split_of, list_files(source)))
    return {
        split: (iterate_inks(source, partial(is_in_split, split)), counts[split]) for split in SPLITS if counts[split]
    }


def is_in_split(split: str, name: str) -> bool:
    """Return whether the file of an ink lies in the folder of a split."""
    return split_of(name) == split


def split_of(name: str) -> str:
    """Return the split of an ink, which is the name of its folder; "" for other files."""
    path = PurePosixPath(name)
    return path.parent.name if path.suffix == ".inkml" and path.parent.name in SPLITS else ""
