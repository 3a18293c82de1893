"""Conversion of examples to arrays and of arrays to padded batches.

`tegashiki/input_pipeline/packed.py` preprocesses every ink once, as a phone does, when training starts for the first
time. In each epoch, a `BatchSource` shuffles the inks of each bucket, cuts them into batches and shuffles the batches.
Batch t is a pure function of (seed, t, process), so resuming needs only the step, and hosts agree without
communication.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np

from tegashiki.errors import UserError
from tegashiki.ink.example import Example, place_strokes
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import POINTS_PER_STROKE, Strokes
from tegashiki.input_pipeline.buckets import Bucket, Cost, assign_buckets, bucket_cost
from tegashiki.latex.normalize import SLOTS, slots
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, PAD_ID, Vocabulary

Batch = dict[str, np.ndarray]


@dataclass(frozen=True)
class EncodedInk:
    """One example as arrays.

    Attributes:
        points: float32 (S, P, 2), the points of the strokes in their own frames.
        boxes: float32 (S, 3), centre x, centre y and size of the frames in median stroke sizes.
        tokens: int32 (L,), token ids with EOS at the end.
        stroke_tokens: int32 (S,), the index of the token that each stroke draws, -1 if unknown.
        slots: int32 (S,), the slot of that token, -1 if unknown.
    """

    points: np.ndarray
    boxes: np.ndarray
    tokens: np.ndarray
    stroke_tokens: np.ndarray
    slots: np.ndarray


@runtime_checkable
class Measured(Protocol):
    """A sequence of inks that knows the lengths of all inks without reading them one by one."""

    def lengths(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of strokes and of target tokens of each ink, two arrays int64 (N,)."""


@dataclass(frozen=True)
class Limits:
    """The maximum lengths of inks and labels for training.

    Attributes:
        strokes: Maximum number of strokes.
        tokens: Maximum number of tokens including the end token.
    """

    strokes: int = 96
    tokens: int = 128


def stroke_sizes(usual: tuple[int, ...], limits: Limits) -> tuple[int, ...]:
    """Return the numbers of strokes to which inks are padded, in ascending order: the usual ones and the limit."""
    return usual if usual[-1] >= limits.strokes else (*usual, limits.strokes)


def decode_example(encoded: EncodedInk, vocabulary: Vocabulary, source: str) -> Example:
    """Return an example with the name `source` that encodes to the same arrays.

    Its ink has P points per stroke at the positions that the model reads, in median stroke sizes.
    """
    framed = Strokes(encoded.points, encoded.boxes)
    tokens = vocabulary.decode(encoded.tokens[:-1].tolist())
    ink = Ink(place_strokes(framed), label=" ".join(tokens), source=source)
    return Example(ink, tokens, encoded.stroke_tokens, framed)


def encode_arrays(
    points_SP2: np.ndarray,
    boxes_S3: np.ndarray,
    tokens: Sequence[str],
    stroke_tokens: np.ndarray,
    vocabulary: Vocabulary,
) -> EncodedInk:
    """Encode preprocessed strokes and their label.

    Args:
        points_SP2: Points of the strokes in their own frames.
        boxes_S3: Frames of the strokes in median stroke sizes.
        tokens: Canonical tokens.
        stroke_tokens: The index of the token that each stroke draws, -1 if unknown.
        vocabulary: Defines the token ids.

    Raises:
        LatexError: The tokens are not canonical.
        VocabularyError: A token is not in the vocabulary.
    """
    return EncodedInk(
        points=points_SP2,
        boxes=boxes_S3,
        tokens=np.asarray([*vocabulary.encode(tokens), EOS_ID], np.int32),
        stroke_tokens=np.asarray(stroke_tokens, np.int32),
        slots=slots_of_strokes(tokens, stroke_tokens),
    )


def slots_of_strokes(tokens: Sequence[str], stroke_tokens: np.ndarray) -> np.ndarray:
    """Return the slot of the token that each stroke draws, int32 (S,), -1 if unknown.

    Raises:
        LatexError: The tokens are not canonical.
    """
    slot_of_token = np.asarray([-1 if slot is None else SLOTS.index(slot) for slot in slots(tokens)], np.int32)
    return np.where(stroke_tokens >= 0, slot_of_token[stroke_tokens], -1).astype(np.int32)


def pad_batch(inks: Sequence[EncodedInk], bucket: Bucket, rows: int) -> Batch:
    """Stack inks into one batch padded to a bucket.

    Args:
        inks: At most `rows` inks.
        bucket: The padded shape, which must hold every ink.
        rows: Number of rows of the batch. Rows without an ink have weight 0.

    Returns:
        points float32 (B, S, P, 2), boxes float32 (B, S, 3), mask bool (B, S), inputs and targets int32 (B, L), weights
        float32 (B, L), stroke_tokens and slots int32 (B, S) with -1 for unknown ones.
    """
    shape_BS, shape_BL = (rows, bucket.strokes), (rows, bucket.tokens)
    batch = {
        "points": np.zeros((*shape_BS, POINTS_PER_STROKE, 2), np.float32),
        "boxes": np.zeros((*shape_BS, 3), np.float32),
        "mask": np.zeros(shape_BS, bool),
        "inputs": np.full(shape_BL, PAD_ID, np.int32),
        "targets": np.full(shape_BL, PAD_ID, np.int32),
        "weights": np.zeros(shape_BL, np.float32),
        "stroke_tokens": np.full(shape_BS, -1, np.int32),
        "slots": np.full(shape_BS, -1, np.int32),
    }
    batch["inputs"][:, 0] = BOS_ID
    for row, ink in enumerate(inks):
        strokes, tokens = len(ink.boxes), len(ink.tokens)
        batch["points"][row, :strokes] = ink.points
        batch["boxes"][row, :strokes] = ink.boxes
        batch["mask"][row, :strokes] = True
        batch["inputs"][row, 1:tokens] = ink.tokens[:-1]
        batch["targets"][row, :tokens] = ink.tokens
        batch["weights"][row, :tokens] = 1.0
        batch["stroke_tokens"][row, :strokes] = ink.stroke_tokens
        batch["slots"][row, :strokes] = ink.slots
    return batch


def lengths(inks: Sequence[EncodedInk]) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of strokes and of target tokens of each ink, two arrays int64 (N,)."""
    if isinstance(inks, Measured):
        return inks.lengths()
    return np.asarray([len(ink.boxes) for ink in inks]), np.asarray([len(ink.tokens) for ink in inks])


def batch_rows(
    buckets: Sequence[Bucket], strokes_N: np.ndarray, tokens_N: np.ndarray, cost: Cost, inks: int, multiple: int
) -> tuple[int, ...]:
    """Choose the number of rows of each bucket's batches, so that all steps cost about the same.

    Args:
        buckets: The buckets.
        strokes_N: Number of strokes of each ink.
        tokens_N: Number of target tokens of each ink.
        cost: FLOPs of a padded ink.
        inks: Average number of inks per step.
        multiple: Every number of rows is a multiple of this one, the number of devices of all processes.

    Returns:
        The number of rows for each bucket.
    """
    costs = np.asarray([bucket_cost(bucket, cost) for bucket in buckets])
    share = np.bincount(assign_buckets(strokes_N, tokens_N, buckets, cost), minlength=len(buckets)) / len(strokes_N)
    budget = inks * float((share * costs).sum())
    return tuple(max(1, round(budget / each / multiple)) * multiple for each in costs)


class BatchSource(Sequence[Batch]):
    """Training batches over many epochs: element t has the rows of this process in batch t."""

    def __init__(
        self,
        inks: Sequence[EncodedInk],
        buckets: Sequence[Bucket],
        rows: Sequence[int],
        cost: Cost,
        seed: int,
        steps: int,
        process: tuple[int, int] = (0, 1),
    ) -> None:
        """Plan the epochs.

        Args:
            inks: The training inks.
            buckets: Padded shapes that together hold every ink.
            rows: Number of rows of each bucket's batches over all processes.
            cost: FLOPs of a padded ink.
            seed: Seed of the shuffling.
            steps: Number of batches, which is the length of this sequence.
            process: Index of this process and number of processes.

        Raises:
            UserError: The rows cannot be divided equally among the processes.
        """
        self._inks, self._buckets, self._rows, self._seed, self._steps = inks, buckets, rows, seed, steps
        self._process, self._processes = process
        if any(count % self._processes for count in rows):
            raise UserError(f"batches of {rows} rows cannot be divided equally among {self._processes} processes")
        assigned = assign_buckets(*lengths(inks), buckets, cost)
        self._members = [np.flatnonzero(assigned == index) for index in range(len(buckets))]
        self._counts = [-(-len(members) // count) for members, count in zip(self._members, rows, strict=True)]
        self._epoch = lru_cache(maxsize=2)(self._plan_epoch)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches that contain every ink once."""
        return sum(self._counts)

    def __len__(self) -> int:
        """Return the number of batches."""
        return self._steps

    def __getitem__(self, index: int) -> Batch:  # type: ignore[override]
        """Return the rows of this process in batch `index`."""
        epoch, place = divmod(index, self.steps_per_epoch)
        bucket, members = self._epoch(epoch)[place]
        share = self._rows[bucket] // self._processes
        mine = members[self._process * share : (self._process + 1) * share]
        return pad_batch([self._inks[i] for i in mine], self._buckets[bucket], share)

    def _plan_epoch(self, epoch: int) -> list[tuple[int, np.ndarray]]:
        """Return the batches of an epoch as (bucket, ink indices).

        The last batch of a bucket is filled up with inks of its first batches.
        """
        rng = np.random.default_rng([self._seed, epoch])
        plan = []
        for bucket, (members, count) in enumerate(zip(self._members, self._counts, strict=True)):
            if count:
                filled = np.resize(rng.permutation(members), count * self._rows[bucket])
                plan += [(bucket, part) for part in np.split(filled, count)]
        return [plan[i] for i in rng.permutation(len(plan))]


def evaluation_batches(
    inks: Sequence[EncodedInk],
    buckets: Sequence[Bucket],
    rows: Sequence[int],
    cost: Cost,
    process: tuple[int, int] = (0, 1),
) -> Iterable[tuple[np.ndarray, Batch]]:
    """Yield batches that contain every ink exactly once.

    With n processes, each of them yields every n-th batch.

    Args:
        inks: The inks.
        buckets: Padded shapes that together hold every ink.
        rows: Number of rows of each bucket's batches.
        cost: FLOPs of a padded ink.
        process: Index of this process and number of processes.

    Yields:
        The indices of the inks and the batch. Rows without an ink have weight 0.
    """
    rank, processes = process
    assigned = assign_buckets(*lengths(inks), buckets, cost)
    members = [np.flatnonzero(assigned == index) for index in range(len(buckets))]
    parts = [
        (index, members[index][start : start + rows[index]])
        for index in range(len(buckets))
        for start in range(0, len(members[index]), rows[index])
    ]
    for index, part in parts[rank::processes]:
        yield part, pad_batch([inks[i] for i in part], buckets[index], rows[index])
