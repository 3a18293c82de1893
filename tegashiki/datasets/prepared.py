"""Reading prepared datasets: `load_examples("crohme", "train", data_dir)`."""

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, overload

from tegashiki.errors import UserError
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
EMBEDDED = {"embedded": "easy", "embedded/wide": "wide"}  # what can be drawn without preparing -> its dialect


class DatasetNotReadyError(UserError):
    """A dataset or split was asked for that is not there; the message says what is and how to make it."""


class DamagedRecordError(UserError):
    """A record of a prepared dataset that is not what was written, or is no ink; the message says which."""


class UnreadableRecordError(UserError):
    """A record that the system does not let us read; the message says which, and what the system says."""


# What array_record, TFDS and our own reading raise for bytes that are not what was written; protobuf has its own.
_DAMAGE = (RuntimeError, ValueError, LookupError, ArithmeticError)
_SYSTEM = re.compile(
    r"\b(?:open|read|pread|stat|fstat|lseek|mmap)\(\) failed: ([^;\n]+)"
)  # in the words of array_record


def _is_damage(error: Exception) -> bool:
    return isinstance(error, _DAMAGE) or type(error).__module__.startswith("google.protobuf")


def _reason(error: Exception) -> str:
    return (next(iter(str(error).splitlines()), "") or type(error).__name__)[:200]


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
        except Exception as error:
            record = f"{self._name}: record {index} of {len(self)}"
            if refused := _SYSTEM.search(str(error)):
                raise UnreadableRecordError(f"{record} cannot be read: {refused[1]} ({self.folder})") from error
            if not _is_damage(error):
                raise  # no memory left, say, or a mistake of ours: preparing again would not help
            raise DamagedRecordError(f"{record} is damaged ({_reason(error)}): prepare the dataset again") from error

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self)))

    def count_tokens(self) -> Counter[str]:
        """Return how often each token occurs, without building the inks."""
        rows = (self._read(index, lambda features: features["tokens"].decode()) for index in range(len(self)))
        return Counter(token for row in rows for token in row.split())


def find_data_dir(given: str | Path | None = None) -> Path:
    """Return where datasets are kept: `given`, else $TEGASHIKI_DATA_DIR, else TFDS's own ~/tensorflow_datasets."""
    return expand_home(given or os.environ.get(DATA_DIR_VARIABLE) or "~/tensorflow_datasets")


def check_place(path: Path, option: str = "--data-dir") -> None:
    """Raise DatasetNotReadyError for a folder that array_record would look for elsewhere: it takes names in UTF-8."""
    name = os.fsencode(path)
    try:
        if name.decode() == str(path):
            return
    except UnicodeDecodeError:
        raise DatasetNotReadyError(
            f"{path} has a name that is not UTF-8: rename it, or give another {option}"
        ) from None
    raise DatasetNotReadyError(
        f"{path} has a name that needs UTF-8, which Python does not use here (its file names are "
        f"{sys.getfilesystemencoding()}): set PYTHONUTF8=1, or give another {option}"
    )


@contextmanager
def naming_damage(place: Path) -> Iterator[None]:
    """Raise DatasetNotReadyError where TFDS cannot read what a prepared dataset says of itself."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not _is_damage(error):
            raise
        raise DatasetNotReadyError(
            f"what {place} says of itself is damaged ({_reason(error)}): remove it and prepare the dataset again"
        ) from error


def expand_home(path: str | Path) -> Path:
    """Return a path with the home in place of a `~` at its beginning, which shells leave in `--data-dir=~/data`."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 (Path's own raises where there is no such user)


def load_examples(
    name: str, split: str, data_dir: str | Path | None = None, structure: bool = False
) -> Examples | Drawn:
    """Open a split of a prepared dataset, or of `embedded`, which is drawn on the fly where it is not prepared.

    Args:
        name: `crohme`, `mathwriting`, `embedded`, `ink_folder`, or with a variant: `crohme/limit_100`.
        split: `train`, or a part of it, `train[:500]` or `train[10%:20%]`, which may reach beyond the end.
        data_dir: Where it was prepared; None for `find_data_dir()`.
        structure: Whether `Example.ink` brings the symbol groups and the MathML tree of the file too.

    Raises:
        DatasetNotReadyError: where there is no such dataset or split, or no ink in that part of it.
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
    """Return the split that is meant and the numbers of its inks; DatasetNotReadyError where there are none."""
    found = re.fullmatch(r"(\w+)(?:\[(-?\d{1,15}%?)?:(-?\d{1,15}%?)?\])?", split)
    if not found or found[1] not in sizes:
        known = ", ".join(sorted(sizes))
        raise DatasetNotReadyError(f"{name} has no split {split[:60]!r}; it has {known}; write a part as train[:500]")
    size = sizes[found[1]]
    places = range(size)[slice(*(_place(text, size) for text in found.groups()[1:]))]
    if not places:
        raise DatasetNotReadyError(f"{name}/{split} is empty: {found[1]} has {size} inks, from 0 on")
    return found[1], places


def _place(text: str | None, size: int) -> int | None:
    """Return the bound that `5` or `5%` of `size` inks is."""
    if text is None:
        return None
    return round(int(text[:-1]) * size / 100) if text.endswith("%") else int(text)


def open_builder(name: str, data_dir: Path) -> Any:
    """Return TFDS's builder of a prepared dataset: its `info` has splits, counts and licence."""
    import tensorflow_datasets as tfds

    versions = _prepared(data_dir / name)
    if not versions:
        command = COMMANDS.get(name.split("/")[0])
        names = sorted({path.parent.relative_to(data_dir).as_posix() for path in _prepared(data_dir, "**/*")})
        way_out = (
            f"make it with `{command} --data-dir {data_dir}`" if command else "nor is it a file: give another name"
        )
        raise DatasetNotReadyError(
            f"{name or repr(name)} is not prepared in {data_dir} (there: {', '.join(names) or 'nothing'}); "
            f"{way_out}, or say another --data-dir"
        )
    check_place(versions[-1])
    with naming_damage(versions[-1]):
        return tfds.builder_from_directory(versions[-1])


def _prepared(folder: Path, pattern: str = "*") -> list[Path]:
    """Version directories of finished sets, oldest version first; TFDS names unfinished ones `incomplete...`."""
    found = [path for path in folder.glob(pattern) if re.fullmatch(r"\d+\.\d+\.\d+", path.name)]
    finished = [path for path in found if (path / "dataset_info.json").is_file()]
    return sorted(finished, key=lambda path: [int(number) for number in path.name.split(".")])
