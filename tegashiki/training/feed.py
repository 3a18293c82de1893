"""From a config and a data directory to batches: everything about a run that depends on the data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import grain
import numpy as np

from tegashiki.config import Config
from tegashiki.datasets.reading import load_examples
from tegashiki.errors import UserError
from tegashiki.input_pipeline.batching import (
    Batch,
    BatchSource,
    EncodedInk,
    batch_rows,
    encode_examples,
    evaluation_batches,
    lengths,
)
from tegashiki.input_pipeline.buckets import Bucket, Cost, choose_buckets, padded_fraction
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.models.flops import ink_flops

VALIDATION_ROWS = 32  # inks decoded together


@dataclass(frozen=True)
class Feed:
    """The encoded inks of a run and the shapes they are batched in."""

    train: list[EncodedInk]
    validation: list[EncodedInk]
    buckets: tuple[Bucket, ...]
    rows: tuple[int, ...]  # of each bucket's training batches, over all processes
    validation_buckets: tuple[Bucket, ...]
    cost: Cost
    notes: tuple[str, ...]  # what was read and what was left out, for people

    def source(self, config: Config, process: tuple[int, int] = (0, 1)) -> BatchSource:
        """Return the training batches of this process."""
        return BatchSource(
            self.train, self.buckets, self.rows, self.cost, config.train.seed, config.train.steps, process
        )

    def validation_batches(self) -> Iterable[tuple[np.ndarray, Batch]]:
        """Return every validation ink once, in padded batches."""
        rows = [VALIDATION_ROWS] * len(self.validation_buckets)
        return evaluation_batches(self.validation, self.validation_buckets, rows, self.cost)


def open_feed(config: Config, vocabulary: Vocabulary, data_dir: str | None, row_multiple: int) -> Feed:
    """Read and encode the run's splits, and choose its buckets.

    Args:
      config: of the run.
      vocabulary: token ids.
      data_dir: where `tegashiki prepare` put the datasets; None is the default place.
      row_multiple: batches have a multiple of this many rows (devices times micro-batches).
    """
    data = config.data
    read = partial(load_examples, data.dataset, data_dir=data_dir)
    notes: list[str] = []
    train: list[EncodedInk] = []
    for split in data.train:
        train += _encode(read(split=split), data.train_inks, vocabulary, config, f"{data.dataset}/{split}", notes)
    name = f"{data.dataset}/{data.validation}"
    validation = _encode(read(split=data.validation), data.validation_inks, vocabulary, config, name, notes)
    if not train:
        raise UserError(f"{data.dataset} {data.train} holds no ink that can be trained on: {'; '.join(notes)}")
    cost = partial(ink_flops, config.model, len(vocabulary))
    strokes, tokens = lengths(train)
    buckets = choose_buckets(strokes, tokens, cost, data.buckets)
    rows = batch_rows(buckets, strokes, tokens, cost, data.inks_per_step, row_multiple)
    notes.append(
        f"{len(buckets)} shapes (strokes x tokens: rows): "
        + ", ".join(f"{b.strokes} x {b.tokens}: {count}" for b, count in zip(buckets, rows, strict=True))
        + f"; padding costs {padded_fraction(strokes, tokens, buckets, cost):.1%}, "
        + f"in one shape it would {padded_fraction(strokes, tokens, [Bucket(strokes.max(), tokens.max())], cost):.1%}"
    )
    validation_buckets = choose_buckets(*lengths(validation), cost, 4) if validation else ()
    return Feed(train, validation, buckets, rows, validation_buckets, cost, tuple(notes))


def _encode(
    examples, limit: int, vocabulary: Vocabulary, config: Config, name: str, notes: list[str]
) -> list[EncodedInk]:
    count = min(limit, len(examples)) if limit else len(examples)
    inks, left_out = encode_examples((examples[i] for i in range(count)), vocabulary, config.data.limits)
    because = "".join(f", {number} left out: {reason}" for reason, number in left_out.items())
    notes.append(f"{name}: {len(inks)} inks{because}")
    return inks


def prefetch(source: BatchSource, start: int) -> Iterator[Batch]:
    """Yield batches from `start` on, made by threads ahead of their use."""
    dataset = grain.MapDataset.source(source)[start:]
    return iter(dataset.to_iter_dataset(grain.ReadOptions(num_threads=2, prefetch_buffer_size=16)))
