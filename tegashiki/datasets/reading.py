"""Reading prepared datasets: `load_examples("crohme", "train", data_dir)`."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from tegashiki.datasets.example import Example, from_features
from tegashiki.errors import UserError

DATA_DIR_VARIABLE = "TEGASHIKI_DATA_DIR"
COMMANDS = {
    "crohme": "tegashiki prepare crohme --source DIR",
    "mathwriting": "tegashiki prepare mathwriting",
    "embedded": "tegashiki prepare embedded",
    "ink_folder": "tegashiki prepare ink_folder --source DIR",
}


class DatasetNotReadyError(UserError):
    """A dataset or split was asked for that is not there; the message says what is and how to make it."""


class Examples(Sequence[Example]):
    """The examples of one prepared split, read from disk one by one as they are asked for (about 5,000 a second)."""

    def __init__(self, source: Sequence, structure: bool):
        self._source = source
        self._structure = structure

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> list[Example]: ...
    def __getitem__(self, index: int | slice) -> Example | list[Example]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"example {index} of {len(self)}")
        return from_features(self._source[int(index) % len(self)], self._structure)

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self)))

    def count_tokens(self) -> Counter[str]:
        """Return how often each token occurs, without building the inks."""
        rows = (self._source[index]["tokens"] for index in range(len(self)))
        return Counter(token for row in rows for token in row.decode().split())


def default_data_dir() -> Path:
    """Return where datasets are kept unless told: $TEGASHIKI_DATA_DIR, else TFDS's own ~/tensorflow_datasets."""
    return Path(os.environ.get(DATA_DIR_VARIABLE) or Path.home() / "tensorflow_datasets")


def load_examples(name: str, split: str, data_dir: str | Path | None = None, structure: bool = False) -> Examples:
    """Open a split of a prepared dataset.

    Args:
        name: `crohme`, `mathwriting`, `embedded`, `ink_folder`, or with a variant: `crohme/limit_100`.
        split: As TFDS writes it: `train`, or a part of one such as `train[:500]`.
        data_dir: Where it was prepared; None for `default_data_dir()`.
        structure: Whether `Example.ink` brings the symbol groups and the MathML tree of the file too.

    Raises:
        DatasetNotReadyError: where there is no such dataset or split.
    """
    data_dir = Path(data_dir) if data_dir is not None else default_data_dir()
    builder = open_builder(name, data_dir)
    known = sorted(builder.info.splits)
    if split.split("[")[0] not in known:
        raise DatasetNotReadyError(f"{name} in {data_dir} has no split {split!r}; it has {', '.join(known)}")
    return Examples(builder.as_data_source(split=split), structure)


def open_builder(name: str, data_dir: Path):
    """Return TFDS's builder of a prepared dataset: its `info` has splits, counts and licence."""
    import tensorflow_datasets as tfds

    versions = sorted(path.parent for path in (data_dir / name).glob("*.*.*/dataset_info.json"))
    if not versions:
        command = COMMANDS.get(name.split("/")[0], f"tegashiki prepare {name}")
        variants = sorted(
            str(path.parents[1].relative_to(data_dir)) for path in data_dir.glob("*/**/dataset_info.json")
        )
        raise DatasetNotReadyError(
            f"{name} is not prepared in {data_dir} (there: {', '.join(variants) or 'nothing'}); "
            f"make it with `{command} --data-dir {data_dir}`, or say another --data-dir"
        )
    return tfds.builder_from_directory(versions[-1])
