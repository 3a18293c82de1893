"""What all our TFDS builders share: the features, the skipped inks, the check of the simplifier, `--limit`.

Features are flat and the file format is array_record, because that is what TFDS prepares and reads with no
TensorFlow installed. TFDS writes to an incomplete directory and renames it at the very end, so a set whose
preparation was interrupted, or refused by the check, does not exist.
"""

import dataclasses
import itertools
import random
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from etils import epath
from tqdm import tqdm

from tegashiki.datasets.example import Example, to_features
from tegashiki.datasets.simplifier_check import check_simplifier
from tegashiki.errors import UserError
from tegashiki.ink.ink import Ink, InkError

CHECKED_STROKES = 200


class DatasetError(UserError):
    """A dataset cannot be prepared or read; the message says what is missing and what to do."""


@dataclasses.dataclass
class InkConfig(tfds.core.BuilderConfig):
    """A variant of a dataset; `limit` is the number of inks taken from each of its parts, None for all."""

    limit: int | None = None


class InkBuilder(tfds.core.GeneratorBasedBuilder):
    """Base of the dataset builders: subclasses define `_split_generators` as `self._generate_examples(split, examples)`.

    Attributes:
        skipped: For each split the (source, reason) of the inks that were left out.
        counts: For each split, numbers worth reporting ("inks", "aligned", ...).
    """

    VERSION: ClassVar = tfds.core.Version("1.0.0")
    code_path: ClassVar = epath.Path(__file__)  # TFDS's own search for it imports a package that it does not require
    DESCRIPTION: ClassVar[str] = ""
    CITATION: ClassVar[str] = ""
    HOMEPAGE: ClassVar[str] = ""
    LICENSE: ClassVar[str] = ""

    def __init__(self, *, limit: int | None = None, **kwargs: Any):
        if limit is not None:  # a directory of its own: a trial set is never taken for the whole one
            kwargs["config"] = InkConfig(name=f"limit_{limit}", version=self.VERSION, limit=limit)
        self.skipped: dict[str, list[tuple[str, str]]] = {}
        self.counts: dict[str, Counter[str]] = {}
        self._random = random.Random(0)
        self._seen_strokes = 0
        self._sample: list[tuple[str, int, np.ndarray]] = []
        kwargs.setdefault("file_format", "array_record")
        super().__init__(**kwargs)

    @property
    def limit(self) -> int | None:
        """How many inks to take from each part of the source; None for all."""
        return self.builder_config.limit if self.builder_config else None

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=self.DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "points": tfds.features.Tensor(shape=(None, 2), dtype=np.float32),
                    "stroke_lengths": tfds.features.Tensor(shape=(None,), dtype=np.int32),
                    "stroke_tokens": tfds.features.Tensor(shape=(None,), dtype=np.int32),
                    "tokens": tfds.features.Text(),
                    "label": tfds.features.Text(),
                    "writer": tfds.features.Text(),
                    "source": tfds.features.Text(),
                    "structure": tfds.features.Text(),
                }
            ),
            homepage=self.HOMEPAGE,
            license=self.LICENSE,
            citation=self.CITATION or None,
            metadata=tfds.core.MetadataDict(),
        )

    def _generate_examples(self, split: str, examples: Iterable[Example]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (key, features) of the examples, counting them and keeping a random sample of their strokes."""
        counts = self.counts.setdefault(split, Counter())
        for example in examples:
            counts["inks"] += 1
            counts["strokes"] += len(example.ink.strokes)
            counts["tokens"] += len(example.tokens)
            counts["aligned"] += bool((example.stroke_tokens >= 0).any())
            self._remember_strokes(example)
            yield example.ink.source, to_features(example)

    def skip(self, split: str, source: str, reason: object) -> None:
        """Note that an ink was left out, and why."""
        self.skipped.setdefault(split, []).append((source, str(reason)))

    def _remember_strokes(self, example: Example) -> None:
        """Reservoir sampling: every stroke of the whole set has the same chance to be checked."""
        for index, stroke in enumerate(example.ink.strokes):
            self._seen_strokes += 1
            place = self._random.randrange(self._seen_strokes)
            if len(self._sample) < CHECKED_STROKES:
                self._sample.append((example.ink.source, index, stroke))
            elif place < CHECKED_STROKES:
                self._sample[place] = (example.ink.source, index, stroke)

    def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        super()._download_and_prepare(*args, **kwargs)
        check_simplifier(self._sample)  # raising here leaves no dataset behind
        self.info.metadata["counts"] = {split: dict(counts) for split, counts in self.counts.items()}
        self.info.metadata["skipped"] = {split: len(skipped) for split, skipped in self.skipped.items()}


def progress(
    inks: Iterable[tuple[str, Ink | InkError]], path: Path, limit: int | None, name: str
) -> Iterator[tuple[str, Ink | InkError]]:
    """Yield the first `limit` of the inks found at `path`, drawing a progress bar called `name`."""
    total = _count_files(path)
    if limit is not None:
        inks, total = itertools.islice(inks, limit), min(total, limit)
    yield from tqdm(inks, desc=name, total=total, unit=" inks", dynamic_ncols=True)


def _count_files(path: Path) -> int:
    """How many files a folder or tar holds; compressed tars are read through once (a second for CROHME's training)."""
    if path.is_dir():
        return sum(file.is_file() for file in path.rglob("*"))
    with tarfile.open(path) as archive:
        return sum(member.isfile() for member in archive)


def stem(source: str) -> str:
    """File name without folders and suffix: what label lists call an ink."""
    return PurePath(source).stem
