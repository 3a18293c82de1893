"""Inks to evaluate with their truths, from files or from a prepared dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.files import INK_READERS, Readers, iterate_inks
from tegashiki.ink.ink import Ink
from tegashiki.ink.labels import label_of, own_label

if TYPE_CHECKING:
    from tegashiki.ink.example import Example


class EvaluationError(UserError, ValueError):
    """An evaluation that cannot be run as requested."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One ink to evaluate.

    Attributes:
        file: Name of the ink.
        ink: The ink. None if it could not be read.
        truth: The correct LaTeX, canonical or not. "" if unknown.
        error: Reason why the ink could not be read. None if it could.
        plain_truth: The label as the data set scores it (MathWriting). "" to use the canonical truth.
        strokes_of_token: For each token of a canonical truth the indices of its strokes. None if unknown.
    """

    file: str
    ink: Ink | None
    truth: str = ""
    error: str | None = None
    plain_truth: str = ""
    strokes_of_token: tuple[tuple[int, ...], ...] | None = None


def ink_samples(
    path: Path,
    labels: dict[str, str] | None = None,
    wanted: Callable[[str], bool] | None = None,
    readers: Readers = INK_READERS,
) -> Iterator[Sample]:
    """Yield the inks of a file, folder or archive with their truths.

    Args:
        path: The file, folder or archive.
        labels: The truths by name, see `read_labels`. None takes the labels in the ink files.
        wanted: Tells by its name whether an ink is wanted; other inks are skipped without being read. None for all.
        readers: The kinds of files that are read, such as `tegashiki.pictures.files.READERS` for ink and pictures.

    Raises:
        EvaluationError: There is no such file or folder.
        InkError: As `iterate_inks`.
    """
    if not path.exists():
        raise EvaluationError(f"no ink {path}: give a file, a folder, a zip or a tar of InkML")
    for name, ink in iterate_inks(path, wanted, readers):
        label = None if labels is None else label_of(labels, name)
        if not isinstance(ink, Ink):
            yield Sample(name, None, label or "", str(ink))
        else:
            plain = "" if label is not None else ink.annotations.get("normalizedLabel", "")
            yield Sample(name, ink, own_label(ink) if label is None else label, plain_truth=plain)


def dataset_samples(dataset: str, split: str, data_dir: Path | None, structure: bool = False) -> Iterator[Sample]:
    """Yield the inks of a split of a prepared dataset. Needs the `train` extra.

    Args:
        dataset: Name of the dataset.
        split: Name of the split, or a part of it such as `train[:500]`.
        data_dir: Where datasets are prepared. None for the default, see `find_data_dir`.
        structure: Also load the symbol groups and the MathML tree of the ink files.

    Raises:
        EvaluationError: The `train` extra is not installed.
    """
    try:
        from tegashiki.datasets.prepared import load_examples

        examples = load_examples(dataset, split, data_dir, structure)
    except ModuleNotFoundError as error:
        raise EvaluationError(
            f"prepared datasets need the training extra (no module {error.name}): "
            "pip install 'tegashiki[train]', or give the ink itself with --inkml"
        ) from error
    for number, example in enumerate(examples):
        yield example_sample(example, example.ink.source or f"{dataset}/{split}/{number}")


def borrowed_shares(dataset: str, data_dir: Path | None) -> dict[str, float]:
    """Return the percent of symbols in each part of a dataset that another person drew; empty if it is not recorded."""
    from tegashiki.datasets.prepared import find_data_dir, open_builder

    return dict((open_builder(dataset, find_data_dir(data_dir)).info.metadata or {}).get("borrowed", {}))


def example_sample(example: Example, name: str) -> Sample:
    """Convert an example of a dataset to a sample. Its tokens are the truth."""
    stroke_tokens = example.stroke_tokens
    strokes = tuple(tuple(np.flatnonzero(stroke_tokens == index).tolist()) for index in range(len(example.tokens)))
    known = strokes if (stroke_tokens >= 0).any() else None
    return Sample(name, example.ink, " ".join(example.tokens), strokes_of_token=known)
