"""CROHME: the handwritten formulas of the competitions 2011 to 2016, read from InkML (a manual download).

The source directory, or `crohme-inkml/` in it, holds the sets of `ARCHIVES`, each as a folder, a zip or a (compressed)
tar of that name. The source directory, or `labels/` in it, may also hold the published label lists such as
`crohme-train-2014.tsv` (name, tab, LaTeX). A missing set has no split.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, ClassVar

import tensorflow_datasets as tfds

from tegashiki.datasets.builder import DatasetError, InkBuilder, Inks, count_inks, find_source, progress, stem
from tegashiki.ink.example import Example
from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.labels import read_labels as read_table
from tegashiki.ink.labels import read_lines

ARCHIVES = {  # file name of the set -> split
    "train-2014": "train",
    "train-2019-extra": "train_2019_extra",
    "test-2011": "test_2011",
    "test-2012": "test_2012",
    "test-2013": "test_2013",
    "test-2014": "test_2014",
    "test-2016": "test_2016",
}
LABEL_LISTS = ("train-2014", "test-2014", "test-2016")
SUFFIXES = ("", ".tar.xz", ".tar.gz", ".tgz", ".tar.bz2", ".tar", ".zip")

# Writers whose hash with this salt is below a tenth are for validation. The salt was chosen out of 6,000 because it
# gives validation 500 to 700 inks and costs training few inks; docs/datasets.md has the numbers.
VALIDATION_SALT = "5866"
VALIDATION_SHARE = 0.10
UNKNOWN_WRITERS = frozenset({"", "Unknown"})


@dataclass(frozen=True)
class Labels:
    """The published label lists.

    Attributes:
        lines: File name without suffix -> LaTeX.
        doubtful: Names whose lines are not reliable.
    """

    lines: dict[str, str]
    doubtful: frozenset[str]

    def of(self, ink: Ink) -> str:
        """Return the published label of an ink, or the truth in its file if there is no reliable published label."""
        name = stem(ink.source)
        return ink.label if name in self.doubtful else self.lines.get(name, ink.label)


class Crohme(InkBuilder):
    """TFDS builder `crohme`; prepare it with `tegashiki prepare crohme --source DIR`."""

    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = __doc__
    DESCRIPTION = """Handwritten formulas of the CROHME competitions 2011 to 2016, strokes as they were written.

The label is the line of the published list if there is one, otherwise the truth in the file, as canonical LaTeX tokens.
Strokes are linked to the tokens that they draw. `train` and `validation` are parts of train-2014 that share neither
writers nor formulas. `test_2014` and `test_2016` are complete; `test_2012` lacks the inks that are also in training.
"""
    HOMEPAGE = "https://tc11.cvc.uab.es/datasets/ICFHR-CROHME-2016_1/"
    LICENSE = "CC BY-NC-SA 3.0 (as reported for the distribution of IAPR TC11)"
    CITATION = """@inproceedings{mouchere2014icfhr,
  title={{ICFHR} 2014 Competition on Recognition of On-line Handwritten Mathematical Expressions ({CROHME} 2014)},
  author={Mouch{\\`e}re, Harold and Viard-Gaudin, Christian and Zanibbi, Richard and Garain, Utpal},
  booktitle={ICFHR}, year={2014}
}
@inproceedings{mouchere2016icfhr,
  title={{ICFHR2016 CROHME}: Competition on Recognition of Online Handwritten Mathematical Expressions},
  author={Mouch{\\`e}re, Harold and Viard-Gaudin, Christian and Zanibbi, Richard and Garain, Utpal},
  booktitle={ICFHR}, year={2016}
}
@inproceedings{mahdavi2019icdar,
  title={{ICDAR} 2019 {CROHME} + {TFD}: Competition on Recognition of Handwritten Mathematical Expressions and
    Typeset Formula Detection},
  author={Mahdavi, Mahshad and Zanibbi, Richard and Mouch{\\`e}re, Harold and Viard-Gaudin, Christian and
    Garain, Utpal},
  booktitle={ICDAR}, year={2019}
}"""
    TRAINING_SPLITS: ClassVar = frozenset({"train", "train_2019_extra"})

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        source = self.source or Path(dl_manager.manual_dir)
        sets = {split: find_source(source, name, SUFFIXES, "crohme-inkml") for name, split in ARCHIVES.items()}
        if not any(sets.values()):
            raise DatasetError(
                f"{source} has none of {', '.join(ARCHIVES)} (a folder, .zip or .tar.xz of that name, there or in "
                "crohme-inkml/); for other InkML use `tegashiki prepare ink_folder`"
            )
        labels = read_labels(source)
        splits = {split: self._examples(split, path, labels) if path else [] for split, path in sets.items()}
        also_in_train = read_names(source, "test-2012-inks-also-in-train.txt")
        splits["test_2012"] = self._without(splits["test_2012"], also_in_train)
        divided = self._divide(splits["train"], splits["train_2019_extra"])
        splits["train"], splits["validation"], splits["train_2019_extra"] = divided
        return {split: self._generate_examples(split, examples) for split, examples in splits.items() if examples}

    def _examples(self, split: str, path: Path, labels: Labels) -> list[Example]:
        inks = progress(with_writers(iterate_inks(path)), count_inks(path), self.limit, split)
        return list(self.label_inks(split, inks, labels.of))

    def _without(self, examples: Sequence[Example], names: frozenset[str]) -> list[Example]:
        kept = [example for example in examples if stem(example.ink.source) not in names]
        for example in examples:
            if stem(example.ink.source) in names:
                self.skip("test_2012", example.ink.source, "the same ink is also in train-2014 or train-2019-extra")
        return kept

    def _divide(
        self, train: Sequence[Example], extra: Sequence[Example]
    ) -> tuple[list[Example], list[Example], list[Example]]:
        """Divide the training inks into training and validation with disjoint writers and disjoint formulas.

        Returns:
            The training, validation and extra inks. None of them contains the inks of validation writers whose formula
            was also written by a training writer.
        """
        kept, kept_extra = ([e for e in part if not is_validation_writer(e.ink.writer)] for part in (train, extra))
        formulas = {example.tokens for example in (*kept, *kept_extra)}
        validation = []
        for example in train:
            if is_validation_writer(example.ink.writer):
                if example.tokens in formulas:
                    self.skip("validation", example.ink.source, "its formula is also in training")
                else:
                    validation.append(example)
        for example in extra:
            if is_validation_writer(example.ink.writer):
                self.skip("train_2019_extra", example.ink.source, "by a writer of validation")
        return kept, validation, kept_extra


def with_writers(inks: Inks) -> Iterator[tuple[str, Ink | InkError]]:
    """Set the writer of inks that name none to the one in their file name."""
    for name, ink in inks:
        yield name, replace(ink, writer=writer_of(name)) if isinstance(ink, Ink) and not ink.writer else ink


def writer_of(source: str) -> str:
    """Return the writer of a MathBrush ink by its file name, "" for other inks.

    A MathBrush name consists of a date, a session and the number of the formula, but not of a writer. The 2,989 files
    have 19 different second numbers, which look like the time of a session; together with the date they are 21
    sessions. Sessions with the same number count as one writer. Even if that is wrong, no writer is on both sides of a
    split.
    """
    path = PurePath(source)
    return f"MathBrush-{path.stem.split('-')[1]}" if path.parent.name == "MathBrush" else ""


def is_validation_writer(writer: str) -> bool:
    """Return whether the training inks of a writer are kept for validation, a fixed choice of 10 % of the writers."""
    digest = hashlib.sha256(f"{VALIDATION_SALT}:{writer}".encode("utf-8", "surrogateescape")).digest()
    return writer not in UNKNOWN_WRITERS and int.from_bytes(digest[:4]) < VALIDATION_SHARE * 2**32


def read_labels(source: Path) -> Labels:
    """Read the published label lists beside the archives, all of which are optional."""
    lines: dict[str, str] = {}
    for name in LABEL_LISTS:
        if path := find_source(source, f"crohme-{name}", (".tsv",), "labels"):
            lines |= read_table(path)
    return Labels(lines, read_names(source, "crohme-train-2014-doubtful.tsv"))


def read_names(source: Path, file: str) -> frozenset[str]:
    """Read the first column of a list of inks without `.inkml`; empty if there is no such file."""
    path = find_source(source, file, ("",), "labels")
    rows = read_lines(path) if path else []
    return frozenset(row.split("\t")[0].strip().removesuffix(".inkml") for row in rows if row.strip())
