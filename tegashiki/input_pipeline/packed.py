"""Stores of encoded inks in flat arrays: a split is encoded once, stored in files beside it and mapped into memory.

Without a store, preprocessing would take most of the start of training, and one Python object per ink would take ten
times the memory of its numbers. The inks of a split lie one after another in a few files. Training reads views of them,
and the kernel caches the parts that are read often. A store does not depend on the vocabulary and the limits of a run.
Its name is a hash of everything it depends on. It is written atomically: several processes may make it at the same
time, and the first one to finish wins.
"""

import hashlib
import io
import json
import math
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from tqdm import tqdm

from tegashiki.datasets.prepared import Examples, load_examples
from tegashiki.ink.example import Example
from tegashiki.ink.preprocess import POINTS_PER_STROKE, RDP_EPSILON, normalize_boxes
from tegashiki.input_pipeline.batching import EncodedInk, Limits, slots_of_strokes
from tegashiki.latex.errors import LatexError
from tegashiki.latex.vocabulary import EOS_ID, Vocabulary
from tegashiki.synthesis.framed_ink import FramedInk

FORMAT = 2  # to be increased when preprocessing, alignment or this file gives other arrays for the same ink
ARRAYS: dict[str, tuple[Any, tuple[int, ...]]] = {  # name -> type and shape of one row
    "points": (np.float32, (POINTS_PER_STROKE, 2)),  # per stroke: points in its own frame
    "boxes": (np.float64, (3,)),  # per stroke: frame in the unit of the ink
    "normal_boxes": (np.float32, (3,)),  # per stroke: frame in median stroke sizes
    "stroke_tokens": (np.int32, ()),  # per stroke: index of the token that it draws, -1 if unknown
    "slots": (np.int8, ()),  # per stroke: slot of that token, -1 if unknown
    "tokens": (np.int32, ()),  # per token: index into the names of the store
    "strokes_end": (np.int64, ()),  # per ink: index after its last stroke
    "tokens_end": (np.int64, ()),  # per ink: index after its last token
    "writers": (np.int32, ()),  # per ink: index into the writers of the store
}


@dataclass(frozen=True, eq=False)
class Packed:
    """The store of the inks of a split; `len()` is their number.

    Attributes:
        arrays: The arrays with the names in `ARRAYS`, each (rows, ...).
        names: The tokens to which the numbers in `tokens` refer.
        writers: The names to which the numbers in `writers` refer.
        folder: Folder of the files; None for a store in memory.
    """

    arrays: dict[str, np.ndarray]
    names: tuple[str, ...]
    writers: tuple[str, ...]
    folder: Path | None = None

    def __len__(self) -> int:
        """Return the number of inks."""
        return len(self.arrays["writers"])

    def __reduce__(self) -> tuple[Any, ...]:
        """Make another process map the files itself instead of pickling the arrays."""
        if self.folder is not None:
            return open_packed, (self.folder,)
        return Packed, (self.arrays, self.names, self.writers)

    def counts(self, name: str) -> np.ndarray:
        """Return the number of "strokes" or "tokens" of each ink, int64 (N,)."""
        return np.diff(self.arrays[f"{name}_end"], prepend=0)

    def rows(self, name: str, index: int) -> slice:
        """Return the rows of ink `index` in the arrays per stroke ("strokes") or per token ("tokens")."""
        ends = self.arrays[f"{name}_end"]
        return slice(int(ends[index - 1]) if index else 0, int(ends[index]))


def open_packed(folder: Path) -> Packed:
    """Map a store that `pack` wrote.

    Raises:
        OSError, ValueError, KeyError: The store is damaged.
    """
    about = json.loads((folder / "about.json").read_text("utf-8"))
    arrays = {}
    for name, (kind, row) in ARRAYS.items():
        shape = (about["rows"][name], *row)
        if (folder / name).stat().st_size != math.prod(shape) * np.dtype(kind).itemsize:
            raise ValueError(f"{folder / name} does not hold {shape[0]} rows")
        # An empty file cannot be mapped. Plain arrays are sliced faster than numpy.memmap.
        mapped = np.memmap(folder / name, kind, "r", shape=shape) if shape[0] else np.zeros(shape, kind)
        arrays[name] = np.asarray(mapped)
    return Packed(arrays, tuple(about["names"]), tuple(about["writers"]), folder)


def pack(examples: Iterable[Example], folder: Path | None = None) -> Packed:
    """Encode examples one by one into a store.

    The folder appears when the store is complete. If another process has created it in the meantime, its store is used.

    Args:
        examples: The examples.
        folder: New folder of the store; None for a store in memory.

    Raises:
        OSError: The folder cannot be written.
    """
    if folder is None:
        return _pack_in_memory(examples)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"unfinished-{folder.name}-", dir=folder.parent))
    try:
        with ExitStack() as stack:
            packer = _Packer({name: stack.enter_context((unfinished / name).open("wb")) for name in ARRAYS})
            packer.add_all(examples)
        about = {"rows": packer.rows, "names": list(packer.names), "writers": list(packer.writers)}
        (unfinished / "about.json").write_text(json.dumps(about), "utf-8")
        unfinished.chmod(0o755)  # mkdtemp makes folders private, but datasets are shared
        try:
            unfinished.rename(folder)
        except OSError:
            if not (folder / "about.json").is_file():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return open_packed(folder)


def _pack_in_memory(examples: Iterable[Example]) -> Packed:
    files = {name: io.BytesIO() for name in ARRAYS}
    packer = _Packer(files)
    packer.add_all(examples)
    arrays = {
        name: np.frombuffer(files[name].getbuffer(), kind).reshape(-1, *row) for name, (kind, row) in ARRAYS.items()
    }
    return Packed(arrays, tuple(packer.names), tuple(packer.writers))


class _Packer:
    """Appends inks to files."""

    def __init__(self, files: dict[str, Any]) -> None:
        self._files = files
        self.rows = dict.fromkeys(files, 0)
        self.names: dict[str, int] = {}
        self.writers: dict[str, int] = {}

    def add_all(self, examples: Iterable[Example]) -> None:
        for example in examples:
            framed = FramedInk.of_example(example)
            normal = normalize_boxes(framed.boxes_S3) if example.framed is None else example.framed.boxes_S3
            try:
                slots = slots_of_strokes(framed.tokens, framed.stroke_tokens)
            except LatexError:  # a label of a test set that cannot be parsed
                slots = np.full(len(framed), -1)
            self._write("points", framed.points_SP2)
            self._write("boxes", framed.boxes_S3)
            self._write("normal_boxes", normal)
            self._write("stroke_tokens", framed.stroke_tokens)
            self._write("slots", slots)
            self._write("tokens", [self.names.setdefault(token, len(self.names)) for token in framed.tokens])
            self._write("strokes_end", [self.rows["stroke_tokens"]])
            self._write("tokens_end", [self.rows["tokens"]])
            self._write("writers", [self.writers.setdefault(framed.writer, len(self.writers))])

    def _write(self, name: str, rows: Any) -> None:
        kind, row = ARRAYS[name]
        array = np.asarray(rows, kind).reshape(-1, *row)
        self._files[name].write(array.tobytes())
        self.rows[name] += len(array)


def store_name(dataset_info: bytes, split: str, count: int) -> str:
    """Return the name of the store of the first `count` inks of a split.

    Args:
        dataset_info: Bytes of the dataset's description.
        split: Name of the split.
        count: Number of inks.
    """
    depends = (FORMAT, POINTS_PER_STROKE, RDP_EPSILON, split, count, hashlib.sha256(dataset_info).hexdigest())
    return f"{split.split('[')[0]}-{hashlib.sha256(repr(depends).encode()).hexdigest()[:12]}"


def open_store(dataset: str, split: str, limit: int = 0, data_dir: str | Path | None = None) -> Packed:
    """Open the store of a split, making it first if it does not exist.

    Stores are in the folder `packed` of a prepared dataset and are removed when the dataset is prepared again. The
    store is in memory if the ink is generated on the fly or if the folder cannot be written.

    Args:
        dataset: Name of the dataset, as for `load_examples`.
        split: Name of the split, as for `load_examples`.
        limit: Number of inks, of which the first are used; 0 uses all.
        data_dir: The data directory; None for the default one.

    Raises:
        DatasetNotReadyError: There is no such dataset or split.
    """
    examples = load_examples(dataset, split, data_dir)
    count = min(limit or len(examples), len(examples))
    if isinstance(examples, Examples):
        info = (examples.folder / "dataset_info.json").read_bytes()
        folder = examples.folder / "packed" / store_name(info, split, count)
        if (folder / "about.json").is_file():
            try:
                return open_packed(folder)
            except (FileNotFoundError, ValueError, KeyError) as error:
                print(f"{folder} is damaged ({error}): making it again", file=sys.stderr)
                shutil.rmtree(folder, ignore_errors=True)
        try:
            return pack(_drawing_progress(examples, count, f"encoding {dataset}/{split} once"), folder)
        except (OSError, ValueError, KeyError) as error:  # ValueError and KeyError: a damaged store of another user
            print(f"{folder} cannot be written ({error}): keeping {dataset}/{split} in memory", file=sys.stderr)
    return pack(examples[index] for index in range(count))


def _drawing_progress(examples: Sequence[Example], count: int, name: str) -> Iterator[Example]:
    hidden = True if count < 2_000 else None  # None hides the bar only if stderr is not a terminal
    for index in tqdm(range(count), desc=name, unit=" inks", dynamic_ncols=True, disable=hidden, leave=False):
        yield examples[index]


class PackedInks(Sequence[EncodedInk]):
    """Selected inks of one or more stores, each built on access."""

    def __init__(self, parts: Sequence[tuple[Packed, np.ndarray]], vocabulary: Vocabulary) -> None:
        """Select inks of stores.

        Args:
            parts: Stores with the numbers of their selected inks, integers (N,).
            vocabulary: Defines the token ids. It must contain the tokens of all selected inks.
        """
        self._parts, self._vocabulary = list(parts), vocabulary
        self._ends = np.cumsum([len(chosen) for _, chosen in parts])
        self._ids = [_ids(store, vocabulary) for store, _ in parts]

    def __len__(self) -> int:
        """Return the number of selected inks."""
        return int(self._ends[-1]) if len(self._ends) else 0

    @overload
    def __getitem__(self, index: int) -> EncodedInk: ...
    @overload
    def __getitem__(self, index: slice) -> list[EncodedInk]: ...
    def __getitem__(self, index: int | slice) -> EncodedInk | list[EncodedInk]:
        """Return one ink or the inks of a slice."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        part, number = self._place(index)
        store = self._parts[part][0]
        strokes, tokens = store.rows("strokes", number), store.rows("tokens", number)
        return EncodedInk(
            points=store.arrays["points"][strokes],
            boxes=store.arrays["normal_boxes"][strokes],
            tokens=np.append(self._ids[part][store.arrays["tokens"][tokens]], np.int32(EOS_ID)),
            stroke_tokens=store.arrays["stroke_tokens"][strokes],
            slots=store.arrays["slots"][strokes].astype(np.int32),
        )

    def framed(self, index: int) -> FramedInk:
        """Return one ink as a framed ink, for recombination."""
        part, number = self._place(index)
        store = self._parts[part][0]
        strokes, tokens = store.rows("strokes", number), store.rows("tokens", number)
        return FramedInk(
            points_SP2=store.arrays["points"][strokes],
            boxes_S3=store.arrays["boxes"][strokes],
            tokens=tuple([store.names[name] for name in store.arrays["tokens"][tokens].tolist()]),
            stroke_tokens=store.arrays["stroke_tokens"][strokes],
            writer=store.writers[store.arrays["writers"][number]],
        )

    def lengths(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of strokes and of target tokens of each ink, two arrays int64 (N,)."""
        nothing = np.zeros(0, np.int64)
        strokes = [store.counts("strokes")[chosen] for store, chosen in self._parts]
        tokens = [store.counts("tokens")[chosen] + 1 for store, chosen in self._parts]
        return np.concatenate([nothing, *strokes]), np.concatenate([nothing, *tokens])

    def _place(self, index: int) -> tuple[int, int]:
        """Return the index of the store of an ink and the number of the ink in this store."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"ink {index} of {len(self)}")
        index = int(index) % len(self)
        part = int(np.searchsorted(self._ends, index, side="right"))
        chosen = self._parts[part][1]
        return part, int(chosen[index - (int(self._ends[part]) - len(chosen))])


class PackedFramedInks(Sequence[FramedInk]):
    """A view of packed inks as framed inks."""

    def __init__(self, inks: PackedInks) -> None:
        """Create a view of packed inks."""
        self._inks = inks

    def __len__(self) -> int:
        """Return the number of inks."""
        return len(self._inks)

    def __getitem__(self, index: int) -> FramedInk:  # type: ignore[override]
        """Return one framed ink."""
        return self._inks.framed(index)


def select_packed(store: Packed, vocabulary: Vocabulary, limits: Limits) -> tuple[np.ndarray, dict[str, int]]:
    """Select the inks that are within the limits and have all their tokens in the vocabulary.

    Returns:
        The numbers of the selected inks, int32 (N,), and the number of inks that were left out for each reason.
    """
    unknown = _ids(store, vocabulary) < 0
    reasons = {
        "too many strokes": store.counts("strokes") > limits.strokes,
        "too many tokens": store.counts("tokens") + 1 > limits.tokens,
        "token outside the vocabulary": _any_of_ink(unknown[store.arrays["tokens"]], store),
    }
    out, left_out = np.zeros(len(store), bool), {}
    for reason, found in reasons.items():  # an ink is counted under its first reason only
        left_out[reason] = int((found & ~out).sum())
        out |= found
    return np.flatnonzero(~out).astype(np.int32), {reason: count for reason, count in left_out.items() if count}


def _any_of_ink(marked: np.ndarray, store: Packed) -> np.ndarray:
    """Return whether each ink has a marked token, bool (N,).

    Args:
        marked: Whether each token of the store is marked, bool (T,).
        store: The store.
    """
    total = np.concatenate([[0], np.cumsum(marked)])
    ends = store.arrays["tokens_end"]
    return total[ends] > total[ends - store.counts("tokens")]


def _ids(store: Packed, vocabulary: Vocabulary) -> np.ndarray:
    """Return the token ids of the names of a store, int32, -1 for names outside the vocabulary."""
    known = [-1 if vocabulary.missing([name]) else vocabulary.encode([name])[0] for name in store.names]
    return np.asarray(known, np.int32)
