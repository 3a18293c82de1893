"""Encoded inks in flat arrays: a split is encoded once, kept in files beside it, and mapped into memory.

Preprocessing takes most of a start, and a Python object an ink takes ten times the memory of its numbers. So the inks
of a split lie end to end in a few files; what training reads of them are views, and the kernel keeps in memory what is
read often. The store does not depend on a run's vocabulary or limits. It is named by what it does depend on, and
written in one move: several processes may make it at once, and the first one's is used.
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

FORMAT = 2  # raised when preprocessing, alignment or this file give other arrays for the same ink
ARRAYS: dict[str, tuple[Any, tuple[int, ...]]] = {  # name -> type and shape of one row
    "points": (np.float32, (POINTS_PER_STROKE, 2)),  # a row a stroke, in its own frame
    "boxes": (np.float64, (3,)),  # a row a stroke, in the ink's own unit
    "normal_boxes": (np.float32, (3,)),  # a row a stroke, in median stroke sizes
    "stroke_tokens": (np.int32, ()),  # of a stroke: the index of the token that it draws, -1 where unknown
    "slots": (np.int8, ()),  # of a stroke: the slot of that token, -1 where unknown
    "tokens": (np.int32, ()),  # indices into the store's own names
    "strokes_end": (np.int64, ()),  # of an ink: the first stroke behind it
    "tokens_end": (np.int64, ()),
    "writers": (np.int32, ()),  # of an ink: index into the store's writers
}


@dataclass(frozen=True, eq=False)
class Packed:
    """The inks of a split; `len()` is their number.

    Attributes:
      arrays: by the names of `ARRAYS`, each (rows, ...).
      names: what the numbers in `tokens` stand for.
      writers: what the numbers in `writers` stand for.
      folder: where the arrays lie; None for a store in memory.
    """

    arrays: dict[str, np.ndarray]
    names: tuple[str, ...]
    writers: tuple[str, ...]
    folder: Path | None = None

    def __len__(self) -> int:
        """Return the number of inks."""
        return len(self.arrays["writers"])

    def __reduce__(self) -> tuple[Any, ...]:
        """Let another process map the files itself, rather than send it the arrays."""
        if self.folder is not None:
            return open_packed, (self.folder,)
        return Packed, (self.arrays, self.names, self.writers)

    def counts(self, name: str) -> np.ndarray:
        """Return how many "strokes" or "tokens" each ink has, int64 (N,)."""
        return np.diff(self.arrays[f"{name}_end"], prepend=0)

    def rows(self, name: str, index: int) -> slice:
        """Return the rows of ink `index` in the arrays of "strokes" or "tokens"."""
        ends = self.arrays[f"{name}_end"]
        return slice(int(ends[index - 1]) if index else 0, int(ends[index]))


def open_packed(folder: Path) -> Packed:
    """Map a store that `pack` wrote.

    Raises:
      OSError, ValueError, KeyError: the store is damaged.
    """
    about = json.loads((folder / "about.json").read_text("utf-8"))
    arrays = {}
    for name, (kind, row) in ARRAYS.items():
        shape = (about["rows"][name], *row)
        if (folder / name).stat().st_size != math.prod(shape) * np.dtype(kind).itemsize:
            raise ValueError(f"{folder / name} does not hold {shape[0]} rows")
        # A file of no bytes cannot be mapped; and plain arrays are sliced faster than numpy.memmap.
        mapped = np.memmap(folder / name, kind, "r", shape=shape) if shape[0] else np.zeros(shape, kind)
        arrays[name] = np.asarray(mapped)
    return Packed(arrays, tuple(about["names"]), tuple(about["writers"]), folder)


def pack(examples: Iterable[Example], folder: Path | None = None) -> Packed:
    """Encode examples one by one into a store in memory, or into one in a new folder that appears when it is whole.

    Where another process was faster, what it wrote is used.

    Raises:
      OSError: the folder cannot be written.
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
        unfinished.chmod(0o755)  # mkdtemp's is for its owner alone, a dataset is not
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
            except LatexError:  # the label of a test set, kept as it stands
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
    """Return the name of a split's store: of the first `count` inks of a dataset that describes itself so."""
    depends = (FORMAT, POINTS_PER_STROKE, RDP_EPSILON, split, count, hashlib.sha256(dataset_info).hexdigest())
    return f"{split.split('[')[0]}-{hashlib.sha256(repr(depends).encode()).hexdigest()[:12]}"


def open_store(dataset: str, split: str, limit: int = 0, data_dir: str | Path | None = None) -> Packed:
    """Open the store of a split, which is made first where it is not there.

    Stores lie in the directory of the prepared dataset, in `packed`, and go when that is prepared again. Of ink that is
    drawn on the fly, and where that directory cannot be written, the store is in memory.

    Args:
      dataset: as `load_examples` takes it.
      split: as TFDS writes it.
      limit: at most so many inks, the first; 0 is all.
      data_dir: where datasets are prepared; None is the default place.

    Raises:
      DatasetNotReadyError: where there is no such dataset or split.
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
                print(f"{folder} is damaged ({error}): it is made again", file=sys.stderr)
                shutil.rmtree(folder, ignore_errors=True)
        try:
            return pack(_drawing_progress(examples, count, f"encoding {dataset}/{split}, once"), folder)
        except (OSError, ValueError, KeyError) as error:  # or it is damaged, and another user's
            print(f"{folder} cannot be written ({error}): {dataset}/{split} stays in memory", file=sys.stderr)
    return pack(examples[index] for index in range(count))


def _drawing_progress(examples: Sequence[Example], count: int, name: str) -> Iterator[Example]:
    hidden = True if count < 2_000 else None  # a bar that is gone at once says nothing; None: nor one in a log
    for index in tqdm(range(count), desc=name, unit=" inks", dynamic_ncols=True, disable=hidden, leave=False):
        yield examples[index]


class PackedInks(Sequence[EncodedInk]):
    """Chosen inks of one store or several, each built when it is asked for."""

    def __init__(self, parts: Sequence[tuple[Packed, np.ndarray]], vocabulary: Vocabulary) -> None:
        """Take inks from stores.

        Args:
          parts: stores, each with the numbers of the chosen inks, integers (N,).
          vocabulary: token ids; every chosen ink's tokens are in it.
        """
        self._parts, self._vocabulary = list(parts), vocabulary
        self._ends = np.cumsum([len(chosen) for _, chosen in parts])
        self._ids = [_ids(store, vocabulary) for store, _ in parts]

    def __len__(self) -> int:
        """Return the number of chosen inks."""
        return int(self._ends[-1]) if len(self._ends) else 0

    @overload
    def __getitem__(self, index: int) -> EncodedInk: ...
    @overload
    def __getitem__(self, index: slice) -> list[EncodedInk]: ...
    def __getitem__(self, index: int | slice) -> EncodedInk | list[EncodedInk]:
        """Return one ink, or those of a slice."""
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
        """Return one ink as recombination handles it."""
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
        """Return the strokes and the target tokens of each ink, two int64 (N,)."""
        nothing = np.zeros(0, np.int64)
        strokes = [store.counts("strokes")[chosen] for store, chosen in self._parts]
        tokens = [store.counts("tokens")[chosen] + 1 for store, chosen in self._parts]
        return np.concatenate([nothing, *strokes]), np.concatenate([nothing, *tokens])

    def _place(self, index: int) -> tuple[int, int]:
        """The store of an ink and its number there."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"ink {index} of {len(self)}")
        index = int(index) % len(self)
        part = int(np.searchsorted(self._ends, index, side="right"))
        chosen = self._parts[part][1]
        return part, int(chosen[index - (int(self._ends[part]) - len(chosen))])


class PackedFramedInks(Sequence[FramedInk]):
    """The same inks as framed inks."""

    def __init__(self, inks: PackedInks) -> None:
        """Look at inks as framed inks."""
        self._inks = inks

    def __len__(self) -> int:
        """Return the number of inks."""
        return len(self._inks)

    def __getitem__(self, index: int) -> FramedInk:  # type: ignore[override]
        """Return one framed."""
        return self._inks.framed(index)


def select_packed(store: Packed, vocabulary: Vocabulary, limits: Limits) -> tuple[np.ndarray, dict[str, int]]:
    """Choose the inks that can be trained on: within the limits, with all tokens in the vocabulary.

    Returns:
      The numbers of the chosen inks, int32 (N,), and how many were left out, by reason.
    """
    unknown = _ids(store, vocabulary) < 0
    reasons = {
        "too many strokes": store.counts("strokes") > limits.strokes,
        "too many tokens": store.counts("tokens") + 1 > limits.tokens,
        "token outside the vocabulary": _any_of_ink(unknown[store.arrays["tokens"]], store),
    }
    out, left_out = np.zeros(len(store), bool), {}
    for reason, found in reasons.items():  # an ink counts under its first reason
        left_out[reason] = int((found & ~out).sum())
        out |= found
    return np.flatnonzero(~out).astype(np.int32), {reason: count for reason, count in left_out.items() if count}


def _any_of_ink(marked: np.ndarray, store: Packed) -> np.ndarray:
    """Whether one of an ink's tokens is marked, bool (N,)."""
    total = np.concatenate([[0], np.cumsum(marked)])
    ends = store.arrays["tokens_end"]
    return total[ends] > total[ends - store.counts("tokens")]


def _ids(store: Packed, vocabulary: Vocabulary) -> np.ndarray:
    """The vocabulary's ids of the store's names, int32, -1 where it lacks one."""
    known = [-1 if vocabulary.missing([name]) else vocabulary.encode([name])[0] for name in store.names]
    return np.asarray(known, np.int32)
