"""Reading prepared datasets: `load_examples("crohme", "train", data_dir)`."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from tegashiki.datasets.example import Example, from_features
from tegashiki.errors import UserError
from tegashiki.synthesis.embedded import Drawn

DATA_DIR_VARIABLE = "TEGASHIKI_DATA_DIR"
COMMANDS = {
    "crohme": "tegashiki prepare crohme --source DIR",
    "mathwriting": "tegashiki prepare mathwriting",
    "symbols": "tegashiki prepare symbols --source DIR",
    "embedded": "tegashiki prepare embedded",
    "ink_folder": "tegashiki prepare ink_folder --source DIR",
    "synthetic": "tegashiki prepare synthetic --config CONFIG --inks N",
}
EMBEDDED = {"embedded": "easy", "embedded/wide": "wide"}  # what can be drawn without preparing -> its dialect


class DatasetNotReadyError(UserError):
    """A dataset or split was asked for that is not there; the message says what is and how to make it."""


class DamagedRecordError(UserError):
    """A record of a prepared dataset that cannot be read, or is no ink; the message says which."""


class Examples(Sequence[Example]):
    """The examples of one prepared split, read from disk one by one as they are asked for (about 5,000 a second).

    Attributes:
        folder: Where the dataset's files are.
    """

    def __init__(self, source: Sequence, structure: bool, folder: Path, name: str = "the dataset"):
        self._source = source
        self._structure = structure
        self.folder = folder
        self._name = name  # for errors

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
        place = int(index) % len(self)
        return self._read(place, lambda features: from_features(features, self._structure))

    def _read(self, index: int, convert: Callable[[Any], Any]) -> Any:
        try:
            return convert(self._source[index])
        except Exception as error:  # array_record, protobuf and TFDS have one each for a byte that is wrong
            reason = next(iter(str(error).splitlines()), "") or type(error).__name__
            raise DamagedRecordError(
                f"{self._name}: record {index} of {len(self)} is damaged ({reason[:200]}): prepare the dataset again"
            ) from error

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self)))

    def count_tokens(self) -> Counter[str]:
        """Return how often each token occurs, without building the inks."""
        rows = (self._read(index, lambda features: features["tokens"].decode()) for index in range(len(self)))
        return Counter(token for row in rows for token in row.split())


def default_data_dir() -> Path:
    """Return where datasets are kept unless told: $TEGASHIKI_DATA_DIR, else TFDS's own ~/tensorflow_datasets."""
    return Path(os.environ.get(DATA_DIR_VARIABLE) or Path.home() / "tensorflow_datasets")


def load_examples(
    name: str, split: str, data_dir: str | Path | None = None, structure: bool = False
) -> Examples | Drawn:
    """Open a split of a prepared dataset, or of `embedded`, which is drawn on the fly where it is not prepared.

    Args:
        name: `crohme`, `mathwriting`, `embedded`, `ink_folder`, or with a variant: `crohme/limit_100`.
        split: As TFDS writes it: `train`, or a part of one such as `train[:500]`.
        data_dir: Where it was prepared; None for `default_data_dir()`.
        structure: Whether `Example.ink` brings the symbol groups and the MathML tree of the file too.

    Raises:
        DatasetNotReadyError: where there is no such dataset or split.
    """
    data_dir = Path(data_dir) if data_dir is not None else default_data_dir()
    if name in EMBEDDED and not _prepared(data_dir, f"{name}/*"):
        return _drawn(EMBEDDED[name], split)
    builder = open_builder(name, data_dir)
    known = sorted(builder.info.splits)
    if split.split("[")[0] not in known:
        raise DatasetNotReadyError(f"{name} in {data_dir} has no split {split!r}; it has {', '.join(known)}")
    folder = Path(builder.data_path)
    return Examples(builder.as_data_source(split=split), structure, folder, f"{name}/{split} in {data_dir}")


def _drawn(dialect: str, split: str) -> Drawn:
    """Embedded ink of a split or of a part of it such as `train[:500]`."""
    part = re.fullmatch(r"(\w+)(?:\[(\d*):(\d*)\])?", split)
    if not part:
        raise DatasetNotReadyError(f"split {split!r} of embedded ink: write train, or a part of it such as train[:500]")
    start, stop = (int(number) if number else None for number in part.groups()[1:])
    return Drawn(part[1], dialect=dialect)[start:stop]


def open_builder(name: str, data_dir: Path):
    """Return TFDS's builder of a prepared dataset: its `info` has splits, counts and licence."""
    import tensorflow_datasets as tfds

    versions = _prepared(data_dir, f"{name}/*")
    if not versions:
        command = COMMANDS.get(name.split("/")[0], f"tegashiki prepare {name}")
        names = sorted({path.parent.relative_to(data_dir).as_posix() for path in _prepared(data_dir, "**/*")})
        raise DatasetNotReadyError(
            f"{name} is not prepared in {data_dir} (there: {', '.join(names) or 'nothing'}); "
            f"make it with `{command} --data-dir {data_dir}`, or say another --data-dir"
        )
    return tfds.builder_from_directory(versions[-1])


def _prepared(data_dir: Path, pattern: str) -> list[Path]:
    """Version directories of finished sets, oldest version first; TFDS names unfinished ones `incomplete...`."""
    found = [path for path in data_dir.glob(pattern) if re.fullmatch(r"\d+\.\d+\.\d+", path.name)]
    finished = [path for path in found if (path / "dataset_info.json").is_file()]
    return sorted(finished, key=lambda path: [int(number) for number in path.name.split(".")])
