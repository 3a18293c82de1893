"""Reading prepared datasets: `load_examples("crohme", "train", data_dir)`."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, overload

from tegashiki.errors import UserError
from tegashiki.file_names import expand_home, utf8_fault
from tegashiki.ink.example import Example, from_features
from tegashiki.synthesis.embedded import SIZES, Drawn

DATA_DIR_VARIABLE = "TEGASHIKI_DATA_DIR"
COMMANDS = {
    "crohme": "tegashiki prepare crohme --source DIR",
    "mathwriting": "tegashiki prepare mathwriting",
    "symbols": "tegashiki prepare symbols --source DIR",
    "lines": "tegashiki prepare lines --source DIR",
    "people": "tegashiki prepare people",
    "embedded": "tegashiki prepare embedded",
    "ink_folder": "tegashiki prepare ink_folder --source DIR",
    "synthetic": "tegashiki prepare synthetic --config CONFIG --inks N",
}
EMBEDDED = {"embedded": "easy", "embedded/wide": "wide"}  # dataset that needs no preparation -> its dialect


class DatasetNotReadyError(UserError):
    """A dataset or split does not exist. The message names the existing ones and the command that prepares it."""


class DamagedRecordError(UserError):
    """A record of a prepared dataset is damaged or is no ink. The message names the record."""


class UnreadableRecordError(UserError):
    """The system does not allow reading a record. The message names the record and the error of the system."""


# An address in a text or, with one slash, in a Path. One letter would be a drive of Windows.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
# The errors that array_record, TFDS and this module raise for damaged bytes. protobuf has its own errors.
_DAMAGE = (RuntimeError, ValueError, LookupError, ArithmeticError)
# How array_record reports errors of the system.
_SYSTEM = re.compile(r"\b(?:open|read|pread|stat|fstat|lseek|mmap)\(\) failed: ([^;\n]+)")


def _is_damage(error: Exception) -> bool:
    return isinstance(error, _DAMAGE) or type(error).__module__.startswith("google.protobuf")


def _reason(error: Exception) -> str:
    return (next(iter(str(error).splitlines()), "") or type(error).__name__)[:200]


class Examples(Sequence[Example]):
    """The examples of one prepared split, each read from disk on access (about 5,000 per second).

    Attributes:
        folder: The folder of the dataset's files.
    """

    def __init__(self, source: Sequence, structure: bool, folder: Path, name: str = "the dataset"):
        self._source = source
        self._structure = structure
        self.folder = folder
        self._name = name  # for error messages

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
        except Exception as error:
            record = f"{self._name}: record {index} of {len(self)}"
            if refused := _SYSTEM.search(str(error)):
                raise UnreadableRecordError(f"{record} cannot be read: {refused[1]} ({self.folder})") from error
            if not _is_damage(error):
                raise  # for example lack of memory or a bug, which preparing again would not solve
            raise DamagedRecordError(f"{record} is damaged ({_reason(error)}): prepare the dataset again") from error

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self)))

    def count_tokens(self) -> Counter[str]:
        """Return the number of occurrences of each token, without building the inks."""
        rows = (self._read(index, lambda features: features["tokens"].decode()) for index in range(len(self)))
        return Counter(token for row in rows for token in row.split())


def find_data_dir(given: str | Path | None = None) -> Path:
    """Return the data directory: `given`, or $TEGASHIKI_DATA_DIR, or the default of TFDS, ~/tensorflow_datasets.

    Raises:
        DatasetNotReadyError: It is an address such as gs://bucket/data.
    """
    found = given or os.environ.get(DATA_DIR_VARIABLE) or "~/tensorflow_datasets"
    if _ADDRESS.match(str(found)):
        raise DatasetNotReadyError(f"the data directory {found} is an address: give a folder of this machine")
    return expand_home(found)


def check_place(path: Path, option: str = "--data-dir") -> None:
    """Check that array_record, which encodes names in UTF-8, can find a folder.

    Args:
        path: The folder.
        option: The option that names the folder, for the error message.

    Raises:
        DatasetNotReadyError: The name of the folder is not UTF-8, or Python uses another encoding.
    """
    if reason := utf8_fault(path):
        raise DatasetNotReadyError(f"{path}: {reason}, or rename it or use another {option}")


@contextmanager
def naming_damage(place: Path) -> Iterator[None]:
    """Convert errors of TFDS on reading the description of a prepared dataset to DatasetNotReadyError.

    Args:
        place: The directory of the dataset.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not _is_damage(error):
            raise
        raise DatasetNotReadyError(
            f"the description of the dataset in {place} is damaged ({_reason(error)}): remove this folder and prepare "
            "the dataset again"
        ) from error


def load_examples(
    name: str, split: str, data_dir: str | Path | None = None, structure: bool = False
) -> Examples | Drawn:
    """Open a split of a prepared dataset, or of `embedded`, which is generated on the fly if it is not prepared.

    Args:
        name: Name of the dataset, possibly with a variant: `crohme`, `mathwriting`, `embedded`, `ink_folder`,
            `crohme/limit_100`.
        split: Name of the split or a part of it: `train`, `train[:500]`, `train[10%:20%]`. A part may reach beyond the
            end.
        data_dir: The data directory in which it was prepared; None for `find_data_dir()`.
        structure: Whether `Example.ink` has the symbol groups and the MathML tree of the file.

    Raises:
        DatasetNotReadyError: There is no such dataset or split, or the part is empty.
    """
    data_dir = find_data_dir(data_dir)
    if name in EMBEDDED and not _prepared(data_dir / name):
        whole, places = _part(name, split, SIZES)
        return Drawn(whole, places, dialect=EMBEDDED[name])
    builder = open_builder(name, data_dir)
    whole, places = _part(name, split, {key: info.num_examples for key, info in builder.info.splits.items()})
    source = builder.as_data_source(split=f"{whole}[{places.start}:{places.stop}]")
    return Examples(source, structure, Path(builder.data_path), f"{name}/{split} in {data_dir}")


def _part(name: str, split: str, sizes: Mapping[str, int]) -> tuple[str, range]:
    """Return the name of a split and the numbers of the inks of a part of it.

    Raises:
        DatasetNotReadyError: There is no such split, or the part is empty.
    """
    found = re.fullmatch(r"(\w+)(?:\[(-?\d{1,15}%?)?:(-?\d{1,15}%?)?\])?", split)
    if not found or found[1] not in sizes:
        known = ", ".join(sorted(sizes))
        raise DatasetNotReadyError(f"{name} has no split {split[:60]!r}; it has {known}; write a part as train[:500]")
    size = sizes[found[1]]
    places = range(size)[slice(*(_place(text, size) for text in found.groups()[1:]))]
    if not places:
        raise DatasetNotReadyError(f"{name}/{split} is empty: {found[1]} has {size} inks, numbered from 0")
    return found[1], places


def _place(text: str | None, size: int) -> int | None:
    """Convert a bound such as `5`, or `5%` of `size` inks, to the number of an ink."""
    if text is None:
        return None
    return round(int(text[:-1]) * size / 100) if text.endswith("%") else int(text)


def open_builder(name: str, data_dir: Path) -> Any:
    """Return TFDS's builder of a prepared dataset. Its `info` has splits, counts and licence.

    Raises:
        DatasetNotReadyError: The dataset is not prepared, or its description is damaged.
    """
    import tensorflow_datasets as tfds

    versions = _prepared(data_dir / name)
    if not versions:
        command = COMMANDS.get(name.split("/")[0])
        names = sorted({path.parent.relative_to(data_dir).as_posix() for path in _prepared(data_dir, "**/*")})
        solution = "it is not a file either: use another name"
        if command:
            solution = f"prepare it with `{command} --data-dir {data_dir}`"
        raise DatasetNotReadyError(
            f"{name or repr(name)} is not prepared in {data_dir} (prepared: {', '.join(names) or 'nothing'}); "
            f"{solution}, or use another --data-dir"
        )
    check_place(versions[-1])
    with naming_damage(versions[-1]):
        return tfds.builder_from_directory(versions[-1])


def _prepared(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the version directories of finished datasets, oldest version first.

    TFDS calls the directories of unfinished datasets `incomplete...`.
    """
    found = [path for path in folder.glob(pattern) if re.fullmatch(r"\d+\.\d+\.\d+", path.name)]
    finished = [path for path in found if (path / "dataset_info.json").is_file()]
    return sorted(finished, key=lambda path: [int(number) for number in path.name.split(".")])
