"""From a config and a data directory to batches: everything about a run that depends on the data."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import grain
import numpy as np
from absl import flags

from tegashiki.datasets.prepared import find_data_dir, open_builder
from tegashiki.datasets.writers import check_training
from tegashiki.errors import UserError
from tegashiki.input_pipeline.batching import (
    Batch,
    BatchSource,
    EncodedInk,
    Limits,
    batch_rows,
    evaluation_batches,
    lengths,
)
from tegashiki.input_pipeline.buckets import Bucket, Cost, choose_buckets, padded_fraction
from tegashiki.input_pipeline.packed import Packed, PackedFramedInks, PackedInks, open_store, select_packed
from tegashiki.input_pipeline.recombined import SAMPLE, Recombination, RecombinedSource
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.models.flops import ink_flops
from tegashiki.synthesis.formula_source import training_lines
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.config import Config, differences, with_current_names

VALIDATION_ROWS = 32  # inks decoded together


@dataclass(frozen=True)
class Feed:
    """The encoded inks of a run and the shapes they are batched in."""

    train: Sequence[EncodedInk]  # as they were written, or a sample of the recombined ink
    recombination: Recombination | None
    validation: Sequence[EncodedInk]
    buckets: tuple[Bucket, ...]
    rows: tuple[int, ...]  # of each bucket's training batches, over all processes
    validation_buckets: tuple[Bucket, ...]
    cost: Cost
    notes: tuple[str, ...]  # what was read and what was left out, for people
    made_from: tuple[str, ...] = ()  # the datasets that ready-made ink (`synthetic`) comes from

    def source(self, config: Config, process: tuple[int, int] = (0, 1)) -> BatchSource | RecombinedSource:
        """Return the training batches of this process."""
        steps = config.train.steps
        if self.recombination is not None:
            made, seed = self.recombination, config.train.seed
            return RecombinedSource(made, self.buckets, self.rows, self.cost, steps, process, seed)
        return BatchSource(self.train, self.buckets, self.rows, self.cost, config.train.seed, steps, process)

    def validation_batches(
        self, row_multiple: int = 1, process: tuple[int, int] = (0, 1)
    ) -> Iterable[tuple[np.ndarray, Batch]]:
        """Yield this process's share of the validation inks, in padded batches of a multiple of so many rows."""
        rows = [-(-VALIDATION_ROWS // row_multiple) * row_multiple] * len(self.validation_buckets)
        return evaluation_batches(self.validation, self.validation_buckets, rows, self.cost, process)


def open_feed(config: Config, vocabulary: Vocabulary, data_dir: str | Path | None, row_multiple: int) -> Feed:
    """Read and encode the run's splits, and choose its buckets.

    Args:
      config: of the run.
      vocabulary: token ids.
      data_dir: where `tegashiki prepare` put the datasets; None is the default place.
      row_multiple: batches have a multiple of this many rows (devices times micro-batches).
    """
    data = config.data
    notes: list[str] = []
    recombination = None
    made_from = _check_made(config, data_dir, notes) if made_ahead(data.dataset) else ()
    as_written = config.recombine == RecombineConfig.none() and config.habits == HabitsConfig()
    if made_from or as_written:
        train: Sequence[EncodedInk] = _read_train(config, vocabulary, data_dir, notes)
    else:
        recombination = open_recombination(config, vocabulary, data_dir, notes)
        train = recombination.inks(0, SAMPLE)
        notes.append(f"recombined on the fly; {len(train)} of the new inks choose the shapes")
    validation = [(data.dataset, data.validation)]
    held_out = _read(config, validation, data.validation_inks, vocabulary, data_dir, notes)
    cost = partial(ink_flops, config.model, len(vocabulary))
    strokes, tokens = lengths(train)
    buckets = choose_buckets(strokes, tokens, cost, data.buckets)
    if recombination is not None:
        buckets = _with_limits(buckets, data.limits)
    rows = batch_rows(buckets, strokes, tokens, cost, data.inks_per_step, row_multiple)
    notes.append(_describe_buckets(buckets, rows, strokes, tokens, cost))
    validation_buckets = choose_buckets(*lengths(held_out), cost, min(4, data.buckets)) if held_out else ()
    return Feed(train, recombination, held_out, buckets, rows, validation_buckets, cost, tuple(notes), made_from)


def made_ahead(dataset: str) -> bool:
    """Whether a dataset holds recombined ink, of which training makes no more."""
    return dataset.split("/")[0] == "synthetic"


def recombination_settings(config: Config) -> dict[str, Any]:
    """Return the settings that recombined ink depends on, as JSON."""
    settings = config.to_json()
    names = ("dataset", "train", "train_inks", "symbols", "lines", "formulas", "limits")
    return {
        "data": {name: settings["data"][name] for name in names},
        "recombine": settings["recombine"],
        "habits": settings["habits"],
        "seed": settings["train"]["seed"],
    }


def _check_made(config: Config, data_dir: str | Path | None, notes: list[str]) -> tuple[str, ...]:
    """Return what ready-made ink was made from; a config that asks for another recombination is an error."""
    made = open_builder(config.data.dataset, find_data_dir(data_dir)).info.metadata
    wanted, there = recombination_settings(config), with_current_names(made["settings"])
    parts = () if config.recombine == RecombineConfig.none() else ("recombine", "habits")
    changed = [line for part in parts for line in differences(there[part], wanted[part], f"{part}.")]
    if changed:
        raise UserError(
            f"{config.data.dataset} was made with other settings; prepare it again, or recombine nothing:\n  "
            + "\n  ".join(changed)
        )
    notes.append(f"recombined ahead of time out of {', '.join(made['made_from'])}: nothing is recombined again")
    splits = tuple(f"symbols/{split.split('[')[0]}" for split in there["data"]["symbols"])
    return tuple(name for name in made["made_from"] if not (splits and name.startswith("symbols/"))) + splits


def open_recombination(
    config: Config, vocabulary: Vocabulary, data_dir: str | Path | None, notes: list[str]
) -> Recombination:
    """Gather what new inks are made of: the training splits, isolated symbols, formulas to typeset.

    What was read is added to `notes`.
    """
    data = config.data
    inks = _read_train(config, vocabulary, data_dir, notes)
    drawings = [open_store("symbols", split, 0, data_dir) for split in data.symbols]
    everything = Limits(strokes=2**31, tokens=2**31)
    symbols = PackedInks([(store, select_packed(store, vocabulary, everything)[0]) for store in drawings], vocabulary)
    lines = training_lines(find_data_dir(data_dir) / data.formulas) if data.formulas else []
    if symbols or lines:
        notes.append(f"to draw from: {len(symbols)} isolated symbols, {len(lines)} formulas")
    return Recombination(
        PackedFramedInks(inks),
        vocabulary,
        data.limits,
        config.recombine,
        config.train.seed,
        config.habits,
        PackedFramedInks(symbols),
        lines,
    )


def open_stores(config: Config, data_dir: str | Path | None) -> list[Packed]:
    """Open, and where needed make, the stores of all that new inks are made of: the training splits, then symbols."""
    data = config.data
    splits = [open_store(data.dataset, split, data.train_inks, data_dir) for split in data.train]
    splits += [open_store("lines", split, data.train_inks, data_dir) for split in data.lines]
    return splits + [open_store("symbols", split, 0, data_dir) for split in data.symbols]


def _with_limits(buckets: tuple[Bucket, ...], limits: Limits) -> tuple[Bucket, ...]:
    """Let the largest shape hold whatever is within the limits: a sample of the recombined ink is not all of it."""
    return (*buckets[:-1], Bucket(limits.strokes, limits.tokens))


def _describe_buckets(
    buckets: tuple[Bucket, ...], rows: tuple[int, ...], strokes: np.ndarray, tokens: np.ndarray, cost: Cost
) -> str:
    shapes = ", ".join(f"{b.strokes} x {b.tokens}: {count}" for b, count in zip(buckets, rows, strict=True))
    whole = [Bucket(int(strokes.max()), int(tokens.max()))]
    return (
        f"{len(buckets)} shapes (strokes x tokens: rows): {shapes}; padding costs "
        f"{padded_fraction(strokes, tokens, buckets, cost):.1%}, "
        f"in one shape it would {padded_fraction(strokes, tokens, whole, cost):.1%}"
    )


def _read_train(config: Config, vocabulary: Vocabulary, data_dir: str | Path | None, notes: list[str]) -> PackedInks:
    """Open the training splits; UserError where one, or one of the symbols or lines, is for validation only."""
    data = config.data
    check_training(data.dataset, data.train)
    check_training("symbols", data.symbols)
    check_training("lines", data.lines)
    splits = [*((data.dataset, split) for split in data.train), *(("lines", split) for split in data.lines)]
    train = _read(config, splits, data.train_inks, vocabulary, data_dir, notes)
    if not train:
        raise UserError(f"{data.dataset} {data.train} holds no ink that can be trained on: {'; '.join(notes)}")
    return train


def _read(
    config: Config,
    splits: Iterable[tuple[str, str]],
    limit: int,
    vocabulary: Vocabulary,
    data_dir: str | Path | None,
    notes: list[str],
) -> PackedInks:
    """Open the inks of (dataset, split) that can be trained on, and note how many were left out and why."""
    parts = []
    for dataset, split in splits:
        store = open_store(dataset, split, limit, data_dir)
        kept, left_out = select_packed(store, vocabulary, config.data.limits)
        because = "".join(f", {number} left out: {reason}" for reason, number in left_out.items())
        notes.append(f"{dataset}/{split}: {len(kept)} inks{because}")
        parts.append((store, kept))
    return PackedInks(parts, vocabulary)


def prefetch(source: BatchSource | RecombinedSource, start: int, workers: int = 0) -> Iterator[Batch]:
    """Yield batches from `start` on, made ahead of their use.

    Args:
      source: the batches.
      start: the first one's number.
      workers: processes that recombine ink, the batches being the same for any number; 0 is a thread of this process,
        which gives a few hundred inks a second: enough for a CPU, far too few for an accelerator.
    """
    if not isinstance(source, RecombinedSource):
        dataset = grain.MapDataset.source(source)[start:]
        return iter(dataset.to_iter_dataset(grain.ReadOptions(num_threads=2, prefetch_buffer_size=16)))
    window, place = divmod(start, source.batches_per_window)
    windows = grain.MapDataset.source(source)[window:]
    ahead = windows.to_iter_dataset(grain.ReadOptions(num_threads=1, prefetch_buffer_size=2))
    if workers:
        flags.FLAGS.mark_as_parsed()  # grain's processes take their settings from absl's flags
        ahead = ahead.mp_prefetch(grain.MultiprocessingOptions(num_workers=workers, per_worker_buffer_size=2))
    return islice(chain.from_iterable(ahead), place, None)
