"""The inks to judge, with their truths: from files, or from a prepared dataset."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import read_limited

MAX_LABELS = 64 * 2**20  # bytes of a table of truths: a million of some sixty characters


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


def read_labels(path: Path) -> dict[str, str]:
    """Read a TSV of truths: a file's name without its suffix, a tab, LaTeX. Raises EvaluationError with the line."""
    if not path.is_file():
        raise EvaluationError(f"no labels file {path}")
    labels: dict[str, str] = {}
    try:
        lines = read_limited(path, str(path), MAX_LABELS).decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path} is not UTF-8 text: {error}") from error
    except InkError as error:
        raise EvaluationError(str(error)) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, tab, truth = line.partition("\t")
        if not tab:
            raise EvaluationError(f"{path}:{number}: no tab in {line[:60]!r}: a line is a file name, a tab, LaTeX")
        if labels.get(name, truth) != truth:
            raise EvaluationError(f"{path}:{number}: a second, different truth for {name}")
        labels[name] = truth
    return labels


def ink_samples(path: Path, labels: dict[str, str] | None = None) -> Iterator[Sample]:
    """Give the inks of a file, folder or tar with their truths: from `labels` if given, else from the files."""
    if not path.exists():
        raise EvaluationError(f"no ink {path}: give a file, a folder or a tar of InkML")
    for name, ink in iterate_inks(path):
        label = None if labels is None else labels.get(Path(name).stem, "")
        if not isinstance(ink, Ink):
            yield Sample(name, None, label or "", str(ink))
        else:
            plain = "" if label is not None else ink.annotations.get("normalizedLabel", "")
            yield Sample(name, ink, _truth(ink) if label is None else label, plain_truth=plain)


def _truth(ink: Ink) -> str:
    """Return the truth by which others score it: for MathWriting that is its normalised label."""
    return ink.annotations.get("normalizedLabel") or ink.label


def dataset_samples(dataset: str, split: str, data_dir: Path | None, structure: bool = False) -> Iterator[Sample]:
    """Give the inks of a prepared dataset's split, with the symbols of their files if `structure`; needs `train`."""
    try:
        from tegashiki.datasets.reading import load_examples

        examples = load_examples(dataset, split, data_dir, structure)
    except ModuleNotFoundError as error:
        raise EvaluationError(
            f"prepared datasets need the training extra (no module {error.name}): "
            "pip install 'tegashiki[train]', or give the ink itself with --inkml"
        ) from error
    for number, example in enumerate(examples):
        name = example.ink.source or f"{dataset}/{split}/{number}"
        strokes = tuple(
            tuple(np.flatnonzero(example.stroke_tokens == index).tolist()) for index in range(len(example.tokens))
        )
        known = strokes if (example.stroke_tokens >= 0).any() else None
        yield Sample(name, example.ink, " ".join(example.tokens), strokes_of_token=known)
