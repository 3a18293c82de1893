"""The common parts of all TFDS builders: features, skipped inks, the check of the simplifier, `--limit`.

Features are flat and the file format is array_record, so that TFDS prepares and reads datasets without TensorFlow. TFDS
writes to an incomplete directory and renames it at the end. Therefore a dataset does not exist if its preparation was
interrupted or failed the check.
"""

import dataclasses
import itertools
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any, ClassVar
from unittest import mock

import numpy as np
import tensorflow_datasets as tfds
from etils import epath
from tensorflow_datasets.core.example_serializer import ExampleSerializer
from tqdm import tqdm

from tegashiki.datasets.alignment import stroke_tokens
from tegashiki.datasets.simplifier_check import check_simplifier
from tegashiki.errors import UserError
from tegashiki.ink.example import Example, storable, to_features
from tegashiki.ink.files import is_ink, list_files
from tegashiki.ink.ink import Ink, InkError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import LatexError
from tegashiki.latex.tokenizer import tokenize

CHECKED_STROKES = 200

Inks = Iterable[tuple[str, Ink | InkError]]


class DatasetError(UserError):
    """A dataset cannot be prepared. The message names the problem and its solution."""


FEATURES: dict[str, tfds.features.FeatureConnector] = {
    "points": tfds.features.Tensor(
        shape=(None, 2),
        dtype=np.float32,
        doc=tfds.features.Documentation(
            desc="x and y of the points of all strokes, one stroke after another, as written, y downwards",
            value_range="the unit of the file",
        ),
    ),
    "stroke_lengths": tfds.features.Tensor(
        shape=(None,), dtype=np.int32, doc="Number of points of each stroke, in the order of writing"
    ),
    "stroke_tokens": tfds.features.Tensor(
        shape=(None,),
        dtype=np.int32,
        doc=tfds.features.Documentation(
            desc="Index of the token that each stroke draws, -1 if unknown",
            value_range="-1 to the number of tokens - 1",
        ),
    ),
    "tokens": tfds.features.Text(doc="The canonical LaTeX label: tokens separated by spaces"),
    "label": tfds.features.Text(doc="The label in the file, empty if there is none"),
    "writer": tfds.features.Text(doc="The writer's name, empty if unknown"),
    "source": tfds.features.Text(doc="The name of the ink in its archive or folder"),
    "structure": tfds.features.Text(
        doc="The symbol groups and the MathML tree of the file as JSON for `load_examples(structure=True)`; empty if "
        "the file has none"
    ),
}


@dataclasses.dataclass
class InkConfig(tfds.core.BuilderConfig):
    """A variant of a dataset.

    Attributes:
        limit: Number of inks to take from each part of the source, None for all.
    """

    limit: int | None = None


class InkBuilder(tfds.core.GeneratorBasedBuilder):
    """Base class of the dataset builders.

    Subclasses define `_split_generators` and pass examples to `_generate_examples`.

    Args:
        source: Path of the ink; None for TFDS's manual directory, or for its download if the dataset has one.
        limit: Number of inks to take from each part of the source. The limited dataset has its own directory,
            `NAME/limit_N`, so that a trial is never mistaken for the whole dataset.
        variant: A name that distinguishes several datasets of one builder: `NAME/VARIANT`. It never sets a limit.
        kwargs: Arguments of TFDS, such as `data_dir`. `config` may be the name of a variant including its limit,
            because TFDS has no other way to pass a limit.

    Attributes:
        skipped: (source, reason) of the inks that were left out, by split.
        unparsed: (source, reason) of the inks of test sets whose label cannot be parsed, by split.
        counts: Numbers of inks, strokes, tokens and inks with known alignment ("aligned"), by split.
    """

    VERSION: ClassVar = tfds.core.Version("1.0.0")
    code_path: ClassVar = epath.Path(__file__)  # TFDS's own search imports a package that TFDS does not require
    TRAINING_SPLITS: ClassVar[frozenset[str]] = frozenset({"train"})  # splits in which inks may be left out
    DESCRIPTION: ClassVar[str] = ""
    CITATION: ClassVar[str] = ""
    HOMEPAGE: ClassVar[str] = ""
    LICENSE: str = ""
    FEATURES: ClassVar[dict[str, tfds.features.FeatureConnector]] = FEATURES

    def __init__(
        self, *, source: Path | None = None, limit: int | None = None, variant: str | None = None, **kwargs: Any
    ):
        names = [name for name in (variant, f"limit_{limit}" if limit else None) if name]
        asked = kwargs.get("config")
        if names:
            kwargs["config"] = InkConfig(name="_".join(names), version=self.VERSION, limit=limit)
        elif isinstance(asked, str) and asked:  # TFDS's own way: `tfds.builder("crohme/limit_100")`
            kwargs["config"] = InkConfig(name=asked, version=self.VERSION, limit=limit_of(asked))
        self.source = source
        self.skipped: dict[str, list[tuple[str, str]]] = {}
        self.unparsed: dict[str, list[tuple[str, str]]] = {}
        self.counts: dict[str, Counter[str]] = {}
        self._sample = StrokeSample(CHECKED_STROKES)
        kwargs.setdefault("file_format", "array_record")
        super().__init__(**kwargs)

    @property
    def limit(self) -> int | None:
        """Number of inks to take from each part of the source, None for all."""
        return self.builder_config.limit if self.builder_config else None

    def check_limit(self) -> None:
        """Check that an existing dataset of this name was prepared with the same limit.

        For example, `--name size --limit 5` and `--name size_limit_5` use the same directory.

        Raises:
            DatasetError: The dataset was prepared with another limit.
        """
        there = tfds.builder_from_directory(self.data_path).info.metadata or {}
        if there.get("limit", self.limit) != self.limit:
            limits = [f"{limit} inks per part" if limit else "all inks" for limit in (there["limit"], self.limit)]
            raise DatasetError(
                f"{self.data_path} exists but was made of {limits[0]}, not of {limits[1]}: use --force to make it "
                "again, or --name NAME to keep both"
            )

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=self.DESCRIPTION,
            features=tfds.features.FeaturesDict(self.FEATURES),
            homepage=self.HOMEPAGE,
            license=self.LICENSE,
            citation=self.CITATION or None,
            metadata=tfds.core.MetadataDict(),
        )

    def label_inks(self, split: str, inks: Inks, label_of: Callable[[Ink], str]) -> Iterator[Example]:
        """Yield the inks as examples.

        Training splits leave out and count the inks that cannot be used. A test set must stay complete: if a label
        cannot be parsed, the ink is kept with the tokens as they are, and an ink that cannot be read is an error.

        Args:
            split: Name of the split.
            inks: Names and inks.
            label_of: Returns the LaTeX label of an ink.

        Raises:
            DatasetError: An ink of a test set cannot be read or has no label.
        """
        training = split in self.TRAINING_SPLITS
        for name, ink in inks:
            try:
                if isinstance(ink, InkError):
                    raise ink
                example, flaw = label_ink(ink, label_of(ink), strict=training)
            except (InkError, LatexError) as error:
                if not training:
                    raise DatasetError(f"{split}: {name} cannot be used: {error}") from error
                self.skip(split, name, error)
            else:
                if flaw:
                    self.unparsed.setdefault(split, []).append((name, str(flaw)))
                yield example

    def skip(self, split: str, source: str, reason: object) -> None:
        """Record that an ink was left out, and why."""
        self.skipped.setdefault(split, []).append((source, str(reason)))

    def _generate_examples(self, split: str, examples: Iterable[Example]) -> Iterator[tuple[str, dict[str, Any]]]:
        counts = self.counts.setdefault(split, Counter())
        names: Counter[str] = Counter()  # TFDS requires unique names
        for example in examples:
            name = storable(example.ink.source)
            names[name] += 1
            counts.update(count_examples([example]))
            self._sample.add(example.ink)
            yield name, to_features(example)
        if not counts["inks"]:
            reason = "; the first was left out because " + self.skipped[split][0][1] if split in self.skipped else ""
            raise DatasetError(f"{split} has no ink that can be used{reason}")
        if repeated := [name for name, count in names.items() if count > 1]:
            raise DatasetError(
                f"{split} has several inks with the same name, such as {repeated[0]}: rename or remove all but one"
            )

    def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        with mock.patch.object(ExampleSerializer, "serialize_example", serialize):
            super()._download_and_prepare(*args, **kwargs)
        check_simplifier(self._sample.strokes)  # an error here leaves no dataset behind
        self.info.metadata["limit"] = self.limit
        self.info.metadata["counts"] = {split: dict(counts) for split, counts in self.counts.items()}
        self.info.metadata["skipped"] = {split: len(skipped) for split, skipped in self.skipped.items()}


def serialize(serializer: ExampleSerializer, example: dict[str, Any]) -> bytes:
    """Return the record of the encoded features of an example.

    The same features have the same bytes. TFDS's own `serialize_example` writes the fields in an order that changes
    from process to process.
    """
    return serializer.get_tf_example(example).SerializeToString(deterministic=True)


def count_examples(examples: Sequence[Example]) -> dict[str, int]:
    """Count inks, strokes, tokens and inks with known alignment ("aligned")."""
    return {
        "inks": len(examples),
        "strokes": sum(len(example.ink.strokes) for example in examples),
        "tokens": sum(len(example.tokens) for example in examples),
        "aligned": sum(bool((example.stroke_tokens >= 0).any()) for example in examples),
    }


class StrokeSample:
    """A uniform random sample of all strokes that were added (reservoir sampling with a fixed seed)."""

    def __init__(self, size: int):
        self.strokes: list[tuple[str, int, np.ndarray]] = []
        self._size, self._seen, self._random = size, 0, random.Random(0)

    def add(self, ink: Ink) -> None:
        """Add the strokes of an ink, each of which may enter the sample."""
        for index, stroke in enumerate(ink.strokes):
            self._seen += 1
            place = len(self.strokes) if len(self.strokes) < self._size else self._random.randrange(self._seen)
            if place < self._size:
                self.strokes[place : place + 1] = [(ink.source, index, stroke)]


def label_ink(ink: Ink, label: str, strict: bool) -> tuple[Example, LatexError | None]:
    """Convert an ink into an example with canonical tokens and alignment.

    Args:
        ink: The ink.
        label: Its LaTeX label.
        strict: Whether a label that cannot be parsed is an error. Otherwise its tokens are used as they are.

    Returns:
        The example, and the error of a label that cannot be parsed.

    Raises:
        InkError: The label is empty or shows nothing.
        LatexError: The label cannot be parsed and `strict` is true.
    """
    if not label.strip():
        raise InkError("has no label", source=ink.source)
    try:
        tokens = normalize(label)
    except LatexError as error:
        if strict:
            raise
        tokens = tuple(token.text for token in tokenize(label))
        return Example(ink, tokens, np.full(len(ink.strokes), -1, np.int32)), error
    if not tokens:
        raise InkError(f"its label {label!r} shows nothing", source=ink.source)
    return Example(ink, tokens, stroke_tokens(ink, tokens)), None


def progress(inks: Inks, total: int, limit: int | None, name: str) -> Iterator[tuple[str, Ink | InkError]]:
    """Yield the first `limit` of the inks, drawing a progress bar called `name`."""
    if limit is not None:
        inks, total = itertools.islice(inks, limit), min(total, limit)
    seconds = 0.1 if sys.stderr.isatty() else 30.0  # in a log file, every update is a new line
    yield from tqdm(inks, desc=name, total=total, unit=" inks", dynamic_ncols=True, mininterval=seconds)


def count_inks(path: Path) -> int:
    """Count the inks of a folder or archive. Compressed tars are read completely (one second for CROHME's)."""
    return sum(map(is_ink, list_files(path)))


def limit_of(variant: str) -> int | None:
    """Return the limit at the end of a variant's name, as in `limit_100` or `wide_limit_100`, or None."""
    found = re.search(r"(?:^|_)limit_([1-9]\d*)$", variant)
    return int(found[1]) if found else None


def stem(source: str) -> str:
    """Return the file name without folders and suffix, which is the name of an ink in lists of labels."""
    return PurePath(source).stem


def find_source(source: Path, name: str, suffixes: Sequence[str], folder: str) -> Path | None:
    """Find a file or folder in `source` or in `source/folder`.

    `--source` may name the folder of a dataset or its parent folder, which holds several datasets.

    Args:
        source: The path given by `--source`.
        name: Name without suffix.
        suffixes: Possible suffixes in the order of preference.
        folder: Name of the folder of the dataset.

    Returns:
        The first existing path, or None.
    """
    candidates = (parent / (name + suffix) for parent in (source, source / folder) for suffix in suffixes)
    return next((path for path in candidates if path.exists()), None)
