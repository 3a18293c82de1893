"""Examples to arrays, arrays to padded batches; batch t is a pure function of (seed, t, process).

`tegashiki/input_pipeline/packed.py` preprocesses every ink once, as a phone does, when training first starts. A
`BatchSource` then answers "what is batch t?" by cutting each bucket's inks, shuffled by (seed, epoch), into batches and
shuffling those: resuming needs the step alone, and every host agrees without talking.
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
    """One example as arrays: points (S, P, 2), boxes (S, 3), tokens (L,) with EOS, stroke_tokens and slots (S,)."""

    points: np.ndarray
    boxes: np.ndarray
    tokens: np.ndarray
    stroke_tokens: np.ndarray
    slots: np.ndarray


@runtime_checkable
class Measured(Protocol):
    """Inks that know their lengths without being looked at one by one."""

    def lengths(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the strokes and the target tokens of each ink, two int64 (N,)."""


@dataclass(frozen=True)
class Limits:
    """The longest ink and label that are trained on."""

    strokes: int = 96
    tokens: int = 128  # the end token included


def stroke_sizes(usual: tuple[int, ...], limits: Limits) -> tuple[int, ...]:
    """Return the numbers of strokes to pad inks to, ascending: the usual ones, and one that holds the limit."""
    return usual if usual[-1] >= limits.strokes else (*usual, limits.strokes)


def decode_example(encoded: EncodedInk, vocabulary: Vocabulary, source: str) -> Example:
    """Return an example of that name which encodes to the same arrays.

    Its ink has P points a stroke where the model sees them, in median stroke sizes.
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
      points_SP2: strokes in their own frames.
      boxes_S3: in median stroke sizes.
      tokens: canonical.
      stroke_tokens: the index of the token that each stroke draws, -1 where unknown.
      vocabulary: token ids.

    Raises:
      LatexError: tokens that are not canonical.
      VocabularyError: a token outside the vocabulary.
    """
    return EncodedInk(
        points=points_SP2,
        boxes=boxes_S3,
        tokens=np.asarray([*vocabulary.encode(tokens), EOS_ID], np.int32),
        stroke_tokens=np.asarray(stroke_tokens, np.int32),
        slots=slots_of_strokes(tokens, stroke_tokens),
    )


def slots_of_strokes(tokens: Sequence[str], stroke_tokens: np.ndarray) -> np.ndarray:
    """Return the slot of the token that each stroke draws, int32 (S,), -1 where unknown; LatexError as above."""
    slot_of_token = np.asarray([-1 if slot is None else SLOTS.index(slot) for slot in slots(tokens)], np.int32)
    return np.where(stroke_tokens >= 0, slot_of_token[stroke_tokens], -1).astype(np.int32)


def pad_batch(inks: Sequence[EncodedInk], bucket: Bucket, rows: int) -> Batch:
    """Stack inks into one batch of `rows` rows padded to the bucket; rows beyond the inks weigh nothing.

    Keys: points (B, S, P, 2) float32, boxes (B, S, 3) float32, mask (B, S) bool, inputs and targets (B, L) int32,
    weights (B, L) float32, stroke_tokens and slots (B, S) int32 with -1 where unknown.
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
    """Return the strokes and the target tokens of each ink, two int64 (N,)."""
    if isinstance(inks, Measured):
        return inks.lengths()
    return np.asarray([len(ink.boxes) for ink in inks]), np.asarray([len(ink.tokens) for ink in inks])


def batch_rows(
    buckets: Sequence[Bucket], strokes_N: np.ndarray, tokens_N: np.ndarray, cost: Cost, inks: int, multiple: int
) -> tuple[int, ...]:
    """Rows of each bucket's batches, so that steps cost about the same and `inks` go into one on average.

    Every count is a multiple of `multiple` (the devices of all processes).
    """
    costs = np.asarray([bucket_cost(bucket, cost) for bucket in buckets])
    share = np.bincount(assign_buckets(strokes_N, tokens_N, buckets, cost), minlength=len(buckets)) / len(strokes_N)
    budget = inks * float((share * costs).sum())
    return tuple(max(1, round(budget / each / multiple)) * multiple for each in costs)


class BatchSource(Sequence[Batch]):
    """Endless training batches: element t is batch t, this process's rows of it."""

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
          inks: what to train on.
          buckets: padded shapes that together hold every ink.
          rows: rows of each bucket's batches, over all processes.
          cost: FLOPs of a padded ink.
          seed: of the shuffling.
          steps: how many batches there are (the length of this sequence).
          process: this process's index and how many there are.
        """
        self._inks, self._buckets, self._rows, self._seed, self._steps = inks, buckets, rows, seed, steps
        self._process, self._processes = process
        if any(count % self._processes for count in rows):
            raise UserError(f"batches of {rows} rows do not split over {self._processes} processes")
        assigned = assign_buckets(*lengths(inks), buckets, cost)
        self._members = [np.flatnonzero(assigned == index) for index in range(len(buckets))]
        self._counts = [-(-len(members) // count) for members, count in zip(self._members, rows, strict=True)]
        self._epoch = lru_cache(maxsize=2)(self._plan_epoch)

    @property
    def steps_per_epoch(self) -> int:
        """How many batches show every ink once."""
        return sum(self._counts)

    def __len__(self) -> int:
        """Return the number of batches."""
        return self._steps

    def __getitem__(self, index: int) -> Batch:  # type: ignore[override]
        """Return batch `index`."""
        epoch, place = divmod(index, self.steps_per_epoch)
        bucket, members = self._epoch(epoch)[place]
        share = self._rows[bucket] // self._processes
        mine = members[self._process * share : (self._process + 1) * share]
        return pad_batch([self._inks[i] for i in mine], self._buckets[bucket], share)

    def _plan_epoch(self, epoch: int) -> list[tuple[int, np.ndarray]]:
        """Return the epoch's batches as (bucket, ink indices); a bucket's last batch is filled up from its first."""
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
    """Yield every ink exactly once, as (indices of the inks, batch); the rows beyond the indices weigh nothing.

    Of several processes each pads and yields its own batches, every n-th one; `process` is its index and their number.
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
