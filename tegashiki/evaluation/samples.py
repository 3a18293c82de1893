"""The inks to judge, with their truths: from files, or from a prepared dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink
from tegashiki.ink.labels import label_of, own_label

if TYPE_CHECKING:
    from tegashiki.ink.example import Example


class EvaluationError(UserError, ValueError):
    """An evaluation that cannot be run as asked."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One ink to judge: `ink` is None where it could not be read, for the reason in `error`."""

    file: str
    ink: Ink | None
    truth: str = ""  # LaTeX, canonical or not; "" where nobody knows
    error: str | None = None
    plain_truth: str = ""  # the label as its data set scores it, MathWriting's; "" for the canonical one
    strokes_of_token: tuple[tuple[int, ...], ...] | None = None  # for each token of a canonical truth; None: unknown


def ink_samples(path: Path, labels: dict[str, str] | None = None) -> Iterator[Sample]:
    """Give the inks of a file, folder or archive with their truths: from `labels` if given, else from the files."""
    if not path.exists():
        raise EvaluationError(f"no ink {path}: give a file, a folder, a zip or a tar of InkML")
    for name, ink in iterate_inks(path):
        label = None if labels is None else label_of(labels, name)
        if not isinstance(ink, Ink):
            yield Sample(name, None, label or "", str(ink))
        else:
            plain = "" if label is not None else ink.annotations.get("normalizedLabel", "")
            yield Sample(name, ink, own_label(ink) if label is None else label, plain_truth=plain)


def dataset_samples(dataset: str, split: str, data_dir: Path | None, structure: bool = False) -> Iterator[Sample]:
    """Give the inks of a prepared dataset's split, with the symbols of their files if `structure`; needs `train`."""
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
    """Return the percent of symbols in each part of a dataset that another person drew; empty where it says nothing."""
    from tegashiki.datasets.prepared import find_data_dir, open_builder

    return dict((open_builder(dataset, find_data_dir(data_dir)).info.metadata or {}).get("borrowed", {}))


def example_sample(example: Example, name: str) -> Sample:
    """Return an example as an ink to judge; its tokens are the truth."""
    stroke_tokens = example.stroke_tokens
    strokes = tuple(tuple(np.flatnonzero(stroke_tokens == index).tolist()) for index in range(len(example.tokens)))
    known = strokes if (stroke_tokens >= 0).any() else None
    return Sample(name, example.ink, " ".join(example.tokens), strokes_of_token=known)
