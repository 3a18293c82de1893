"""MathWriting (Google, 2024): 230 k handwritten and 400 k synthetic formulas, its own published InkML.

Downloaded by its address (2.9 GB), or read from a local copy: the archive, or a folder that holds some of the
folders train, valid, test, symbols and synthetic. Tokens are made from `normalizedLabel`, as its authors score.
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
    DESCRIPTION = """MathWriting's handwritten formulas, strokes as they were written, splits as they were published.

The label is the file's `normalizedLabel` as canonical LaTeX tokens; `symbols` holds isolated symbols and `synthetic`
formulas that were put together from them. No stroke is linked to a token, and times are dropped.
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
            raise DatasetError(f"{source} holds none of the folders {', '.join(SPLITS)} with .inkml files in them")
        return {
            split: self._generate_examples(
                split, self.label_inks(split, progress(part, total, self.limit, split), own_label)
            )
            for split, (part, total) in inks.items()
        }


def of_folder(source: Path) -> dict[str, tuple[Inks, int]]:
    """Return for each split that is there its inks and their number."""
    return {
        split: (iterate_inks(source / split), count_inks(source / split))
        for split in SPLITS
        if (source / split).is_dir()
    }


def of_archive(source: Path) -> dict[str, tuple[Inks, int]]:
    """Return for each split in a tar or zip its inks and their number; it is gone through once to count them.

    Raises:
        InkError: it is neither, or damaged.
    """
    counts = Counter(map(split_of, list_files(source)))
    return {
        split: (iterate_inks(source, partial(is_in_split, split)), counts[split]) for split in SPLITS if counts[split]
    }


def is_in_split(split: str, name: str) -> bool:
    """Return whether an ink's file lies in the folder of a split."""
    return split_of(name) == split


def split_of(name: str) -> str:
    """Return the folder that an ink's file lies in, its split; "" for other files."""
    path = PurePosixPath(name)
    return path.parent.name if path.suffix == ".inkml" and path.parent.name in SPLITS else ""
