"""What all our TFDS builders share: the features, the inks left out, the check of the simplifier, `--limit`.

Features are flat and the file format is array_record, because that is what TFDS prepares and reads with no
TensorFlow installed. TFDS writes to an incomplete directory and renames it at the very end, so a set whose
preparation was interrupted, or refused by the check, does not exist.
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

import numpy as np
import tensorflow_datasets as tfds
from etils import epath
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
    """A dataset cannot be prepared; the message says what is missing or wrong and what to do."""


FEATURES: dict[str, tfds.features.FeatureConnector] = {
    "points": tfds.features.Tensor(
        shape=(None, 2),
        dtype=np.float32,
        doc=tfds.features.Documentation(
            desc="x and y of the points of all strokes end to end, as written, y downwards",
            value_range="the file's unit",
        ),
    ),
    "stroke_lengths": tfds.features.Tensor(
        shape=(None,), dtype=np.int32, doc="How many points each stroke has, in the order in which they were written"
    ),
    "stroke_tokens": tfds.features.Tensor(
        shape=(None,),
        dtype=np.int32,
        doc=tfds.features.Documentation(
            desc="For each stroke which of the tokens it draws, -1 where that is not known",
            value_range="-1 to the number of tokens less 1",
        ),
    ),
    "tokens": tfds.features.Text(doc="The canonical LaTeX label: tokens with a space between them"),
    "label": tfds.features.Text(doc="The label as the file has it; empty where it has none"),
    "writer": tfds.features.Text(doc="Who wrote it; empty where nobody knows"),
    "source": tfds.features.Text(doc="The ink's name in its archive or folder"),
    "structure": tfds.features.Text(
        doc="The file's symbol groups and MathML tree as JSON, for `load_examples(structure=True)`; empty without them"
    ),
}


@dataclasses.dataclass
class InkConfig(tfds.core.BuilderConfig):
    """A variant of a dataset; `limit` is the number of inks taken from each of its parts, None for all."""

    limit: int | None = None


class InkBuilder(tfds.core.GeneratorBasedBuilder):
    """Base of the dataset builders; they define `_split_generators` and pass examples to `_generate_examples`.

    Args:
        source: Where the ink lies; None for TFDS's manual directory, or its download where there is one.
        limit: Take only so many inks of each part. Such a set has a directory of its own, `NAME/limit_N`, so that
            a trial is never taken for the whole.
        variant: A name to keep several sets of one builder apart: `NAME/VARIANT`. Whatever it is, it limits nothing.
        kwargs: As TFDS takes them, `data_dir` above all. Its `config` may be a variant's name, limit included: TFDS has
            no other way to say a limit.

    Attributes:
        skipped: For each split the (source, reason) of the inks that were left out.
        unparsed: For each split the (source, reason) of the inks of test sets whose label does not parse.
        counts: For each split, how many inks, strokes, tokens and inks with known alignment ("aligned").
    """

    VERSION: ClassVar = tfds.core.Version("1.0.0")
    code_path: ClassVar = epath.Path(__file__)  # TFDS's own search for it imports a package that it does not require
    TRAINING_SPLITS: ClassVar[frozenset[str]] = frozenset({"train"})  # where an ink may be left out
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
        """How many inks to take from each part of the source; None for all."""
        return self.builder_config.limit if self.builder_config else None

    def check_limit(self) -> None:
        """Raise DatasetError where the set is there but was made with another limit, under the same name.

        `--name size --limit 5` and `--name size_limit_5` have one directory.
        """
        there = tfds.builder_from_directory(self.data_path).info.metadata or {}
        if there.get("limit", self.limit) != self.limit:
            limits = [f"{limit} inks a part" if limit else "all inks" for limit in (there["limit"], self.limit)]
            raise DatasetError(
                f"{self.data_path} is there but was made of {limits[0]}, not of {limits[1]}: --force makes it again, "
                "--name NAME keeps both"
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

        Training goes on without the inks that cannot be used, counting them. A test set without its hard
        inks would be another test set: there a label that does not parse is kept, token by token, and
        what cannot be read at all is an error.

        Raises:
            DatasetError: for an ink of a test set that cannot be read or has no label.
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
        """Note that an ink was left out, and why."""
        self.skipped.setdefault(split, []).append((source, str(reason)))

    def _generate_examples(self, split: str, examples: Iterable[Example]) -> Iterator[tuple[str, dict[str, Any]]]:
        counts = self.counts.setdefault(split, Counter())
        names: Counter[str] = Counter()  # TFDS wants them all different
        for example in examples:
            name = storable(example.ink.source)
            names[name] += 1
            counts.update(count_examples([example]))
            self._sample.add(example.ink)
            yield name, to_features(example)
        if not counts["inks"]:
            reason = "; the first was left out because " + self.skipped[split][0][1] if split in self.skipped else ""
            raise DatasetError(f"{split} has no ink that can be used{reason}")
        if twice := [name for name, count in names.items() if count > 1]:
            raise DatasetError(
                f"{split} has several inks of one name, such as {twice[0]}: rename or leave out all but one"
            )

    def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        super()._download_and_prepare(*args, **kwargs)
        check_simplifier(self._sample.strokes)  # raising here leaves no dataset behind
        self.info.metadata["limit"] = self.limit
        self.info.metadata["counts"] = {split: dict(counts) for split, counts in self.counts.items()}
        self.info.metadata["skipped"] = {split: len(skipped) for split, skipped in self.skipped.items()}


def count_examples(examples: Sequence[Example]) -> dict[str, int]:
    """How many inks, strokes, tokens and inks with known alignment ("aligned")."""
    return {
        "inks": len(examples),
        "strokes": sum(len(example.ink.strokes) for example in examples),
        "tokens": sum(len(example.tokens) for example in examples),
        "aligned": sum(bool((example.stroke_tokens >= 0).any()) for example in examples),
    }


class StrokeSample:
    """A random sample of all strokes seen, each equally likely to be in it (reservoir sampling, fixed seed)."""

    def __init__(self, size: int):
        self.strokes: list[tuple[str, int, np.ndarray]] = []
        self._size, self._seen, self._random = size, 0, random.Random(0)

    def add(self, ink: Ink) -> None:
        """Let the strokes of an ink take their chance."""
        for index, stroke in enumerate(ink.strokes):
            self._seen += 1
            place = len(self.strokes) if len(self.strokes) < self._size else self._random.randrange(self._seen)
            if place < self._size:
                self.strokes[place : place + 1] = [(ink.source, index, stroke)]


def label_ink(ink: Ink, label: str, strict: bool) -> tuple[Example, LatexError | None]:
    """Return an ink with canonical tokens and alignment, and what is wrong with its label, if anything.

    Args:
        ink: The ink.
        label: Its LaTeX.
        strict: Whether a label that does not parse is an error; else its tokens are taken as they stand.

    Raises:
        InkError: for an empty label.
        LatexError: for one that does not parse, if strict.
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
    seconds = 0.1 if sys.stderr.isatty() else 30.0  # a log keeps every bar
    yield from tqdm(inks, desc=name, total=total, unit=" inks", dynamic_ncols=True, mininterval=seconds)


def count_inks(path: Path) -> int:
    """How many inks a folder or archive holds; compressed tars are read through once (a second for CROHME's)."""
    return sum(map(is_ink, list_files(path)))


def limit_of(variant: str) -> int | None:
    """Return the limit that a variant's name ends with, as in `limit_100` or `wide_limit_100`; None without one."""
    found = re.search(r"(?:^|_)limit_([1-9]\d*)$", variant)
    return int(found[1]) if found else None


def stem(source: str) -> str:
    """File name without folders and suffix: what label lists call an ink."""
    return PurePath(source).stem


def find_source(source: Path, name: str, suffixes: Sequence[str], folder: str) -> Path | None:
    """Return the file or folder `name` in `source` or in `source/folder`, with the first suffix that is there.

    `--source` may name a dataset's own folder, or the folder above it that holds several datasets.
    """
    candidates = (parent / (name + suffix) for parent in (source, source / folder) for suffix in suffixes)
    return next((path for path in candidates if path.exists()), None)
