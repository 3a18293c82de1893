"""Training and validation batches of a run, made from its config and the data directory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import grain
import numpy as np
from absl import flags

from tegashiki.datasets.held_out_people import check_training
from tegashiki.datasets.prepared import find_data_dir, open_builder
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
from tegashiki.models.multiply_adds import ink_multiply_adds
from tegashiki.synthesis.formula_source import training_lines
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.config import Config, differences, with_current_names

VALIDATION_ROWS = 32  # inks in a validation batch


@dataclass(frozen=True)
class Feed:
    """The encoded inks of a run and the shapes of its batches."""

    train: Sequence[EncodedInk]  # the original inks, or a sample of the recombined ones
    recombination: Recombination | None  # None if the original inks are trained on
    validation: Sequence[EncodedInk]
    buckets: tuple[Bucket, ...]
    rows: tuple[int, ...]  # rows of the training batches of each bucket, over all processes
    validation_buckets: tuple[Bucket, ...]
    cost: Cost
    notes: tuple[str, ...]  # lines of text about the inks that were read and left out
    made_from: tuple[str, ...] = ()  # datasets from which ink that was recombined in advance (`synthetic`) was made

    def source(self, config: Config, process: tuple[int, int] = (0, 1)) -> BatchSource | RecombinedSource:
        """Return the training batches of one process.

        Args:
            config: The config of the run.
            process: Index of the process and number of processes.
        """
        steps = config.train.steps
        if self.recombination is not None:
            made, seed = self.recombination, config.train.seed
            return RecombinedSource(made, self.buckets, self.rows, self.cost, steps, process, seed)
        return BatchSource(self.train, self.buckets, self.rows, self.cost, config.train.seed, steps, process)

    def validation_batches(
        self, row_multiple: int = 1, process: tuple[int, int] = (0, 1)
    ) -> Iterable[tuple[np.ndarray, Batch]]:
        """Return the validation batches of one process.

        Args:
            row_multiple: The number of rows in each batch is a multiple of this.
            process: Index of the process and number of processes.

        Returns:
            Pairs: the indices of the inks in `validation`, and the padded batch.
        """
        rows = [-(-VALIDATION_ROWS // row_multiple) * row_multiple] * len(self.validation_buckets)
        return evaluation_batches(self.validation, self.validation_buckets, rows, self.cost, process)


def open_feed(config: Config, vocabulary: Vocabulary, data_dir: str | Path | None, row_multiple: int) -> Feed:
    """Read and encode the splits of a run, and choose its buckets.

    Args:
        config: The config of the run.
        vocabulary: The vocabulary of the run.
        data_dir: Directory of the prepared datasets; None for the default one.
        row_multiple: The number of rows in each batch is a multiple of this (devices times micro-batches).

    Raises:
        DatasetNotReadyError: A dataset has not been prepared.
        UserError: No ink can be trained on, a split is for validation only, or synthetic ink was made with other
            settings.
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
        notes.append(f"recombined on the fly; the shapes are chosen from {len(train)} recombined inks")
    validation = [(data.dataset, data.validation)]
    held_out = _read(config, validation, data.validation_inks, vocabulary, data_dir, notes)
    cost = partial(ink_multiply_adds, config.model, len(vocabulary))
    strokes, tokens = lengths(train)
    buckets = choose_buckets(strokes, tokens, cost, data.buckets)
    if recombination is not None:
        buckets = _with_limits(buckets, data.limits)
    rows = batch_rows(buckets, strokes, tokens, cost, data.inks_per_step, row_multiple)
    notes.append(_describe_buckets(buckets, rows, strokes, tokens, cost))
    validation_buckets = choose_buckets(*lengths(held_out), cost, min(4, data.buckets)) if held_out else ()
    return Feed(train, recombination, held_out, buckets, rows, validation_buckets, cost, tuple(notes), made_from)


def made_ahead(dataset: str) -> bool:
    """Return whether the ink of a dataset was recombined in advance, so that training does not recombine it again."""
    return dataset.split("/")[0] == "synthetic"


def recombination_settings(config: Config) -> dict[str, Any]:
    """Return the settings on which recombined ink depends, as JSON values by section."""
    settings = config.to_json()
    names = ("dataset", "train", "train_inks", "symbols", "lines", "formulas", "limits")
    return {
        "data": {name: settings["data"][name] for name in names},
        "recombine": settings["recombine"],
        "habits": settings["habits"],
        "seed": settings["train"]["seed"],
    }


def _check_made(config: Config, data_dir: str | Path | None, notes: list[str]) -> tuple[str, ...]:
    """Return the names of the datasets from which ink was recombined in advance.

    Raises:
        UserError: The config asks for another recombination than the dataset was made with.
    """
    made = open_builder(config.data.dataset, find_data_dir(data_dir)).info.metadata
    wanted, there = recombination_settings(config), with_current_names(made["settings"])
    parts = () if config.recombine == RecombineConfig.none() else ("recombine", "habits")
    before = recombination_settings(Config())  # for settings that did not exist when the dataset was made
    changed = [
        line for part in parts for line in differences({**before[part], **there[part]}, wanted[part], f"{part}.")
    ]
    if changed:
        raise UserError(
            f"{config.data.dataset} was made with other settings; prepare it again, or set "
            "recombine=RecombineConfig.none() in the config:\n  " + "\n  ".join(changed)
        )
    notes.append(f"recombined in advance from {', '.join(made['made_from'])}: nothing is recombined again")
    splits = tuple(f"symbols/{split.split('[')[0]}" for split in there["data"]["symbols"])
    return tuple(name for name in made["made_from"] if not (splits and name.startswith("symbols/"))) + splits


def open_recombination(
    config: Config, vocabulary: Vocabulary, data_dir: str | Path | None, notes: list[str]
) -> Recombination:
    """Gather the material for recombination: the training splits, isolated symbols, and formulas to typeset.

    Args:
        config: The config of the run.
        vocabulary: The vocabulary of the run.
        data_dir: Directory of the prepared datasets; None for the default one.
        notes: Lines about what was read are appended to this list.

    Raises:
        DatasetNotReadyError: A dataset has not been prepared.
        UserError: No ink can be trained on, or a split is for validation only.
    """
    data = config.data
    inks = _read_train(config, vocabulary, data_dir, notes)
    drawings = [open_store("symbols", split, 0, data_dir) for split in data.symbols]
    everything = Limits(strokes=2**31, tokens=2**31)
    symbols = PackedInks([(store, select_packed(store, vocabulary, everything)[0]) for store in drawings], vocabulary)
    lines = training_lines(find_data_dir(data_dir) / data.formulas) if data.formulas else []
    if symbols or lines:
        notes.append(f"recombination also uses {len(symbols)} isolated symbols and {len(lines)} formulas")
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
    """Open the stores of the training splits, then of the isolated symbols. Stores that do not exist are created."""
    data = config.data
    splits = [open_store(data.dataset, split, data.train_inks, data_dir) for split in data.train]
    splits += [open_store("lines", split, data.train_inks, data_dir) for split in data.lines]
    return splits + [open_store("symbols", split, 0, data_dir) for split in data.symbols]


def _with_limits(buckets: tuple[Bucket, ...], limits: Limits) -> tuple[Bucket, ...]:
    """Enlarge the largest shape to the limits, because recombined inks may be larger than those of the sample."""
    return (*buckets[:-1], Bucket(limits.strokes, limits.tokens))


def _describe_buckets(
    buckets: tuple[Bucket, ...], rows: tuple[int, ...], strokes: np.ndarray, tokens: np.ndarray, cost: Cost
) -> str:
    shapes = ", ".join(f"{b.strokes} x {b.tokens}: {count}" for b, count in zip(buckets, rows, strict=True))
    whole = [Bucket(int(strokes.max()), int(tokens.max()))]
    return (
        f"{len(buckets)} shapes (strokes x tokens: rows): {shapes}; padding costs "
        f"{padded_fraction(strokes, tokens, buckets, cost):.1%} "
        f"({padded_fraction(strokes, tokens, whole, cost):.1%} with a single shape)"
    )


def _read_train(config: Config, vocabulary: Vocabulary, data_dir: str | Path | None, notes: list[str]) -> PackedInks:
    """Open the training splits.

    Raises:
        UserError: A split, also of symbols or lines, is for validation only, or no ink can be trained on.
    """
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
    """Open the inks of (dataset, split) pairs that can be trained on; note how many were left out and why."""
    parts = []
    for dataset, split in splits:
        store = open_store(dataset, split, limit, data_dir)
        kept, left_out = select_packed(store, vocabulary, config.data.limits)
        reasons = "".join(f", {number} left out: {reason}" for reason, number in left_out.items())
        notes.append(f"{dataset}/{split}: {len(kept)} inks{reasons}")
        parts.append((store, kept))
    return PackedInks(parts, vocabulary)


def prefetch(source: BatchSource | RecombinedSource, start: int, workers: int = 0) -> Iterator[Batch]:
    """Return an iterator over batches that are made in the background.

    Args:
        source: The batches.
        start: Index of the first batch.
        workers: Number of processes that recombine ink; the batches do not depend on it. With 0 a thread of this
            process recombines a few hundred inks per second: enough for a CPU, far too few for an accelerator.
    """
    if not isinstance(source, RecombinedSource):
        dataset = grain.MapDataset.source(source)[start:]
        return iter(dataset.to_iter_dataset(grain.ReadOptions(num_threads=2, prefetch_buffer_size=16)))
    window, place = divmod(start, source.batches_per_window)
    windows = grain.MapDataset.source(source)[window:]
    ahead = windows.to_iter_dataset(grain.ReadOptions(num_threads=1, prefetch_buffer_size=2))
    if workers:
        flags.FLAGS.mark_as_parsed()  # the processes of grain read their settings from the flags of absl
        ahead = ahead.mp_prefetch(grain.MultiprocessingOptions(num_workers=workers, per_worker_buffer_size=2))
    return islice(chain.from_iterable(ahead), place, None)
