"""Recombined ink as a prepared dataset: the first N inks of the endless sequence that training makes on the fly.

The inks are made in shards. Each shard is written atomically into a folder beside the directory of the dataset. The
inks of a shard depend only on N, so several processes, or the workers of a Beam runner, can make shards in any order,
and an interrupted run continues with the missing shards. When all shards exist, they are moved into the dataset.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from array_record.python.array_record_module import ArrayRecordWriter
from tqdm import tqdm

from tegashiki.datasets.builder import FEATURES, DatasetError, InkBuilder, count_examples, serialize
from tegashiki.ink.example import Example, to_features
from tegashiki.safe_files import atomic_write

FEWEST, MOST = 256, 8192  # minimum and maximum number of inks per shard
SHARDS = 64  # preferred number of shards: enough for many workers, but not too many files
BOXES = tfds.features.Tensor(
    shape=(None, 3),
    dtype=np.float32,
    doc=tfds.features.Documentation(
        desc="Centre x, centre y and size of the frame of each stroke, as for a model; empty for original ink",
        value_range="median stroke sizes",
    ),
)

Make = Callable[[int, int], Iterable[Example]]  # (start, count) -> inks; pickled for other processes


@dataclass(frozen=True)
class Recipe:
    """The definition of a dataset of recombined inks.

    Attributes:
        make: Makes the inks of a range.
        inks: Number of inks.
        settings: Everything that the inks depend on, as JSON. Other settings define another dataset.
        made_from: Names and versions of the datasets whose ink is recombined.
        terms: The terms of these datasets, which also apply to the recombined inks.
        validation: Original inks for validation.
    """

    make: Make
    inks: int
    settings: dict[str, Any]
    made_from: tuple[str, ...]
    terms: str
    validation: Iterable[Example]

    @property
    def shards(self) -> list[range]:
        """The ranges of inks of the shards."""
        size = min(max(-(-self.inks // SHARDS), FEWEST), MOST)
        return [range(start, min(start + size, self.inks)) for start in range(0, self.inks, size)]

    def identity(self) -> dict[str, Any]:
        """Return the values that identify this dataset."""
        return {"inks": self.inks, "made_from": list(self.made_from), "settings": self.settings}


class Synthetic(InkBuilder):
    """TFDS builder `synthetic`; prepare it with `tegashiki prepare synthetic --config CONFIG --inks N`.

    Args:
        recipe: The definition of the dataset; None for a dataset that is only read.
        workers: Number of worker processes; 0 uses this process.
        kwargs: Arguments of `InkBuilder`.
    """

    VERSION = tfds.core.Version("1.0.0")
    DESCRIPTION = """Handwritten formulas recombined from real ink, with strokes linked to canonical LaTeX tokens.

`train` contains the inks that `tegashiki train` makes on the fly with the settings in the metadata, in the same order.
`validation` contains original inks of the source. The points of `train` are those that a model reads; `boxes` places
the strokes in the ink.
"""
    FEATURES: ClassVar = {**FEATURES, "boxes": BOXES}

    def __init__(self, *, recipe: Recipe | None = None, workers: int = 0, **kwargs: Any):
        self._recipe, self._workers = recipe, workers
        self.LICENSE = recipe.terms if recipe else ""
        super().__init__(**kwargs)

    @property
    def recipe(self) -> Recipe:
        """The definition of the dataset.

        Raises:
            DatasetError: The builder has no definition.
        """
        if self._recipe is None:
            raise DatasetError(
                "synthetic needs a config and a number of inks: tegashiki prepare synthetic --config CONFIG --inks N"
            )
        return self._recipe

    @property
    def unfinished(self) -> Path:
        """The folder of the shards until all of them exist. Another recipe has another folder."""
        identity = json.dumps(self.recipe.identity(), sort_keys=True).encode()
        place = Path(self.data_dir_root, self.name, self.builder_config_name or "")
        return place / f"unfinished-{hashlib.sha256(identity).hexdigest()[:12]}"

    def check_recipe(self) -> None:
        """Check that an existing dataset was made by the same recipe.

        Raises:
            DatasetError: The dataset was made by another recipe.
        """
        there = tfds.builder_from_directory(self.data_path).info.metadata or {}
        wanted = self.recipe.identity()
        changed = [name for name, value in wanted.items() if there.get(name) != value]
        if changed:
            raise DatasetError(
                f"{self.data_path} exists but has other {' and '.join(changed)}: use --force to make it again, or "
                "--name NAME to keep both"
            )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {"validation": self._generate_examples("validation", self.recipe.validation)}

    def _generate_examples(self, split: str, examples: Iterable[Example]) -> Iterator[tuple[str, dict[str, Any]]]:
        for key, features in super()._generate_examples(split, examples):
            yield key, {**features, "boxes": np.zeros((0, 3), np.float32)}

    def _download_and_prepare(self, dl_manager: Any, download_config: Any) -> None:
        super()._download_and_prepare(dl_manager, download_config)
        shards = self._make_shards(download_config)
        template = self._get_filename_template("train")
        for index, shard in enumerate(shards):
            place = template.sharded_filepath(shard_index=index, num_shards=len(shards))
            shard.records.rename(place)
        lengths = [shard.counts["inks"] for shard in shards]
        train = tfds.core.SplitInfo("train", lengths, sum(shard.bytes for shard in shards), template)
        self.info.set_splits(tfds.core.splits.SplitDict([train, *self.info.splits.values()]))
        counts = sum((Counter(shard.counts) for shard in shards), Counter())
        self.counts = {"train": counts, **self.counts}
        self.info.metadata["counts"] = {split: dict(counts) for split, counts in self.counts.items()}
        self.info.metadata.update(self.recipe.identity())

    def _post_download_and_prepare_hook(self) -> None:
        """Remove the folder of the shards after the dataset was renamed to its final name."""
        for path in self.unfinished.iterdir():
            path.unlink()
        self.unfinished.rmdir()

    def _make_shards(self, download_config: Any) -> list["Shard"]:
        """Make the missing shards and return all shards."""
        self.unfinished.mkdir(parents=True, exist_ok=True)
        shards = [Shard(self.unfinished, inks) for inks in self.recipe.shards]
        missing = [shard for shard in shards if not shard.finished]
        write = partial(write_shard, make=self.recipe.make, features=self.info.features)
        with tqdm(total=self.recipe.inks, desc="train", unit=" inks", dynamic_ncols=True) as progress:
            progress.update(sum(len(shard.inks) for shard in shards if shard.finished))
            for count in self._write(write, missing, download_config):
                progress.update(count)
        return shards

    def _write(self, write: Callable[["Shard"], int], shards: Sequence["Shard"], download_config: Any) -> Iterator[int]:
        if download_config.beam_runner or download_config.beam_options:
            write_with_beam(write, shards, download_config.beam_runner, download_config.beam_options)
            yield sum(len(shard.inks) for shard in shards)
        elif self._workers and shards:
            # Spawn new processes instead of forking, because this process may run threads. Each process builds its own
            # index for recombination.
            with get_context("spawn").Pool(min(self._workers, len(shards))) as pool:
                yield from pool.imap_unordered(write, shards)
        else:
            yield from map(write, shards)


@dataclass(frozen=True)
class Shard:
    """A range of inks and its two files: the records, and their counts, which are written last."""

    folder: Path
    inks: range

    @property
    def records(self) -> Path:
        """The array_record file."""
        return self.folder / f"{self.inks.start:09d}.array_record"

    @property
    def summary(self) -> Path:
        """The JSON file of the counts. If it exists, the shard is complete."""
        return self.folder / f"{self.inks.start:09d}.json"

    @property
    def finished(self) -> bool:
        """Whether the shard is complete."""
        return self.summary.is_file() and self.records.is_file()

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of inks, strokes, tokens and inks with known alignment."""
        return json.loads(self.summary.read_text("utf-8"))["counts"]

    @property
    def bytes(self) -> int:
        """Size of the records in bytes before compression."""
        return json.loads(self.summary.read_text("utf-8"))["bytes"]


def write_shard(shard: Shard, make: Make, features: tfds.features.FeaturesDict) -> int:
    """Make and write the inks of a shard.

    Another process may write the same shard at the same time.

    Args:
        shard: The shard.
        make: Makes the inks of a range.
        features: The features of the dataset.

    Returns:
        Number of inks.
    """
    serializer = tfds.core.example_serializer.ExampleSerializer(features.get_serialized_info())
    size, examples = 0, list(make(shard.inks.start, len(shard.inks)))
    with atomic_write(shard.records) as unfinished:
        writer = ArrayRecordWriter(str(unfinished), "group_size:1")
        for example in examples:
            record = serialize(serializer, features.encode_example(to_features(example)))
            writer.write(record)
            size += len(record)
        writer.close()
    with atomic_write(shard.summary) as unfinished:
        unfinished.write_text(json.dumps({"counts": count_examples(examples), "bytes": size}), "utf-8")
    return len(examples)


def write_with_beam(write: Callable[[Shard], int], shards: Sequence[Shard], runner: Any, options: Any) -> None:
    """Write shards with a Beam pipeline, whose workers must share the folder. This requires the extra `beam`."""
    import apache_beam as beam

    with beam.Pipeline(runner=runner, options=options) as pipeline:
        _ = pipeline | beam.Create(shards) | beam.Reshuffle() | beam.Map(write)
